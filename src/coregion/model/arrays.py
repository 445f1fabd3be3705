"""Names of the array shapes that the equations speak of; a shape is a type and the tests check it."""

from jaxtyping import Array, Float, Int

Scalar = Float[Array, ""]
PerRegion = Float[Array, " region"]
PerGroup = Float[Array, " group"]
PerSector = Float[Array, " sector"]
PerPool = Float[Array, " pool"]
PoolOfRegion = Int[Array, " region"]
RegionSector = Float[Array, "region sector"]
GroupRegion = Float[Array, "group region"]
GroupOrigin = Float[Array, "group origin"]
PayerRegion = Float[Array, "payer region"]
RegionInputSector = Float[Array, "region input sector"]
HomeWork = Float[Array, "home work"]
GroupHomeWork = Float[Array, "group home work"]
GroupOriginRegion = Float[Array, "group origin region"]
GroupAnyOriginRegion = Float[Array, "group any_origin region"]
SectorBuyerSeller = Float[Array, "sector buyer seller"]
PollutantRegionSource = Float[Array, "pollutant region source"]
ServiceRegion = Float[Array, "service region"]
ServiceOriginRegion = Float[Array, "service origin region"]
RegionRegion = Float[Array, "region region2"]
