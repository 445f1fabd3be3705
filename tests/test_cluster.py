"""Blocks on other processes: the same rows as on one machine, whoever dies; what fails for good says so."""

import os
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion import cluster
from coregion.all_packages import solve_all_packages
from coregion.cli import app, main
from coregion.cluster import TRIES, workers_at
from coregion.errors import CoregionError, MissingPart
from coregion.measures.kinds import kinds
from coregion.packages.job import Job
from coregion.packages.work import THIS_MACHINE, Work, do
from coregion.uncertainty.sample import DrawWork
from coregion.uncertainty.shown import Wanted, ranges_shown

SILENT = lambda *_: None  # noqa: E731


@dataclass(frozen=True)
class Noted(Work):
    """Blocks of one row each, the square of their number. Every beginning is noted in a folder.

    ends: blocks that end the process that begins them. raises: how often a block fails before it is solved.
    """

    folder: Path
    count: int = 6
    seconds: float = 0.0
    ends: tuple[int, ...] = ()
    raises: tuple[tuple[int, int], ...] = ()

    @property
    def sizes(self):
        return (1,) * self.count

    def share(self):
        return None

    def begun(self, number: int) -> list[str]:
        """The processes that began a block."""
        return [file.name.split("-")[1] for file in self.folder.glob(f"{number}-*")]

    def solved(self, number):
        (self.folder / f"{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
        time.sleep(self.seconds)
        if number in self.ends:
            os.kill(os.getpid(), signal.SIGKILL)
        if len(self.begun(number)) <= dict(self.raises).get(number, 0):
            raise CoregionError(f"found trouble in {number}; expected none.")
        return pd.DataFrame({"number": [number], "value": [float(number**2)], "status": ["converged"]})

    def failed(self, number, why):
        return pd.DataFrame({"number": [number], "value": [np.nan], "status": [why]})


@pytest.fixture(scope="module")
def two():
    """Two processes for all tests of this module."""
    with workers_at("local:2") as workers:
        yield workers


@pytest.fixture
def noted(tmp_path):
    (tmp_path / "notes").mkdir()
    return Noted(tmp_path / "notes")


def job(folder: Path) -> Job:
    begun = Job(folder, {"test": 1})
    begun.begin()
    return begun


@pytest.mark.slow
def test_other_processes_give_the_rows_of_this_one(two, noted, tmp_path):
    here = do(job(tmp_path / "here"), noted, THIS_MACHINE, "blocks", SILENT)
    told = []
    there = do(job(tmp_path / "there"), noted, two, "blocks", lambda *what: told.append(what))
    pd.testing.assert_frame_equal(there, here)
    assert told == [("blocks", done, 6) for done in range(7)]
    processes = {process for number in range(6) for process in noted.begun(number)}
    assert str(os.getpid()) in processes
    assert len(processes) > 1


@pytest.mark.slow
def test_a_worker_ended_in_the_middle_takes_nothing_along(two, noted, tmp_path):
    work, ended = replace(noted, seconds=0.5), []

    def in_hands() -> list[tuple[int, str]]:
        there = {int(file.stem) for file in (tmp_path / "out" / "packages.parts").glob("*.parquet")}
        return [(n, work.begun(n)[0]) for n in range(work.count) if n not in there and work.begun(n)]

    def kill(_, done, __):
        """As soon as a block is there, end the process that another one is in the hands of."""
        if done and not ended:
            until = time.monotonic() + 60
            while not in_hands() and time.monotonic() < until:
                time.sleep(0.05)
            ended.extend(in_hands())
            os.kill(int(ended[0][1]), signal.SIGKILL)

    rows = do(job(tmp_path / "out"), work, two, "blocks", kill)
    assert rows["status"].tolist() == ["converged"] * 6
    assert rows["value"].tolist() == [0.0, 1.0, 4.0, 9.0, 16.0, 25.0]
    number, process = ended[0]
    assert len(work.begun(number)) == 2, "the block of the dead is done anew"
    assert work.begun(number).count(process) == 1, "by another process"
    alive = two.client.run(os.getpid).values()
    assert int(process) not in alive


@pytest.mark.slow
def test_a_block_that_raises_three_times_is_a_row_that_says_so(two, noted, tmp_path):
    work = replace(noted, count=4, raises=((1, TRIES), (2, TRIES - 1)))
    rows = do(job(tmp_path / "out"), work, two, "blocks", SILENT)
    assert rows["number"].tolist() == [0, 1, 2, 3]
    assert rows["status"][2] == "converged"
    assert rows["value"].isna().tolist() == [False, True, False, False]
    assert rows["status"][1] == "tried 3 times: found trouble in 1; expected none."
    assert [len(work.begun(number)) for number in (1, 2)] == [TRIES] * 2


@pytest.mark.slow
def test_a_block_that_ends_every_process_ends_a_job_that_has_no_other(two, noted, tmp_path):
    """Alone in hand, so that no other block stands beside it when its process ends."""
    work = replace(noted, count=1, ends=(0,))
    with pytest.raises(CoregionError, match="ended before it was done"):
        do(job(tmp_path / "alone"), work, two, "blocks", SILENT)
    assert len(work.begun(0)) == TRIES


@pytest.mark.slow
def test_where_no_block_can_be_solved_nothing_is_kept(two, noted, tmp_path):
    begun = job(tmp_path / "out")
    with pytest.raises(CoregionError, match="no block that a worker could solve: tried 3 times: found trouble in"):
        do(begun, replace(noted, count=2, raises=((0, 9), (1, 9))), two, "blocks", SILENT)
    assert begun.done() == []


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text("made up")
    there = made_up_baseline()
    names = {code: (code, code) for code in there.region.prefecture}
    there = replace(there, region=replace(there.region, prefecture_name=names))
    kind = kinds()
    found = [tomllib.loads(entry(name))["measures"][0] for name in ("relocate", "cap", "registration", "dock")]
    return SimpleNamespace(
        measures=tuple(kind[one["kind"]].model_validate(one) for one in found),
        baseline=lambda: there,
        folder=folder,
        settings=SimpleNamespace(name="made up"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("steered_from", [16, 200], ids=["steered", "one at a time"])
def test_packages_are_the_same_after_a_death_and_an_interrupt(two, study, tmp_path, monkeypatch, steered_from):
    monkeypatch.setattr("coregion.packages.lattice.STEERED_FROM", steered_from)
    monkeypatch.setattr("coregion.packages.lattice.BLOCK", 3)
    names = [measure.name for measure in study.measures]
    here = solve_all_packages(study, tmp_path / "here", names)

    def stop(stage, done, of):
        if stage == "packages" and 0 < done < of:
            os.kill(next(iter(two.client.run(os.getpid).values())), signal.SIGKILL)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_all_packages(study, tmp_path / "there", names, stop, workers=two)
    assert len(list((tmp_path / "there" / "packages.parts").iterdir())) == 1
    there = solve_all_packages(study, tmp_path / "there", names, workers=two)
    assert there.warnings == ()
    for name in ("packages", "shapley", "interactions"):
        pd.testing.assert_frame_equal(getattr(there, name), getattr(here, name), rtol=1e-12, atol=1e-12)


def test_a_package_that_no_worker_could_solve_is_rows_without_values(study, tmp_path, monkeypatch):
    class Broken(type(THIS_MACHINE)):
        def solved(self, work, wanted):
            for number in wanted:
                yield number, work.failed(number, "why") if number == 2 else work.solved(number)

    monkeypatch.setattr("coregion.packages.lattice.BLOCK", 1)
    names = [measure.name for measure in study.measures[:2]]
    found = solve_all_packages(study, tmp_path / "out", names, workers=Broken())
    rows = found.packages.groupby("package")
    bad = [package for package, mine in rows if mine["value"].isna().all()]
    assert bad == [names[1]]
    assert set(found.packages["status"]) == {"converged", "not solved: why"}
    assert rows.size().nunique() == 1
    assert any(names[1] in warning for warning in found.warnings)
    assert found.shapley["shapley"].isna().all()


@pytest.mark.slow
def test_draws_are_the_same_on_other_processes(two, tmp_path):
    from test_uncertainty import setting

    from coregion.uncertainty.sample import design, solve_rows

    here = setting()
    plan = design(here.study.region, 3, 5)
    one = solve_rows(here, plan, job(tmp_path / "here"), SILENT)
    other = solve_rows(here, plan, job(tmp_path / "there"), SILENT, two)
    assert one[["row", "package", "status"]].equals(other[["row", "package", "status"]])
    assert set(one["status"]) == {"converged"}
    for mine, theirs in zip(one["values"], other["values"], strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=1e-12, atol=1e-12 * np.abs(mine).max())


def test_draws_that_no_worker_could_solve_say_why():
    packages = (SimpleNamespace(name="all"), SimpleNamespace(name="road"))
    work = DrawWork(SimpleNamespace(packages=packages), SimpleNamespace(), (range(2), range(2, 3)))  # type: ignore
    rows = work.failed(0, "why")
    assert rows[["row", "package"]].to_numpy().tolist() == [[0, "all"], [0, "road"], [1, "all"], [1, "road"]]
    assert set(rows["status"]) == {"not solved: why"}
    assert all(len(values) == 0 for values in rows["values"])


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("local:0", r"found --cluster local:0; expected a number of processes"),
        ("local:many", r"found --cluster local:many; expected a number of processes"),
        ("nowhere:8786:1", r"found no scheduler at nowhere:8786:1 .*local:4"),
    ],
)
def test_an_address_that_is_none_is_told(address, message):
    with pytest.raises(CoregionError, match=message), workers_at(address):
        pass


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECTING", 0.5)
    with (
        pytest.raises(CoregionError, match=r"found no scheduler at tcp://127\.0\.0\.1:9"),
        workers_at("tcp://127.0.0.1:9"),
    ):
        pass


def gone(*_, **__):
    raise OSError("connection refused")


def never(*_, **__):
    raise TimeoutError


@pytest.mark.parametrize(
    ("client", "message"),
    [
        ({"nthreads": gone, "status": "closed"}, "found no scheduler any more at tcp://there"),
        ({"nthreads": dict, "status": "connecting"}, "found no worker left at tcp://there"),
    ],
)
def test_a_cluster_that_ends_before_the_job_is_told(monkeypatch, noted, client, message):
    monkeypatch.setattr("distributed.wait", never)
    ending = SimpleNamespace(submit=lambda *_, **__: object(), **client)
    with pytest.raises(CoregionError, match=f"{message}.*What is solved is kept"):
        list(cluster.Cluster(ending, "tcp://there").solved(noted, [0, 1]))


def test_a_worker_of_other_versions_is_told():
    mine = cluster.origin()
    cluster._same(mine, dict(mine), "worker w")
    with pytest.raises(CoregionError, match=rf"found jax 0.1 \(here {mine['jax']}\) on worker w"):
        cluster._same(mine, {**mine, "jax": "0.1"}, "worker w")


def test_bytes_that_did_not_arrive_whole_are_refused(noted):
    sent = cluster.packed(noted)
    assert cluster.opened(sent) == noted
    with pytest.raises(cluster.OtherVersions, match=r"found numpy .* on a worker that came later"):
        cluster.opened(replace(sent, origin=(("numpy", "0.1"),)))
    with pytest.raises(CoregionError, match="found other bytes than were sent"):
        cluster.opened(replace(sent, digest="0", content=sent.content[:-1]))


def test_without_the_extra_the_option_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with workers_at("") as workers:
        assert workers is THIS_MACHINE
    with pytest.raises(MissingPart, match=r"pip install 'coregion\[cluster\]'"), workers_at("local:2"):
        pass


def test_one_machine_never_imports_the_extra():
    code = "import sys, coregion.cli, coregion.main_job, coregion.all_packages, coregion.cluster\n"
    code += (
        "with coregion.cluster.workers_at(''): pass\nprint([m for m in sys.modules if m in ('dask', 'distributed')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_cluster_without_draws_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(lambda: app(["run", "jingjinji", "--cluster", "local:2"]))
    assert "found --cluster without --draws" in capsys.readouterr().err


class Reached(Exception):
    """A stage was reached that the test does not carry out."""


@pytest.fixture
def handed_on(monkeypatch):
    """What the commands hand on, as far as the solving."""
    given = []

    def reached(*details, **named):
        given.extend([*details, *named.values()])
        raise Reached

    monkeypatch.setattr("coregion.cluster.workers_at", nullcontext)
    monkeypatch.setattr("coregion.study.load_study", lambda _: "study")
    monkeypatch.setattr("coregion.main_job.run_study", reached)
    monkeypatch.setattr("coregion.all_packages.solve_all_packages", reached)
    monkeypatch.setattr("coregion.uncertainty.shown.draw_study", reached)
    return given


def test_the_option_reaches_packages(handed_on, tmp_path):
    with pytest.raises(Reached):
        main(lambda: app(["packages", "x", "--cluster", "local:2", "--out", str(tmp_path)]))
    assert "local:2" in handed_on


def test_the_option_reaches_the_draws(handed_on, study, tmp_path):
    with pytest.raises(Reached):
        main(lambda: app(["run", "x", "--draws", "3", "--cluster", "local:2", "--out", str(tmp_path)]))
    (wanted,) = (one for one in handed_on if isinstance(one, Wanted))
    assert (wanted.count, wanted.workers) == (3, "local:2")
    with pytest.raises(Reached):
        ranges_shown(study, study.measures, pd.DataFrame(), wanted, SILENT)
    assert handed_on[-1] == "local:2"
