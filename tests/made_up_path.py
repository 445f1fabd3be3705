"""Measures that open in different years, and speeds of adjustment, for the made-up region."""

import tomllib

from made_up_measures import entry

from coregion.data.adjustment import AdjustmentEntry
from coregion.measures.kinds import kinds


def measure(kind, opens, **other):
    """One measure of a kind that opens in a year."""
    given = tomllib.loads(entry(kind))["measures"][0]
    return kinds()[kind].model_validate({**given, "opens": opens, **other})


def speed(rate, low=None, high=None):
    """A speed of adjustment, by default without doubt."""
    return AdjustmentEntry(rate=rate, low=low or rate, high=high or rate, source="made up", assumed=True)


MEASURES = (measure("link", 2019), measure("new_area", 2023), measure("dock", 2040))
ADJUSTMENT = {"others": speed(0.3, 0.1, 0.6), "jobs": speed(1.0)}
