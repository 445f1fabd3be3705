"""The command: what it prints, how fast it starts, and what it does not load to do so."""

import json
import subprocess
import sys
import time
from importlib import metadata

import pytest
from typer.testing import CliRunner

from coregion import cli
from coregion.variables import REGISTER

HEAVY = ("altair", "jax", "pandas", "pyarrow", "scipy", "shapely")


def answer(*arguments):
    return CliRunner().invoke(cli.app, list(arguments))


def printed(*arguments):
    """JSON on stdout, whole."""
    found = answer(*arguments)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def in_a_fresh_process(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout


def test_version_is_that_of_the_installed_package():
    found = answer("--version")
    assert (found.exit_code, found.stdout.strip()) == (0, metadata.version("coregion"))


def test_help_names_every_command():
    found = answer("--help")
    assert found.exit_code == 0
    for name in ("run", "check", "measures", "variables", "verify"):
        assert f" {name} " in found.stdout


def test_unknown_command_is_an_error_of_usage():
    assert answer("solve").exit_code == 2


@pytest.mark.parametrize(
    "code",
    [
        "import coregion",
        "import coregion.cli",
        "from coregion.cli import app; from typer.testing import CliRunner; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0",
        "from coregion.cli import app; from typer.testing import CliRunner; "
        "assert CliRunner().invoke(app, ['variables', '--json']).exit_code == 0",
    ],
    ids=["coregion", "coregion.cli", "--help", "variables"],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code):
    loaded = in_a_fresh_process(f"import sys; {code}; print([n for n in {HEAVY!r} if n in sys.modules])")
    assert loaded.strip() == "[]"


def test_public_names_load_what_they_need():
    found = in_a_fresh_process("import coregion; print(sorted(coregion.__all__), coregion.load_study.__module__)")
    assert "'load_study'" in found
    assert found.split()[-1] == "coregion.study"
    with pytest.raises(subprocess.CalledProcessError):
        in_a_fresh_process("import coregion; coregion.load_studdy")


def test_importing_takes_less_than_a_second():
    """The best of three, for the machine may be busy; the interpreter's own start is part of it."""

    def seconds():
        begun = time.perf_counter()
        in_a_fresh_process("import coregion")
        return time.perf_counter() - begun

    assert min(seconds() for _ in range(3)) < 1


def test_check_of_the_bundled_study():
    assert printed("check", "jingjinji", "--json") == {"valid": True, "mistakes": []}
    found = answer("check", "jingjinji")
    assert found.exit_code == 0
    assert "199 regions, 29 external, 8 sectors" in found.stdout
    assert "No mistakes." in found.stdout


def test_measures_in_json():
    rows = printed("measures", "jingjinji", "--json")
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names)) > 10
    wanted = {
        "name",
        "kind",
        "pillar",
        "name_en",
        "name_zh",
        "intensity",
        "cost_yuan_a_year",
        "payer",
        "quote",
        "sources",
    }
    for row in rows:
        assert wanted <= set(row)
        assert row["sources"]
        assert row["cost_yuan_a_year"] >= 0
    kinds = {row["kind"] for row in rows}
    assert {"link", "through_road", "relocate", "new_area", "zone", "registration"} <= kinds
    table = answer("measures", "jingjinji")
    assert table.exit_code == 0
    assert all(name[:12] in table.stdout for name in names)


def test_variables_in_json_is_the_register():
    rows = printed("variables", "--json")
    assert [row["name"] for row in rows] == list(REGISTER)
    assert all(row["unit"] and row["meaning"] and row["label_zh"] for row in rows)
    assert {"region"} <= {name for row in rows for name in row["dimensions"]}
    assert all(row["minimum"] is None or abs(row["minimum"]) < float("inf") for row in rows)


def test_variables_as_a_table():
    found = answer("variables")
    assert found.exit_code == 0
    assert "residents" in found.stdout


@pytest.mark.parametrize("how", ["raise KeyboardInterrupt", "os.kill(os.getpid(), signal.SIGTERM); time.sleep(30)"])
def test_an_interrupted_process_ends_at_once(how):
    """Threads that still compile fault while an interpreter is torn down; so it is not. Told to end is interrupted."""
    code = f"""
import atexit, os, signal, time
from coregion import cli

def stopped():
    {how}

atexit.register(lambda: print("torn down"))
cli.app = stopped
cli.main(stopped)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (cli.INTERRUPTED, "")
    assert ended.stderr == "Interrupted; nothing was written.\n"


def test_check_of_no_study_is_json_too(tmp_path):
    found = answer("check", str(tmp_path), "--json")
    assert found.exit_code == 1
    told = json.loads(found.stdout)
    assert told["valid"] is False
    assert "no study.toml" in told["mistakes"][0]["found"]
