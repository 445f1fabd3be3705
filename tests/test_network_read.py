"""Reading a network: what is read, and each mistake with its place."""

import numpy as np
import pytest
from made_up_network import CODES, LINKS, NODES, SETTINGS, settings, write

from coregion.errors import InputMistakes
from coregion.network.read import collect_network, read_network


def test_regions_come_first_in_the_order_asked_for(tmp_path):
    network = read_network(write(tmp_path), settings(), CODES)
    assert network.region_code == CODES
    assert set(network.node_code[network.region_count :]) == {"S1", "S2"}
    np.testing.assert_array_equal(network.own_km[:5], [4, 5, 6, 3, 50])
    assert np.isnan(network.longitude[4])


def test_links_opened_after_the_base_month_are_closed(tmp_path):
    network = read_network(write(tmp_path), settings(), CODES)
    closed = [line for line, is_open in zip(network.links.line, network.links.is_open, strict=True) if not is_open]
    assert closed == ["M1"]


def mistakes(tmp_path, codes=CODES, **files):
    network, found = collect_network(write(tmp_path, **files), settings(), codes)
    assert found
    with pytest.raises(InputMistakes):
        read_network(tmp_path, settings(), codes)
    return network, [str(mistake) for mistake in found]


BAD = {
    "link to nowhere": (
        {"links": LINKS.replace("b,c,road", "b,S3,road")},
        ["network_links.csv:3, column destination: found unknown code 'S3'", "Did you mean 'S"],
    ),
    "unknown class": (
        {"links": LINKS.replace("motorway", "motorwey")},
        ["network_links.csv:5, column class: found unknown code 'motorwey'", "Did you mean 'motorway'?"],
    ),
    "negative length": (
        {"links": LINKS.replace("a,b,road,50", "a,b,road,-50")},
        ["network_links.csv:2, column length_km: found -50; expected 0 to 20000 km"],
    ),
    "no length": (
        {"links": LINKS.replace("a,b,road,50", "a,b,road,0")},
        ["network_links.csv:2, column length_km: found 0; expected km above 0 for class 'road'"],
    ),
    "unknown payer": (
        {"links": LINKS.replace("road-cd,P", "road-cd,Z")},
        ["network_links.csv:4, column payer: found unknown code 'Z'"],
    ),
    "month": (
        {"links": LINKS.replace("2022-05", "2022-13")},
        ["network_links.csv:5, column opened: found '2022-13'; expected a month as YYYY-MM"],
    ),
    "loop": (
        {"links": LINKS.replace("c,d,road", "c,c,road")},
        ["network_links.csv:4, column destination: found a link from 'c' to itself"],
    ),
    "speed": (
        {"settings_text": SETTINGS.replace("speed = 120.0", "speed = 0")},
        ["network.toml:18, column speed: found 'class.motorway.speed' = 0; expected", "greater than 0"],
    ),
    "unknown key": (
        {"settings_text": SETTINGS.replace("toll = 0.4", "tolls = 0.4")},
        ["network.toml:20, column tolls", "Did you mean 'toll'?"],
    ),
    "service without waiting": (
        {"settings_text": SETTINGS.replace('service = "train"', 'service = "trains"')},
        ["network.toml:30, column service: found service 'trains' of class 'rail'", "Did you mean 'train'?"],
    ),
    "own class": (
        {"settings_text": SETTINGS.replace('own_class = "road"', 'own_class = "rode"')},
        ["network.toml:3, column own_class: found own_class 'rode'", "Did you mean 'road'?"],
    ),
    "doubled region": (
        {"nodes": NODES + "b,county,B,乙,116.5,40.0,5,made up\n"},
        ["network_nodes.csv:9, column code: found 'b' again, as in line 5"],
    ),
    "no own distance": (
        {"nodes": NODES.replace("117.0,40.0,6", "117.0,40.0,")},
        ["network_nodes.csv:6, column own_km: found none for region 'c'"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_told_with_its_place(tmp_path, case):
    files, expected = BAD[case]
    _, found = mistakes(tmp_path, **files)
    assert len(found) == 1, found
    for part in expected:
        assert part in found[0]


def test_a_region_without_a_node(tmp_path):
    _, found = mistakes(tmp_path, codes=(*CODES, "e"))
    assert found == [
        "network_nodes.csv, column code: found no node for region 'e'; expected one node a region. Add a row."
    ]


def test_mistakes_of_all_files_are_told_together(tmp_path):
    _, found = mistakes(
        tmp_path,
        settings_text=SETTINGS.replace('"rode"', "").replace('own_class = "road"', 'own_class = "rode"'),
        nodes=NODES.replace("117.0,40.0,6", "117.0,40.0,"),
        links=LINKS.replace("b,c,road", "b,zz,road"),
    )
    assert len(found) == 3
    assert {text.split(":")[0] for text in found} == {"network.toml", "network_nodes.csv", "network_links.csv"}


def test_a_disconnected_network_names_purpose_and_regions(tmp_path):
    network, found = mistakes(
        tmp_path, links=LINKS.replace("a,b,road,50,0,25,0,1000,,", "a,b,road,50,0,25,0,1000,2021-01,")
    )
    assert network is not None
    assert len(found) == 1
    assert "1 regions that cannot be reached for trade: a" in found[0]


def test_a_missing_table(tmp_path):
    write(tmp_path)
    (tmp_path / "network_links.csv").unlink()
    _, found = collect_network(tmp_path, settings(), CODES)
    assert len(found) == 1
    assert "network_links.csv: found no readable file" in str(found[0])
