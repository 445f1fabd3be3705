"""The calibrated baseline: what measures act on and what every result is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from coregion.air import NO_AIR, Air
from coregion.calibrate.record import Diagnosis
from coregion.energy.outcome import NO_POWER, Power
from coregion.model.economy import Economy
from coregion.network.record import Network
from coregion.public_services import NO_PUBLIC_SERVICES, PublicServices
from coregion.region import Region

Minutes = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Baseline:
    """A region, its network and the economy that reproduces its observed figures.

    minutes: door to door between regions by purpose ("commuting", "trade", "travel"), each [region, region].
    commuting_power, commuting_decay: exponents of κ^ε = t^power · exp(decay · t) [decay per minute].
    trade_decay: ψ_s of d = (t/t_min)^ψ_s. carried_by: the purpose whose minutes a sector's trade takes.
    commuting_border_wedge: factor b^κ ≤ 1 on commuting weights κ^−ε where a first-level border is crossed.
    air: emissions and costs of abatement that the economy's environment was made from; ``NO_AIR`` where there is none.
    public: what the economy's services were made from; ``NO_PUBLIC_SERVICES`` where there are none.
    power: what projects of the power system change, solved beforehand; ``NO_POWER`` where there is no such system.
    """

    region: Region
    network: Network
    minutes: Minutes
    economy: Economy
    diagnosis: Diagnosis
    commuting_power: float
    commuting_decay: float
    trade_decay: np.ndarray
    carried_by: tuple[str, ...]
    commuting_border_wedge: float = 1.0
    air: Air = NO_AIR
    public: PublicServices = NO_PUBLIC_SERVICES
    power: Power = NO_POWER

    def commuting_cost_hat(self, minutes: Float[Array, "home work"]) -> Float[Array, "home work"]:
        """κ̂_ni = [(t′/t)^power · exp(decay (t′ − t))]^(1/ε) of new commuting minutes; 1 where no minute changes."""
        before = jnp.asarray(self.minutes["commuting"])
        log_hat = self.commuting_power * jnp.log(minutes / before) + self.commuting_decay * (minutes - before)
        return jnp.exp(log_hat / self.economy.elasticities.commuting)

    def trade_cost_hat(self, minutes: Mapping[str, jax.Array]) -> Float[Array, "sector buyer seller"]:
        """τ̂_ni,s = (t′/t)^ψ_s of new minutes by purpose; 1 where no minute changes."""
        return jnp.stack(
            [
                (minutes[purpose] / jnp.asarray(self.minutes[purpose])) ** decay
                for purpose, decay in zip(self.carried_by, self.trade_decay, strict=True)
            ]
        )
