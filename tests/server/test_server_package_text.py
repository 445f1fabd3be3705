"""A package as text: what is written is read back, and every odd item is told."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coregion.errors import InputMistakes
from coregion.server.package_text import LONGEST, DrawnLink, PackageText, read_package

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
AMOUNTS = st.floats(1e-6, 3.0).map(lambda value: float(f"{value:.12g}"))
CODES = st.from_regex(r"[0-9A-Za-z]{1,8}", fullmatch=True)
LINKS = st.builds(
    DrawnLink,
    CODES,
    CODES,
    NAMES,
    st.floats(1e-6, 1.0).map(lambda value: float(f"{value:.12g}")),
    st.one_of(st.just(math.nan), AMOUNTS),
    st.one_of(st.just(""), CODES),
    st.one_of(st.just(math.nan), AMOUNTS),
)


@given(st.dictionaries(NAMES, AMOUNTS, max_size=6), st.lists(LINKS, max_size=4))
def test_what_is_written_is_read_back(intensities, links):
    text = str(PackageText(intensities, tuple(links)))
    again = read_package(text)
    assert again.intensities == intensities
    assert str(again) == str(PackageText(dict(sorted(intensities.items())), tuple(links)))
    assert len(again.links) == len(links)


def test_nothing_and_zero_are_the_baseline():
    assert str(read_package("")) == ""
    assert str(read_package("a:0,~1~2~road~0, ,")) == ""


def test_the_order_of_measures_does_not_matter():
    assert str(read_package("b:1,a:0.50")) == str(read_package("a:0.5,b:1.0")) == "a:0.5,b:1"


@pytest.mark.parametrize(
    "item",
    ["a", "a:", "a:x", "a:-1", "a:nan", "a:inf", "a:1,a:2", "~1~2~road", "~1~2~road~2", "~1~2~road~1~x", "~" * 9],
)
def test_odd_items_are_mistakes(item):
    with pytest.raises(InputMistakes, match="expected measures as name:intensity"):
        read_package(f"good:1,{item}")


def test_too_long_is_a_mistake():
    with pytest.raises(InputMistakes, match=f"at most {LONGEST}"):
        read_package("a:1," * LONGEST)
