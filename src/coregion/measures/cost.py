"""What a measure costs a year, who pays it, and where the money is spent: money in is money out."""

from __future__ import annotations

from typing import Annotated

import equinox as eqx
import jax
import jax.numpy as jnp
from pydantic import BaseModel, ConfigDict, Field

from coregion.annuity import annuity
from coregion.calibrate.baseline import Baseline
from coregion.errors import InputMistakes, Mistake, nearest
from coregion.measures.places import Places, Refers, inside
from coregion.model.economy import Shock, no_shock
from coregion.region import Region

WAGES = "wages"
"""Spent on public jobs at the place's wage instead of on the goods of a sector."""


class Cost(BaseModel):
    """What intensity 1 costs.

    investment_yuan: spent once, lasts life_years; yearly_yuan: operation and upkeep [yuan a year].
    spent_on: the code of a sector that delivers, or "wages". where: the places in which it is spent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    investment_yuan: float = Field(ge=0, allow_inf_nan=False)
    life_years: float = Field(gt=0, allow_inf_nan=False)
    yearly_yuan: float = Field(ge=0, allow_inf_nan=False)
    spent_on: Annotated[str, Refers("spending")]
    where: Places = Field(min_length=1)


def yearly_cost(cost: Cost, region: Region) -> float:
    """Annuity at the study's discount rate, plus what is spent every year [yuan a year at intensity 1]."""
    rate = region.parameters["discount_rate"].value
    return float(annuity(cost.investment_yuan, cost.life_years, rate) + cost.yearly_yuan)


def payer_row(region: Region, payer: str) -> int:
    """Position of a payer among the study's payers, the first rows of ``public_jobs`` and ``payer_share``."""
    codes = [entry.code for entry in region.payers]
    if payer not in codes:
        raise InputMistakes([Mistake(f"unknown payer '{payer}'", "a payer of study.toml", nearest(payer, codes))])
    return codes.index(payer)


def burden(baseline: Baseline, payer: str) -> jax.Array:
    """[region] part of what a payer pays that the residents of a region bear; sums to 1.

    A payer of study.toml: the baseline's own shares, in proportion to income. Any other jurisdiction: in proportion
    to the expenditure E_n of its regions.
    """
    region, economy = baseline.region, baseline.economy
    if payer in [entry.code for entry in region.payers]:
        return economy.payer_share[payer_row(region, payer)]
    weight = jnp.asarray(inside(region, (payer,))) * economy.expenditure
    return weight / weight.sum()


def where_spent(baseline: Baseline, cost: Cost) -> jax.Array:
    """[region] part of a cost that is spent in each place, in proportion to residents; sums to 1."""
    weight = jnp.asarray(inside(baseline.region, cost.where)) * baseline.economy.residents.sum(axis=0)
    return weight / weight.sum()


def paid(baseline: Baseline, cost: Cost, payer: str, intensity: jax.Array) -> Shock:
    """The money of a measure: a negative transfer from the payer's residents, purchases or wages where it is spent.

    Σ transfers + Σ purchases = 0. Wages enter as public jobs of the payer, cost / w_i persons at the wage of the
    baseline: the model levies what they earn.
    """
    amount = intensity * yearly_cost(cost, baseline.region)
    there = where_spent(baseline, cost)
    neutral = no_shock(baseline.economy)
    if cost.spent_on == WAGES:
        jobs = amount * there / baseline.economy.wage
        row = payer_row(baseline.region, payer)
        return eqx.tree_at(lambda s: s.public_jobs, neutral, neutral.public_jobs.at[row].add(jobs))
    sector = baseline.region.sectors.index(cost.spent_on)
    return eqx.tree_at(
        lambda s: (s.transfers, s.purchases),
        neutral,
        (neutral.transfers - amount * burden(baseline, payer), neutral.purchases.at[:, sector].add(amount * there)),
    )
