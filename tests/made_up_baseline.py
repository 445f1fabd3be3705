"""A made-up Baseline for the tests of measures: six regions, a road and a railway between them, two governments."""

from functools import cache
from types import SimpleNamespace
from typing import cast

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from made_up import six_places, unbalanced

from coregion.air import NO_AIR, Air
from coregion.calibrate.baseline import Baseline
from coregion.calibrate.environment import environment
from coregion.calibrate.record import Diagnosis
from coregion.data.parameters import Parameter
from coregion.data.settings import Payer, Settings
from coregion.energy.outcome import NO_POWER, Effect, Power
from coregion.network.record import PURPOSES, LinkClass, Links, Network, great_circle_km
from coregion.network.times import travel_minutes
from coregion.region import Region, Technology

CODES = ("a1", "b1", "a2", "b2", "a3", "x")
PROVINCE = ("A", "B", "A", "B", "A", "x")
SECTORS = ("farms", "factories", "offices")
GROUPS = ("young", "old")
LONGITUDE = np.array([116.0, 116.4, 116.1, 116.6, 115.7, 117.5])
LATITUDE = np.array([39.6, 39.7, 39.9, 40.0, 39.8, 39.2])


def made_up_region(economy) -> Region:
    names = {code: (code.upper(), f"地{code}") for code in (*CODES, *PROVINCE, "A-1", "B-1", "A-2")}
    none = np.full(6, np.nan)
    sectors = np.ones(3)
    return Region(
        code=CODES,
        name_en=tuple(code.upper() for code in CODES),
        name_zh=tuple(f"地{code}" for code in CODES),
        external=np.array([False] * 5 + [True]),
        prefecture=("A-1", "B-1", "A-1", "B-1", "A-2", "x"),
        province=PROVINCE,
        prefecture_name=names,
        province_name=names,
        groups=GROUPS,
        group_name={group: (group, group) for group in GROUPS},
        group_works=(True, False),
        sectors=SECTORS,
        sector_name={sector: (sector, sector) for sector in SECTORS},
        sector_group=("primary", "secondary", "tertiary"),
        longitude=LONGITUDE,
        latitude=LATITUDE,
        area=np.append(np.linspace(200, 600, 5), np.nan),
        residents=np.asarray(economy.residents),
        employed_residents=np.asarray((economy.employment_rate * economy.residents).sum(axis=0)),
        employed_by_sector=np.tile([100.0, 200.0, 300.0], (6, 1)),
        public_employed=np.asarray(economy.public_jobs.sum(axis=0)),
        migrants_same_county=none,
        migrants_same_province=none,
        migrants_other_province=none,
        floor_area_per_person=np.append(np.linspace(30, 50, 5), np.nan),
        prefectures=("A-1", "B-1", "A-2", "x"),
        value_added=np.zeros((4, 3)),
        average_wage=none,
        province_gdp={},
        province_residents={},
        technology=Technology(
            trade_elasticity=np.asarray(economy.elasticities.trade),
            trade_decay=np.array([0.4, 0.3, 0.2]),
            trade_border_wedge=np.array([1.05, 1.1, 1.2]),
            value_added_share=sectors,
            labour_share=sectors,
            floor_space_share=sectors,
            capital_share=sectors,
            value_added_per_worker=sectors,
            inputs=np.zeros((3, 3)),
        ),
        parameters={
            name: Parameter(name, value, "", name, "made up", 0.0, 1.0, "fixed", True)
            for name, value in (
                ("discount_rate", 0.05),
                ("clean_air_value", 0.004),
                ("air_hazard", 0.143),
                ("air_mortality", 0.006),
            )
        },
        payers=(
            Payer(code="A", name_en="A", name_zh="甲", votes=True),
            Payer(code="B", name_en="B", name_zh="乙", votes=True),
        ),
    )


def made_up_network() -> Network:
    """A trunk road round the six regions, a dead end across it, a railway that runs and one that is not open yet."""
    links = [
        *((i, (i + 1) % 6, 0, True, f"road-{i}") for i in range(6)),
        (0, 3, 1, True, "dead-end"),
        (0, 1, 2, True, "railway"),
        (1, 3, 2, True, "railway"),
        (2, 4, 2, False, "planned"),
        (0, 2, 2, False, "planned"),
        (1, 2, 0, False, "motorway"),
    ]
    origin, destination, kind = (np.array([link[i] for link in links]) for i in range(3))
    length = great_circle_km(LONGITUDE[origin], LATITUDE[origin], LONGITUDE[destination], LATITUDE[destination])
    length = 1.3 * length * np.where(kind == 1, 2.0, 1.0)
    ones, zeros = np.ones(len(links)), np.zeros(len(links))
    road = {"mountain_factor": 1.0, "fare": 0.5, "toll": 0.0, "capacity": 1e4, "service": "", "fixed_minutes": np.nan}
    return Network(
        node_code=CODES,
        node_kind=("county",) * 6,
        longitude=LONGITUDE,
        latitude=LATITUDE,
        own_km=np.full(6, 6.0),
        region_count=6,
        classes=(
            LinkClass("trunk", "road", 60.0, 1.3, **road),
            LinkClass("broken", "road", 30.0, 2.0, **road),
            LinkClass("rail", "rail", 150.0, 1.1, **{**road, "service": "trains"}),
        ),
        links=Links(
            origin=origin,
            destination=destination,
            kind=kind,
            length=length,
            mountain=zeros,
            fare=0.5 * length,
            toll=zeros,
            capacity=1e4 * ones,
            is_open=np.array([link[3] for link in links]),
            speed_factor=ones,
            waiting_factor=ones,
            fare_factor=ones,
            line=tuple(link[4] for link in links),
            opened=("",) * len(links),
            payer=("A",) * len(links),
            source=("made up",) * len(links),
        ),
        boarding=(("trains", 8.0),),
        stop_minutes=2.0,
        own_class="trunk",
    )


def made_up_air() -> Air:
    """Two pollutants of three prefectures: each gets half of its PM2.5 from itself and some from the others."""
    rng = np.random.default_rng(3)
    return Air(
        pollutants=("so2", "pm25"),
        areas=("A-1", "B-1", "A-2"),
        sources=(*SECTORS, "households"),
        emissions=rng.uniform(1e3, 1e4, (2, 3, 4)),
        potency=np.array([0.4, 1.0]),
        received=np.array([[0.5, 0.2, 0.1], [0.3, 0.4, 0.1], [0.1, 0.3, 0.3]]),
        concentration=np.array([40.0, 55.0, 44.0, 50.0, 30.0, 0.0]),
        of_area=np.array([42.0, 52.0, 30.0]),
        marginal_cost=rng.uniform(2e4, 6e4, (2, 3, 4)),
        highest=np.array([0.3, 0.8, 0.6, 0.9]) * np.ones((2, 3, 1)),
    )


def made_up_power() -> Power:
    """A line that makes power dearer in the first government's places and cheaper, and cleaner, in the other's."""
    emitted = {("so2", "there"): 1.1, ("so2", "here"): 0.8, ("pm25", "here"): 0.9}
    effect = Effect(price_hat={"there": 1.05, "here": 0.8}, emission_hat=emitted)
    return Power(places={"there": ("A",), "here": ("B",)}, effects={"line": effect})


@cache
def made_up_baseline() -> Baseline:
    """The six places with region, network, minutes and air."""
    economy, network = six_places(), made_up_network()
    region, air = made_up_region(economy), made_up_air()
    economy = eqx.tree_at(lambda e: e.environment, economy, environment(region, air, economy))
    return Baseline(
        region=region,
        network=network,
        minutes={purpose: travel_minutes(network, purpose) for purpose in PURPOSES},
        economy=economy,
        diagnosis=Diagnosis(),
        commuting_power=0.5,
        commuting_decay=0.02,
        trade_decay=np.array([0.4, 0.3, 0.2]),
        carried_by=("trade", "trade", "travel"),
        commuting_border_wedge=0.4,
        air=air,
        power=made_up_power(),
    )


def unsolved_baseline(region: Region, network: Network, air: Air = NO_AIR, power: Power = NO_POWER) -> Baseline:
    """A baseline of any real region's size with random shares and many jobs: enough to ask what measures do."""
    count = len(region.code)
    economy = unbalanced(regions=count, sectors=len(region.sectors), groups=len(region.groups))
    borne = np.stack([region.payer_regions(payer) for payer in region.payers]).astype(float)
    economy = eqx.tree_at(
        lambda e: (e.public_jobs, e.payer_share, e.sales),
        economy,
        (jnp.asarray(1e4 * borne), jnp.asarray(borne / borne.sum(axis=1, keepdims=True)), 10 * economy.sales),
    )
    economy = eqx.tree_at(lambda e: e.environment, economy, environment(region, air, economy))
    return Baseline(
        region=region,
        network=network,
        minutes={purpose: travel_minutes(network, purpose) for purpose in ("commuting", "trade")},
        economy=economy,
        diagnosis=Diagnosis(),
        commuting_power=0.0,
        commuting_decay=0.05,
        trade_decay=region.technology.trade_decay,
        carried_by=("trade",) * len(region.sectors),
        commuting_border_wedge=0.2,
        air=air,
        power=power,
    )


def made_up_settings() -> Settings:
    """As much of Settings as the reader of measures asks for."""
    return cast(Settings, SimpleNamespace(tables=SimpleNamespace(measures="measures.toml"), pillars=(), documents=()))
