"""Urban areas of Germany's 401 counties by the rules of ``coregion.metro``: how many, and who lives in them.

No published figure for counties is at hand; each line tests the rule's own conditions on the areas that it drew, and
names what was drawn.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from coregion.errors import Mistake, raise_together
from coregion.literature import germany
from coregion.literature.check import Check, ReferenceFile, read_text
from coregion.metro import (
    UrbanAreas,
    canadian,
    dense_cities,
    eu_oecd,
    required_self_containment,
    self_containment,
    travel_to_work_areas,
)

PAPER = "Urban areas of Germany"
AREA = ReferenceFile(
    "germany/CountyArea.csv",
    "cb3dc9c7b981f7024d8243f9bd8de40b86dd21686cb1725b074cd9e1d54f3c8e",
    (402, 2),
    germany.TOOLKIT,
    ",",
)
FILES: tuple[ReferenceFile, ...] = (*germany.FILES, AREA)
WORKERS_PER_PERSON = 0.4
"""Employed residents for one inhabitant: turns a density of inhabitants into one of the commuters at hand; assumed."""
SHARE = 0.15


@dataclass(frozen=True)
class Germany:
    """commuters: persons, home by work. square_km: area of each county. city: dense counties, −1 where none."""

    codes: tuple[str, ...]
    commuters: np.ndarray
    square_km: np.ndarray
    city: np.ndarray

    @property
    def employed(self) -> np.ndarray:
        """Employed residents [persons]."""
        return self.commuters.sum(axis=1)


def load(folder: Path | str, density: float = 1500.0, size: float = 50_000.0) -> Germany:
    """Counties, and as cities those of ``density`` inhabitants a km² and ``size`` inhabitants at least.

    Inhabitants are employed residents over ``WORKERS_PER_PERSON``. Raises InputMistakes that names each bad file.
    """
    counties = germany.load(folder)
    table = pd.read_csv(io.StringIO(read_text(Path(folder), AREA)), dtype={"county_id": str})
    codes = tuple(table["county_id"].str.zfill(5))
    same = [Mistake("other counties or another order", f"those of {germany.LABOUR.name}", file=AREA.name)]
    raise_together(same if codes != counties.codes else [])
    square_km = table["Area"].to_numpy(float)
    city = dense_cities(counties.commuters.sum(axis=1) / WORKERS_PER_PERSON, square_km, density, size)
    return Germany(codes, counties.commuters, square_km, city)


def sensitivity(folder: Path | str, densities=(1000.0, 1500.0, 2000.0), shares=(0.10, 0.15, 0.20)) -> pd.DataFrame:
    """Areas and share of employed residents inside by density that makes a city and share that makes a zone."""
    rows = []
    for density in densities:
        data = load(folder, density)
        for share in shares:
            areas = eu_oecd(data.commuters, data.city, share)
            rows.append((density, share, areas.count, areas.share_inside(data.employed)))
    return pd.DataFrame(rows, columns=["density", "share", "areas", "inside"])


def outside_eu_oecd(data: Germany, areas: UrbanAreas) -> int:
    """Counties that break the rule: members of a zone below the share, others at or above it, cities left apart."""
    city = np.where(areas.is_core, areas.area, -1)
    to_city = np.stack([data.commuters[:, city == c].sum(axis=1) for c in range(areas.count)], axis=1)
    share = to_city / data.employed[:, None]
    zone, none = (areas.area >= 0) & ~areas.is_core, areas.area < 0
    broken = (zone & (share[np.arange(len(share)), areas.area] < SHARE)) | (none & (share.max(axis=1) >= SHARE))
    between = np.stack([to_city[city == c].sum(axis=0) / data.employed[city == c].sum() for c in range(areas.count)])
    np.fill_diagonal(between, 0.0)
    return int(broken.sum() + (between >= SHARE).sum())


def outside_britain(data: Germany, areas: UrbanAreas) -> int:
    """Areas with too few workers or too little self-containment, and counties that are in none."""
    employed = np.bincount(areas.area, data.employed)
    kept = self_containment(data.commuters, areas.area)
    return int(((employed < 3_500) | (kept < required_self_containment(employed))).sum() + (areas.area < 0).sum())


def outside_canada(data: Germany, areas: UrbanAreas) -> int:
    """Counties tied to the core of their area in neither direction, and counties outside that are tied to a core."""
    core = np.where(areas.is_core, areas.area, -1)
    broken = 0
    for number in range(areas.count):
        out, back = data.commuters[:, core == number].sum(axis=1), data.commuters[core == number].sum(axis=0)
        tied = ((out >= 0.5 * data.employed) & (out >= 100)) | (
            (back >= 0.25 * data.commuters.sum(axis=0)) & (back >= 100)
        )
        broken += int((~tied & (areas.area == number) & ~areas.is_core).sum() + (tied & (areas.area < 0)).sum())
    return broken


def checks(folder: Path | None = None) -> Iterator[Check]:
    """Each rule once: what it drew, and how many units or areas break its conditions."""
    data = load(Path(folder or "."))
    drawn = (
        (eu_oecd(data.commuters, data.city, SHARE), outside_eu_oecd),
        (canadian(data.commuters, data.city), outside_canada),
        (travel_to_work_areas(data.commuters), outside_britain),
    )
    for areas, broken in drawn:
        share = 100 * areas.share_inside(data.employed)
        told = f"{areas.rule}: {areas.count} areas, {share:.1f} % of employed residents inside; what breaks the rule"
        yield Check(PAPER, told, None, float(broken(data, areas)), 0.0, "units", "property")
