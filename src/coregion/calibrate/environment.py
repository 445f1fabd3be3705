"""The environment of the baseline: emissions of areas go to their regions, receptors answer by the study's matrix."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from coregion.air import Air
from coregion.errors import CoregionError
from coregion.model.economy import Economy
from coregion.model.environment import Environment, NoPollution, PollutionByReceptor
from coregion.region import Region


def environment(region: Region, air: Air, economy: Economy) -> Environment:
    """The leaf of the model from the tables of the air; ``NoPollution`` where the study has none.

    An area's emissions of a sector go to its regions in proportion to sales, those of homes to residents.
    response_rjp = contribution_rjp / E_jp: PM2.5 is linear in emissions. Raises CoregionError for emissions of a
    sector in an area where nothing of it is made.
    """
    if not air.pollutants:
        return NoPollution()
    member = np.array([[area == code for code in region.prefecture] for area in air.areas]) & ~region.external
    residents = np.asarray(economy.residents)
    emitters = np.column_stack([np.asarray(economy.sales), residents.sum(axis=0)])
    total = member @ emitters
    _all_made(air, total)
    part = member[:, :, None] * emitters[None] / np.where(total > 0, total, 1.0)[:, None, :]
    emitted = air.emissions.sum(axis=2)
    per_tonne = np.divide(1.0, emitted, out=np.zeros_like(emitted), where=emitted > 0)
    of_region = air.of_area @ member
    deviation = np.divide(air.concentration, of_region, out=np.zeros_like(of_region), where=of_region > 0)
    value = region.parameters
    return PollutionByReceptor(
        emissions=jnp.asarray(np.einsum("pas,ans->pns", air.emissions, part)),
        area=jnp.asarray(member.astype(float)),
        response=jnp.asarray(air.contribution * per_tonne.T[None]),
        concentration=jnp.asarray(air.concentration),
        deviation=jnp.asarray(deviation),
        residents=jnp.asarray(residents),
        clean_air_value=jnp.asarray(value["clean_air_value"].value),
        hazard=jnp.asarray(value["air_hazard"].value),
        mortality=jnp.asarray(np.where(region.external, 0.0, region.along("air_mortality"))),
        names=air.pollutants,
    )


def _all_made(air: Air, total: np.ndarray) -> None:
    """Refuse emissions of a sector where the baseline makes nothing of it."""
    nowhere = [
        f"{air.areas[area]} {air.sources[source]}"
        for area, source in np.argwhere((air.emissions.sum(axis=0) > 0) & (total <= 0))
    ]
    if nowhere:
        raise CoregionError(
            f"found emissions of {', '.join(nowhere)} where the baseline makes nothing; expected zeros there. "
            "Change the table of emissions."
        )
