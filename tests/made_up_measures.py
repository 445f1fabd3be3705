"""One entry of measures.toml for every kind there is, on the made-up baseline."""

COMMON = """
name_en = "A measure"
name_zh = "一项措施"
pillar = "transport"
document = "made up"
quote = "made up"
opens = 2021
payer = "A"
sources = ["made up"]
cost = {{ investment_yuan = 2.0e8, life_years = 30, yearly_yuan = 1.0e7, spent_on = "offices", where = ["{where}"] }}
"""

OWN = {
    "abatement": 'places = ["A-1", "b2"]\nsectors = ["factories"]\npollutants = ["so2", "pm25"]\nshare = 0.4\n'
    'cost_by = "source"',
    "coal_switch": 'places = ["A"]\nshare = 0.8\nfrom_coal = [{ pollutant = "so2", part = 0.9 }, '
    '{ pollutant = "pm25", part = 0.5 }]',
    "emission_cap": 'places = ["B"]\npollutants = ["pm25"]\ncut = 0.2\ncost_by = "source"',
    "link": 'lines = ["planned"]\nadditions = [{ origin = "a2", destination = "b1", class_name = "trunk" }]',
    "transit_service": 'lines = ["railway"]\nspeed_factor = 1.2\nwaiting_factor = 0.5\nfare_factor = 0.8\n'
    "yuan_per_hour = 30",
    "through_road": 'from_class = "broken"\nto_class = "trunk"\nbetween = [["a1", "b2"]]',
    "relocate": 'of = "offices"\norigin = ["a1"]\ndestination = ["b2", "b1"]\njobs = 300\npeople = 200',
    "cap": 'on = "floor_space"\nplaces = ["A-1"]\nlevel = 0.95\nlooser_at_half = 0.01',
    "new_area": 'places = ["a3"]\nfloor_space_m2 = 5.0e5\nproductivity = 1.03\nsectors = ["offices"]\namenity = 1.05',
    "zone": 'members = ["a2", "B"]\ncommuting_share = 0.5\ntrade_share = 0.3\nmigration_cost_fall = 0.1\n'
    "floor_space = 1.02",
    "dock": 'sectors = ["factories"]\none_side = ["A"]\nother_side = ["B"]\ntrade_cost_fall = 0.03',
    "knowledge": 'places = ["a1"]\nsectors = ["offices"]\nresearch_growth = 0.5',
    "gateway": 'at = ["a3"]\nearlier = ["b2"]\nsectors = ["offices", "factories"]\ncost_of_an_hour = 0.05',
    "tax_share": 'places = ["a3", "b1"]\na = "A"\nb = "B"\nshare = 0.4\ntax_rate = 0.001',
    "finance": 'places = ["B"]\nsectors = ["offices"]\ncapital_cost_fall = 0.1\ninnovative_part = 0.2\n'
    "entry_elasticity = 1.0",
    "power": 'project = "line"\nsector = "factories"\nelectricity_share = 0.4\nplant_share = 0.5',
    "telework": 'home_days = [{ of = "offices", days = 2 }, { of = "public", days = 1 }]',
    "digital_trade": 'sectors = ["offices"]\nshare = 0.1',
    "market": 'sector = "offices"\norigin = ["a1"]\ndestination = ["b2"]\njobs = 300\nwholesale_share = 0.3',
    "hub": 'sectors = ["factories"]\ncandidates = ["A", "b1"]\nhubs = 2\nconsolidation = 0.3\nhandling_minutes = 5',
    "public_service": 'places = ["B"]\nservice = "hospital"\ncapacity = 100\nquality = 1.1',
    "share": 'services = ["school", "hospital"]\norigins = ["A"]\ndestinations = ["B"]\nexclusion_fall = 0.4\n'
    "quality = 1.05",
    "care": 'places = ["a3", "b1"]\nbeds = 200\nquality = 1.1\nprice_fall = 0.1',
    "portability": 'origins = ["A", "outside"]\ndestinations = ["B"]\nexclusion_fall = 0.5',
    "registration": 'origins = ["A", "outside"]\ndestinations = ["B"]\ngroups = ["young"]\nmigration_cost_fall = 0.1',
}


def entry(kind: str, own: str | None = None, name: str | None = None, where: str = "b1") -> str:
    """The TOML text of one measure; own: keys of its kind."""
    text = COMMON.format(where=where) + (OWN[kind] if own is None else own)
    return f'[[measures]]\nname = "{name or kind}"\nkind = "{kind}"{text}\n'
