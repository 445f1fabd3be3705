"""A made-up study of six places behind the server, with a folder of its own on disk."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from made_up_baseline import made_up_baseline
from made_up_measures import entry

from coregion.data.settings import Boundaries, read_settings
from coregion.data.study_files import study_folder
from coregion.measures.kinds import kinds
from coregion.server.app import create_app
from coregion.server.guard import Access
from coregion.server.limits import Limits
from coregion.server.served import Served, served
from coregion.study import Study

KINDS = ("link", "through_road", "relocate", "new_area", "dock")
GENEROUS = Limits(requests_a_second=1e6, burst=10**6)


def made_up_study(folder: Path) -> Study:
    """Six places, two governments and five measures, calibrated already; its files are one text to be changed."""
    (folder / "study.toml").write_text("name = 'made up'\n")
    baseline = made_up_baseline()
    cities = {code: (f"City {code}", f"市{code}") for code in baseline.region.prefectures}
    region = replace(baseline.region, prefecture_name={**baseline.region.prefecture_name, **cities})
    baseline = replace(baseline, region=region)
    settings = replace(
        read_settings(study_folder("jingjinji")),
        folder=folder,
        name="made_up",
        boundaries=Boundaries(),
        pillars=(),
        documents=(),
        assumptions=(),
        places={},
    )
    entries = [tomllib.loads(entry(kind))["measures"][0] for kind in KINDS]
    measures = tuple(kinds()[one["kind"]].model_validate(one) for one in entries)
    study = Study(folder, settings, region, baseline.network, measures)
    study.__dict__["_calibrated"] = baseline
    return study


@cache
def made_up_served(folder: Path) -> Served:
    """The study made ready."""
    return served(made_up_study(folder))


def made_up_app(folder: Path, limits: Limits = GENEROUS, access: Access | None = None) -> FastAPI:
    """The application over it."""
    return create_app(made_up_served(folder), limits, access or Access())
