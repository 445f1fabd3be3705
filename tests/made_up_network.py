"""Files of a made-up network: four towns in a row by road, a railway past them with two stations, an island by ship."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from coregion.data.settings import Payer, Settings, Tables

CODES = ("a", "b", "c", "d", "isle")

SETTINGS = """\
base_month = "2020-06"
stop_minutes = 4.0
own_class = "road"

[boarding]
train = 10.0

[class.road]
mode = "road"
speed = 60.0
detour = 1.2
mountain_factor = 1.5
fare = 0.5
capacity = 1000

[class.motorway]
mode = "road"
speed = 120.0
detour = 1.1
toll = 0.4
capacity = 5000

[class.walk]
mode = "access"
speed = 20.0
capacity = 1000

[class.rail]
mode = "rail"
service = "train"
speed = 200.0
detour = 1.05
capacity = 9000

[class.ship]
mode = "sea"
fixed_minutes = 600.0
capacity = 9000
"""

NODES = """\
code,kind,name_en,name_zh,longitude,latitude,own_km,source
isle,external,Isle,岛,,,50,made up
S1,station,First,一站,116.01,40.0,,made up
a,county,A,甲,116.0,40.0,4,made up
b,county,B,乙,116.5,40.0,5,made up
c,county,C,丙,117.0,40.0,6,made up
d,county,D,丁,117.5,40.0,3,made up
S2,station,Second,二站,117.49,40.0,,made up
"""

LINKS = """\
origin,destination,class,length_km,mountain_share,fare_yuan,toll_yuan,capacity,opened,line,payer,source
a,b,road,50,0,25,0,1000,,road-ab,P,made up
b,c,road,50,1,25,0,1000,,road-bc,P,made up
c,d,road,50,0,25,0,1000,,road-cd,P,made up
b,d,motorway,90,0,45,36,5000,2022-05,M1,P,made up
a,S1,walk,2,0,0,0,1000,,walk,P,made up
d,S2,walk,2,0,0,0,1000,,walk,P,made up
S1,S2,rail,130,0,40,0,9000,2010-01,main,Q,made up
d,isle,ship,0,0,0,0,9000,1990-01,port,Q,made up
"""


def settings() -> Settings:
    """What the reader asks of a study's settings."""
    payers = tuple(Payer(code=code, name_en=code, name_zh=code, votes=True) for code in ("P", "Q"))
    return cast(Settings, SimpleNamespace(tables=Tables(), payers=payers))


def write(folder: Path, settings_text: str = SETTINGS, nodes: str = NODES, links: str = LINKS) -> Path:
    """A study folder with the three files."""
    (folder / "network.toml").write_text(settings_text, encoding="utf-8")
    (folder / "network_nodes.csv").write_text(nodes, encoding="utf-8")
    (folder / "network_links.csv").write_text(links, encoding="utf-8")
    return folder
