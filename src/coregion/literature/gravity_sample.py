"""Eight countries of the sample data of the package gegravity (Herman 2021; MIT licence), for the year 2006.

Output and spending by country, log distance and three marks of each pair of countries; with the coefficients that its
documentation uses they give τ^(1−σ). Between countries a further coefficient stands for the border.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coregion.errors import InputMistakes, Mistake

CODES = ("AUS", "AUT", "BEL", "BRA", "CAN", "CHE", "CHN", "DEU")
OUTPUT = (305793, 170427, 762280, 552642, 485003, 380556, 3711792, 2007800)
SPENDING = (362227, 174534, 760115, 532990, 494740, 374809, 3207130, 1771970)
LOG_DISTANCE = (
    (7.0733, 9.6498, 9.6951, 9.5533, 9.6377, 9.6876, 9.0032, 9.675),
    (4.7111, 6.7624, 9.1623, 8.86, 6.4187, 8.9802, 6.4055),
    (4.0511, 9.1151, 8.7388, 6.2098, 9.0409, 5.9274),
    (7.1753, 9.0406, 9.103, 9.7536, 9.1439),
    (7.3345, 8.8057, 9.2754, 8.7781),
    (4.7485, 9.0486, 6.2135),
    (7.1023, 9.0069),
    (5.6549,),
)
BORDERING = ("AUT CHE", "AUT DEU", "BEL DEU", "CHE DEU")
AGREEMENT = ("AUT BEL", "AUT CHE", "AUT DEU", "BEL CHE", "BEL DEU", "CHE DEU")
ONE_LANGUAGE = (
    *(f"{code} {code}" for code in CODES),
    *("AUS BRA", "AUS CAN", "AUS CHE", "AUS CHN", "AUT BEL", "AUT BRA", "AUT CHE", "AUT DEU", "BEL BRA"),
    *("BEL CAN", "BEL CHE", "BEL DEU", "BRA CAN", "BRA CHE", "BRA DEU", "CAN CHE", "CHE DEU"),
)
COEFFICIENTS = {"distance": -0.3764, "bordering": 0.8850, "agreement": 0.4823, "language": 0.0392, "border": -3.4224}
CANADA_CHINA = ("CAN CHN",)
CANADA_JAPAN = ("CAN JPN",)
FILE = "gegravity/sample_data_set.dlm"
"""Where the whole sample is looked for, below the reference folder: ``examples/`` of the package's repository."""
DOCUMENTED = {"AUS": -0.007297, "AUT": -0.005345, "BEL": -0.002516, "BRA": -0.005660, "CAN": 0.435377, "JPN": 0.056228}
"""Canada and Japan agree, thirty countries: "GDP change (percent)" as gegravity's documentation prints it."""
GEGRAVITY = {
    "AUS": -0.038056055,
    "AUT": -0.045046375,
    "BEL": -0.019835723,
    "BRA": -0.036359751,
    "CAN": 0.583780732,
    "CHE": -0.031364090,
    "CHN": 0.056830634,
    "DEU": -0.016773601,
}
"""Change of real income, per cent, by gegravity 0.3 (``benchmarks/gravity.py``): gate price over price index."""


@dataclass(frozen=True)
class GravitySample:
    """Countries, output and spending [million dollars], pairs of countries [0 or 1, symmetric], σ − 1 = elasticity."""

    codes: tuple[str, ...]
    output: np.ndarray
    spending: np.ndarray
    log_distance: np.ndarray
    bordering: np.ndarray
    agreement: np.ndarray
    language: np.ndarray
    elasticity: float
    gegravity: dict[str, float]

    def cost_weight(self, agreement: np.ndarray) -> np.ndarray:
        """τ_ni^(1−σ) with the agreements given."""
        c = COEFFICIENTS
        return np.exp(
            c["distance"] * self.log_distance
            + c["bordering"] * self.bordering
            + c["agreement"] * agreement
            + c["language"] * self.language
            + c["border"] * (1 - np.eye(len(self.codes)))
        )

    def cost_hat(self, signed: tuple[str, ...]) -> np.ndarray:
        """τ̂_ni when the pairs in ``signed`` agree too."""
        after = np.maximum(self.agreement, pairs(signed, self.codes))
        return (self.cost_weight(after) / self.cost_weight(self.agreement)) ** (-1 / self.elasticity)


def sample() -> GravitySample:
    """The eight countries, σ = 5."""
    count = len(CODES)
    distance = np.zeros((count, count))
    distance[np.triu_indices(count)] = [value for row in LOG_DISTANCE for value in row]
    distance = np.maximum(distance, distance.T)
    return GravitySample(
        codes=CODES,
        output=np.asarray(OUTPUT, float),
        spending=np.asarray(SPENDING, float),
        log_distance=distance,
        bordering=pairs(BORDERING),
        agreement=pairs(AGREEMENT),
        language=pairs(ONE_LANGUAGE),
        elasticity=4.0,
        gegravity=GEGRAVITY,
    )


def pairs(names: tuple[str, ...], codes: tuple[str, ...] = CODES) -> np.ndarray:
    """A symmetric matrix of marks from names such as ``AUT DEU``."""
    marks = np.zeros((len(codes), len(codes)))
    for name in names:
        one, other = (codes.index(code) for code in name.split())
        marks[one, other] = marks[other, one] = 1
    return marks


def load(path: Path) -> GravitySample:
    """The whole sample, thirty countries, from gegravity's file of one line for each exporter and importer.

    Raises InputMistakes when a column or a pair of countries is missing.
    """
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    wanted = ("exporter", "importer", "Y", "E", "lndist", "contiguity", "pta", "common_language")
    missing = [name for name in wanted if not rows or name not in rows[0]]
    codes = tuple(sorted({row["importer"] for row in rows})) if not missing else ()
    if missing or len({(row["importer"], row["exporter"]) for row in rows}) != len(codes) ** 2:
        found = f"no column {', '.join(missing)}" if missing else f"{len(rows)} lines of {len(codes)} countries"
        raise InputMistakes([Mistake(found, "one line for each pair of countries", file=path.name)])
    table = {(row["importer"], row["exporter"]): row for row in rows}

    def square(name: str) -> np.ndarray:
        return np.array([[float(table[n, i][name]) for i in codes] for n in codes])

    return GravitySample(
        codes=codes,
        output=np.array([float(table[code, code]["Y"]) for code in codes]),
        spending=np.array([float(table[code, code]["E"]) for code in codes]),
        log_distance=square("lndist"),
        bordering=square("contiguity"),
        agreement=square("pta"),
        language=square("common_language"),
        elasticity=4.0,
        gegravity=DOCUMENTED,
    )
