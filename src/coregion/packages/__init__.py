"""Packages of measures and the governments that take them: games, decompositions, transfers."""

from coregion.packages.coalitions import MissingValue, coalition_label, missing_values
from coregion.packages.dividends import harsanyi_dividends, interaction_index, pair_dividends, values_from_dividends
from coregion.packages.path_integral import PathContributions, aumann_shapley
from coregion.packages.sampling import SampledShapley, sampled_shapley
from coregion.packages.sets import DrawnSets, EverySet, drawn_sets, sets_of
from coregion.packages.shapley import Decomposition, decompose, shapley_values
from coregion.packages.sharing import (
    Abatement,
    Sharing,
    SharingTable,
    chander_tulkens,
    nash_bargaining,
    smallest_stable_transfers,
    smallest_transfers,
    transfers,
)
from coregion.packages.stability import Core, Membership, core, core_membership, nucleolus
from coregion.packages.tables import game_of, interactions_frame, package_frame, shapley_frame
from coregion.packages.transfers_inside import RootOptions, TransfersInside, bargained_inside, smallest_inside

__all__ = [
    "Abatement",
    "Core",
    "Decomposition",
    "DrawnSets",
    "EverySet",
    "Membership",
    "MissingValue",
    "PathContributions",
    "RootOptions",
    "SampledShapley",
    "Sharing",
    "SharingTable",
    "TransfersInside",
    "aumann_shapley",
    "bargained_inside",
    "chander_tulkens",
    "coalition_label",
    "core",
    "core_membership",
    "decompose",
    "drawn_sets",
    "game_of",
    "harsanyi_dividends",
    "interaction_index",
    "interactions_frame",
    "missing_values",
    "nash_bargaining",
    "nucleolus",
    "package_frame",
    "pair_dividends",
    "sampled_shapley",
    "sets_of",
    "shapley_frame",
    "shapley_values",
    "smallest_inside",
    "smallest_stable_transfers",
    "smallest_transfers",
    "transfers",
    "values_from_dividends",
]
