"""The pages name every file, key, column and field there is, and their links lead somewhere."""

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from coregion.data import parameters, schemas, settings
from coregion.measures.kinds import kinds
from coregion.model.economy import Elasticities, Shock
from coregion.model.unknowns import Unknowns
from coregion.network import classes, read

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_every_parameter_key_and_column_of_a_study_is_described():
    sector, group = ["<sector>"], ["<group>"]
    columns = [
        *schemas.region_columns(sector, group),
        *schemas.prefecture_columns(),
        *schemas.province_columns(),
        *schemas.external_columns(sector, group),
        *schemas.sector_columns(),
        *read.NODE_COLUMNS,
        *read.LINK_COLUMNS,
    ]
    names = {column.name for column in columns} | set(parameters.ADMISSIBLE)
    for keys in (settings.KNOWN_KEYS, classes.KNOWN_KEYS):
        names |= {name for entry in keys.values() for name in entry}
    text = page("data.md")
    missing = sorted(name for name in names if not re.search(rf"`\[*{name}(`|[\].])", text))
    assert not missing


@pytest.mark.parametrize("record", [Elasticities, Shock, Unknowns])
def test_every_field_of_the_models_records_has_its_symbol(record):
    text = page("notation.md")
    missing = [field.name for field in dataclasses.fields(record) if not re.search(rf"\b{field.name}`", text)]
    assert not missing


def test_every_kind_of_measure_is_described():
    assert [kind for kind in kinds() if f"`{kind}`" not in page("measures.md")] == []


def test_links_between_pages_lead_to_files():
    broken = [
        (file.name, target)
        for file in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)\)", file.read_text(encoding="utf-8"))
        if "://" not in target and not (file.parent / target).exists()
    ]
    assert not broken


def test_the_sites_pages_exist_and_stand_there_once():
    named = re.findall(r": ([\w/]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(named) == len(set(named)) > 10
    assert [name for name in named if not (ROOT / "docs" / name).is_file()] == []


def test_the_readmes_commands_install_extras_that_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"pip install (?:-e )?'\.\[([\w,]+)\]'", readme)
    installed = {name for extras in named for name in extras.split(",")}
    assert installed
    assert installed <= set(project["optional-dependencies"])
