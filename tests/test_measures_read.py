"""measures.toml: every mistake is told at once, with its line and what was probably meant."""

import pytest
from made_up_baseline import made_up_baseline, made_up_settings
from made_up_measures import OWN, entry

from coregion.errors import InputMistakes
from coregion.measures.read import collect_measures, read_measures


def read(folder, text):
    (folder / "measures.toml").write_text(text, encoding="utf-8")
    baseline = made_up_baseline()
    return collect_measures(folder, made_up_settings(), baseline.region, baseline.network)


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_all_kinds_are_read_in_order(tmp_path):
    measures, mistakes = read(tmp_path, "\n".join(entry(kind) for kind in OWN))
    assert not mistakes
    assert [measure.name for measure in measures] == list(OWN)
    assert all(measure.kind == measure.name for measure in measures)


@pytest.mark.parametrize(
    ("kind", "good", "bad", "expected"),
    [
        ("dock", 'kind = "dock"', 'kind = "dok"', "Did you mean 'dock'?"),
        ("dock", "trade_cost_fall", "trade_cost_fal", "Did you mean 'trade_cost_fall'?"),
        ("dock", "life_years", "live_years", "Did you mean 'life_years'?"),
        ("dock", "factories", "factory", "Did you mean 'factories'?"),
        ("dock", 'one_side = ["A"]', 'one_side = ["A-3"]', "unknown place 'A-3'"),
        ("dock", 'payer = "A"', 'payer = "C"', "unknown payer 'C'"),
        ("dock", '"offices", where', '"office", where', "Did you mean 'offices'?"),
        ("dock", "opens = 2021", "opens = 2021\nintensity = 1.2", "0, 1.2, 1"),
        ("dock", "opens = 2021", "opens = 2021\nlowest = -1", "greater than or equal to 0"),
        ("dock", 'name = "dock"', 'name = "The dock"', "small letters"),
        ("dock", "trade_cost_fall = 0.03", "trade_cost_fall = 1.0", "less than 1"),
        ("link", '"planned"', '"planed"', "Did you mean 'planned'?"),
        ("link", 'origin = "a2"', 'origin = "zz"', "unknown place 'zz'"),
        ("link", 'class_name = "trunk"', 'class_name = "trunc"', "Did you mean 'trunk'?"),
        ("link", "opens = 2021", "opens = 2021\nhighest = 2", "at most 1"),
        ("transit_service", "yuan_per_hour = 30", "", "the value of an hour"),
        ("through_road", '["a1", "b2"]', '["a1", "b9"]', "unknown place 'b9'"),
        ("relocate", 'of = "offices"', 'of = "public"', "jobs_paid_by"),
        ("relocate", 'of = "offices"', 'of = "ofices"', "Did you mean 'offices'?"),
        (
            "new_area",
            'floor_space_m2 = 5.0e5\nproductivity = 1.03\nsectors = ["offices"]\namenity = 1.05',
            "floor_space_m2 = 0",
            "floor_space_m2 above 0",
        ),
        ("registration", '"young"', '"yung"', "Did you mean 'young'?"),
        ("registration", '"outside"', '"outsider"', "Did you mean 'outside'?"),
        ("cap", 'on = "floor_space"', 'on = "floors"', "'floor_space' or 'residents'"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_meant(tmp_path, kind, good, bad, expected):
    text = entry("zone") + "\n" + entry(kind)
    assert text.count(good) >= 1
    head, tail = text.rsplit(good, 1)
    _, mistakes = read(tmp_path, head + bad + tail)
    told = [mistake for mistake in mistakes if expected in str(mistake)]
    assert told, [str(mistake) for mistake in mistakes]
    assert told[0].file == "measures.toml"
    assert told[0].line is not None
    assert told[0].line > line_of(text, 'kind = "zone"') + 5


@pytest.mark.parametrize("key", ["cost", "payer", "quote", "sources", "name_zh"])
def test_what_is_missing_is_named(tmp_path, key):
    text = "\n".join(line for line in entry("dock").splitlines() if not line.startswith(f"{key} ="))
    _, mistakes = read(tmp_path, text)
    assert [str(mistake) for mistake in mistakes if f"no key '{key}'" in str(mistake)]


def test_all_mistakes_come_at_once(tmp_path):
    text = entry("dock").replace("factories", "factory") + entry("cap").replace("cap", "cup") + entry("zone") * 2
    (tmp_path / "measures.toml").write_text(text, encoding="utf-8")
    baseline = made_up_baseline()
    with pytest.raises(InputMistakes) as caught:
        read_measures(tmp_path, made_up_settings(), baseline.region, baseline.network)
    told = str(caught.value)
    assert len(caught.value.mistakes) == 3
    assert "factory" in told
    assert "unknown kind 'cup'" in told
    assert "measure 'zone' again" in told


def test_files_that_hold_no_measures(tmp_path):
    baseline = made_up_baseline()
    _, mistakes = collect_measures(tmp_path, made_up_settings(), baseline.region, baseline.network)
    assert "no readable file" in str(mistakes[0])
    assert "Did you mean 'measures'" in str(read(tmp_path, "[[measure]]\nname = 'x'\n")[1][0])
    assert "array of tables" in str(read(tmp_path, "measures = 3\n")[1][0])
    assert read(tmp_path, "") == ((), [])
