"""Figures of the air of Beijing, Tianjin and Hebei about 2020 that no open table gives, each with where it is from."""

# Tonnes a year, 2020. SO2 and NOx: provincial totals of the statistical yearbook (recalled). Primary PM2.5, NH3 and
# VOC: assumed, of the order of the national multi-resolution inventory (recalled).
TOTALS = {
    "so2": {"11": 1_800, "12": 10_200, "13": 162_000},
    "nox": {"11": 86_700, "12": 117_000, "13": 769_500},
    "pm25": {"11": 20_000, "12": 35_000, "13": 260_000},
    "nh3": {"11": 15_000, "12": 35_000, "13": 480_000},
    "voc": {"11": 200_000, "12": 230_000, "13": 1_050_000},
}

NAMES = {
    "so2": ("SO₂", "二氧化硫"),
    "nox": ("NOx", "氮氧化物"),
    "pm25": ("Primary PM2.5", "一次PM2.5"),
    "nh3": ("NH₃", "氨"),
    "voc": ("Volatile organic compounds", "挥发性有机物"),
}

# PM2.5 that a tonne makes, over that of a tonne emitted as PM2.5. Assumed so that the region's tonnes give roughly what
# PM2.5 there consists of (recalled): a third primary, a third from NOx, a tenth each from SO2, NH3 and VOC.
POTENCY = {"so2": 0.45, "nox": 0.25, "pm25": 1.0, "nh3": 0.2, "voc": 0.05}

# Part of the region's emissions by source: assumed after the structure of the national inventory (recalled). The
# remainder of services is spread over the three service sectors other than transport.
SOURCE_SHARES = {
    "so2": {
        "mining_energy": 0.20,
        "manufacturing": 0.53,
        "trade_transport": 0.02,
        "households": 0.23,
        "services": 0.02,
    },
    "nox": {
        "agriculture": 0.03,
        "mining_energy": 0.12,
        "manufacturing": 0.28,
        "construction": 0.06,
        "trade_transport": 0.40,
        "households": 0.09,
        "services": 0.02,
    },
    "pm25": {
        "agriculture": 0.07,
        "mining_energy": 0.06,
        "manufacturing": 0.48,
        "construction": 0.10,
        "trade_transport": 0.06,
        "households": 0.20,
        "services": 0.03,
    },
    "nh3": {"agriculture": 0.82, "manufacturing": 0.05, "trade_transport": 0.03, "households": 0.10},
    "voc": {
        "agriculture": 0.02,
        "mining_energy": 0.03,
        "manufacturing": 0.52,
        "construction": 0.06,
        "trade_transport": 0.15,
        "households": 0.19,
        "services": 0.03,
    },
}

# Crude steel in 2020, million tonnes: totals of Hebei 249.8 and Tianjin 21.7 (recalled), by city assumed.
STEEL = {
    "1201": 21.7,
    "1301": 12.0,
    "1302": 144.0,
    "1303": 9.0,
    "1304": 46.0,
    "1305": 5.0,
    "1306": 2.0,
    "1307": 5.0,
    "1308": 10.0,
    "1309": 14.0,
    "1310": 2.5,
}
STEEL_PART = 0.5  # of manufacturing's emissions that follow steel instead of value added: assumed

# Annual mean PM2.5 of 2020, µg/m³: city bulletins (recalled). Hebei's eleven average 45.0; the province says 44.8.
PM25 = {
    "1101": 38,
    "1201": 48,
    "1301": 58,
    "1302": 49,
    "1303": 34,
    "1304": 57,
    "1305": 53,
    "1306": 51,
    "1307": 23,
    "1308": 27,
    "1309": 47,
    "1310": 44,
    "1311": 52,
}

# Parts of the cities' PM2.5 that the published matrix gives (Wang et al. 2017, CAMx-PSAT, year 2015): least and most.
PUBLISHED_RANGE = {"local": (0.2149, 0.6874), "region": (0.1331, 0.5462), "outside": (0.1332, 0.4502)}

# What comes from outside starts at these points (longitude, latitude) with these emissions over Hebei's. Assumed, of
# the order of the national inventory.
NEIGHBOURS = {
    "Shandong": (116.9, 36.6, 1.3),
    "Henan": (114.3, 35.3, 0.7),
    "Shanxi": (112.6, 37.6, 0.8),
    "Inner Mongolia": (112.5, 41.0, 0.5),
    "Liaoning": (121.3, 41.2, 0.4),
}
WIND_TOWARDS = 35.0  # degrees from north: on polluted days air moves from the south-south-west (recalled)
WIND_STRENGTH = 0.5  # transport along the wind is 1.5 times the mean, against it half of it: assumed

# Yuan a year per tonne at full abatement and the largest share, by source and pollutant: assumed, of the order of
# Chinese engineering estimates (recalled); the more a place has abated already, the dearer the next tonne.
COSTS = {
    ("mining_energy", "so2"): (30_000, 0.6),
    ("mining_energy", "nox"): (45_000, 0.6),
    ("mining_energy", "pm25"): (50_000, 0.6),
    ("manufacturing", "so2"): (25_000, 0.8),
    ("manufacturing", "nox"): (40_000, 0.7),
    ("manufacturing", "pm25"): (40_000, 0.8),
    ("manufacturing", "voc"): (50_000, 0.7),
    ("construction", "pm25"): (40_000, 0.7),
    ("construction", "nox"): (90_000, 0.5),
    ("trade_transport", "nox"): (80_000, 0.6),
    ("trade_transport", "pm25"): (120_000, 0.6),
    ("trade_transport", "voc"): (80_000, 0.6),
    ("agriculture", "nh3"): (25_000, 0.4),
    ("households", "so2"): (40_000, 0.9),
    ("households", "pm25"): (60_000, 0.8),
    ("households", "nox"): (90_000, 0.4),
    ("households", "voc"): (90_000, 0.4),
}
DEARER = {"11": 2.5, "12": 1.5, "13": 1.0}  # cost of a tonne over Hebei's: assumed
