"""Tables of services: read, refused where they cannot be, and made a baseline whose places are in use as observed."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from made_up import six_places
from made_up_baseline import made_up_region

from coregion.calibrate.services import asked_for, catchments, rights, services
from coregion.data.parameters import Parameter
from coregion.data.settings import read_settings
from coregion.data.study_files import study_folder
from coregion.errors import CoregionError, InputMistakes
from coregion.model.services import NoServices
from coregion.public_services import NO_PUBLIC_SERVICES, PublicServices, collect_public_services
from coregion.region import read_region

MINUTES = 12.0 * np.abs(np.arange(6)[:, None] - np.arange(6)) + 20.0


@cache
def bundled():
    folder = study_folder("jingjinji")
    settings = read_settings(folder)
    return settings, read_region(folder, settings)


@pytest.fixture
def folder(tmp_path):
    """The two tables of the bundled study, in another place."""
    for name in ("services.csv", "facilities.csv"):
        shutil.copy(study_folder("jingjinji") / name, tmp_path / name)
    return tmp_path


def mistakes_of(folder: Path):
    settings, region = bundled()
    public, mistakes = collect_public_services(folder, settings, region)
    assert mistakes, "the mistake went unnoticed"
    assert public is NO_PUBLIC_SERVICES
    return mistakes


def planted(file: Path, start: str, column: str, value: str) -> int:
    """Another value in the row that starts so; returns its line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith(start))
    cells = lines[number].split(",")
    cells[lines[0].split(",").index(column)] = value
    file.write_text("\n".join([*lines[:number], ",".join(cells), *lines[number + 1 :]]) + "\n", encoding="utf-8")
    return number + 1


def test_the_bundled_tables_have_no_mistake_and_a_study_without_them_no_services(folder):
    settings, region = bundled()
    public, mistakes = collect_public_services(folder, settings, region)
    assert mistakes == []
    assert public.codes == ("school", "hospital", "vocational", "care")
    assert public.capacity.shape == (4, 199)
    bare = replace(settings, tables=settings.tables.model_copy(update={"services": "", "facilities": ""}))
    assert collect_public_services(folder, bare, region) == (NO_PUBLIC_SERVICES, [])
    half = replace(settings, tables=settings.tables.model_copy(update={"facilities": ""}))
    (mistake,) = collect_public_services(folder, half, region)[1]
    assert "facilities" in mistake.found


def test_beds_below_users(folder):
    line = planted(folder / "facilities.csv", "110101,care", "occupied", "5000")
    (mistake,) = mistakes_of(folder)
    assert (mistake.file, mistake.line, mistake.column) == ("facilities.csv", line, "occupied")
    assert mistake.found == "5000 users"
    assert "places" in mistake.expected


@pytest.mark.parametrize(
    ("file", "start", "column", "value", "found"),
    [
        ("facilities.csv", "110101,school", "occupied", "5", "5"),
        ("facilities.csv", "110101,school", "capacity", "-3", "-3"),
        ("facilities.csv", "110102,school", "region", "110101", "again"),
        ("facilities.csv", "110101,school", "service", "shcool", "unknown code 'shcool'"),
        ("services.csv", "school", "code", "theatre", "unknown code 'theatre'"),
        ("services.csv", "school", "rationed", "1", "'school' rationed"),
        ("services.csv", "school", "rationed", "0.5", "0.5"),
        ("services.csv", "school", "value_under_60", "0.6", "parts that sum to 1.1"),
        ("services.csv", "school", "other_province", "0", "0"),
    ],
)
def test_a_mistake_in_a_cell_is_told_with_its_place(folder, file, start, column, value, found):
    line = planted(folder / file, start, column, value)
    mistakes = mistakes_of(folder)
    here = [m for m in mistakes if m.file == file and found in m.found]
    assert here, mistakes
    assert any(m.line == line for m in here) or column.startswith("value_")


def test_an_unknown_service_is_told_once_and_not_with_every_facility(folder):
    planted(folder / "services.csv", "school", "code", "schools")
    (mistake,) = mistakes_of(folder)
    assert str(mistake).endswith("Did you mean 'school'?")


def test_a_region_without_a_row_is_told(folder):
    file = folder / "facilities.csv"
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("110101,care")]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    (mistake,) = mistakes_of(folder)
    assert "1 pair without a row (care of 110101)" in mistake.found


def place():
    """The six places with the elasticities of services, and tables of a shared and a rationed service."""
    economy = six_places()
    elasticity = {
        name: Parameter(name, value, "", "", "made up", value, value, "fixed", True)
        for name, value in (("service_elasticity_working", 0.06), ("service_elasticity_not_working", 0.1))
    }
    region = made_up_region(economy)
    region = replace(region, parameters=dict(region.parameters) | elasticity)
    people = np.asarray(economy.residents)[:, :5]
    users = np.zeros((2, 2, 5))
    users[0, 0], users[1, 1] = 0.2 * people[0], 0.03 * people[1]
    beds = 0.05 * people[1]
    public = PublicServices(
        codes=("school", "care"),
        names=(("Schools", "学校"), ("Care", "养老")),
        catchment=np.array([30.0, 40.0]),
        same_province=np.array([0.9, 0.8]),
        other_province=np.array([0.6, 0.3]),
        rationed=np.array([False, True]),
        take_up=np.array([0.0, 1.0]),
        staff_per_user=np.array([0.0, 0.35]),
        value=np.array([[1.0, 0.0], [0.0, 1.0]]),
        capacity=np.stack([0.02 * people[0], beds]),
        occupied=np.stack([np.zeros(5), beds * np.array([0.42, 0.45, 0.42, 0.44, 0.43])]),
        users=users,
        file="facilities.csv",
        lines=np.arange(10).reshape(2, 5) + 2,
    )
    return region, public, economy


def test_places_in_use_are_those_of_the_table_by_prefecture():
    """Consistency: one factor on the need of each prefecture fills them."""
    region, public, economy = place()
    leaf = services(region, public, MINUTES, economy)
    none, unchanged = jnp.zeros_like(leaf.users), jnp.ones_like(leaf.users)
    used = np.asarray(leaf.provided(leaf.users, none, unchanged).occupied)[1, :5]
    for members in ([0, 2], [1, 3], [4]):
        assert used[members].sum() == pytest.approx(public.occupied[1, members].sum(), rel=1e-9)
    mean = public.capacity[0].sum() / float(leaf.demand[0, :5].sum())
    assert float(leaf.access[0, 5]) == pytest.approx(mean, rel=1e-12), "outside as many places a user as in the study"
    assert np.asarray(leaf.value).tolist() == [[0.06, 0.0], [0.0, 0.1]]
    assert isinstance(services(region, NO_PUBLIC_SERVICES, MINUTES, economy), NoServices)


def test_catchments_begin_at_home_and_end_at_the_border_of_the_study():
    region, public, _ = place()
    public = replace(public, catchment=np.array([30.0, 60.0]))
    reach = catchments(region, public, MINUTES)
    assert np.all(np.diagonal(reach, axis1=1, axis2=2) == 1)
    assert reach[0, 0].tolist() == [1, 0, 0, 0, 0, 0]
    assert reach[1, 0].tolist() == [1, 0.68, 0.22, 0.22, 0, 0]
    assert reach[1, 5].tolist() == [0, 0, 0, 0, 0, 1]
    asked = asked_for(region, public, reach)
    assert asked.sum(axis=2) == pytest.approx(1)
    assert asked[1, 0, 1] / asked[1, 0, 0] == pytest.approx(0.68 * public.capacity[1, 1] / public.capacity[1, 0])


def test_rights_fall_with_the_borders_of_prefecture_and_province():
    region, public, _ = place()
    right = rights(region, public)
    assert right[:, 0, 0].tolist() == [1, 1]
    assert right[:, 0, 2].tolist() == [1, 1]
    assert right[:, 0, 4].tolist() == [0.9, 0.8]
    assert right[:, 0, 1].tolist() == [0.6, 0.3]
    assert right[:, 5, 0].tolist() == [0.6, 0.3]
    assert right[:, 5, 5].tolist() == [1, 1]


def test_a_facility_nobody_reaches_and_a_place_that_reaches_none_are_mistakes():
    region, public, economy = place()
    nobody = public.users.copy()
    nobody[0, :, 2] = 0
    with pytest.raises(InputMistakes, match=r"facilities\.csv:4, column capacity: found 'school' in a2 outside every"):
        services(region, replace(public, users=nobody), MINUTES, economy)
    closed = public.capacity.copy()
    closed[0, 3] = 0
    with pytest.raises(InputMistakes, match="no 'school' within reach of b2"):
        services(region, replace(public, capacity=closed), MINUTES, economy)


def test_places_that_no_need_can_fill_are_an_error():
    region, public, economy = place()
    full = public.capacity[1].copy()
    with pytest.raises(CoregionError, match="narrow catchment_minutes"):
        services(region, replace(public, occupied=np.stack([np.zeros(5), full])), MINUTES, economy)


@pytest.mark.slow
def test_the_real_region_has_the_published_occupancy_and_rights_move_more_than_beds():
    from real_study import real_study

    study = real_study()
    baseline = study.solve([])
    prefecture = np.array(study.region.prefecture)

    def occupancy(levels, code):
        return float(levels["users_care"][prefecture == code].sum() / levels["capacity_care"][prefecture == code].sum())

    assert occupancy(baseline.levels, "1101") == pytest.approx(0.45, rel=1e-5)
    assert occupancy(baseline.levels, "1310") == pytest.approx(0.40, rel=1e-5)
    hebei = np.array(study.region.province) == "13"
    before = float(baseline.levels["residents"][1, hebei].sum())
    beds, rights_moved = (
        float(study.solve([name]).levels["residents"][1, hebei].sum()) - before
        for name in ("care_beds_around_beijing", "care_benefits_portable")
    )
    assert abs(beds) < 0.1 * rights_moved
    assert rights_moved > 1000
