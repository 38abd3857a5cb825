import json

import pytest

from agents import codec
from agents.benchmarks.report.chart import Chart, Series, curve
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.quick_budgets import SMALL
from agents.benchmarks.report.result import Findings, Result, findings, parse
from agents.benchmarks.report.result_store import ResultStore
from app.proof.catalogue import entries

FIGURE = Figure("steps", 8_192, "steps", "≤ 30,000", source="counted", low=8e3, high=9e3, control=None)
SERIES = Series("PPO", (0.0, 2_500.0), ((9.0, 500.0), (11.0,)))
RESULT = Result(
    name="goto",
    options="--seeds 2",
    measured="2026-03-01T12:00:00+00:00",
    seconds=1.5,
    figures=(FIGURE,),
    charts=(Chart("CartPole", "steps", "return", (SERIES,)),),
)
TEXT = codec.dumps(RESULT.to_json())


def test_a_result_survives_json():
    assert parse(TEXT) == RESULT
    assert json.loads(TEXT)["figures"][0]["bound"] == 30_000


def test_what_a_newer_version_wrote_besides_is_left_out():
    assert parse(TEXT.replace('{"name":"goto"', '{"mood":"good","name":"goto"')) == RESULT


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"value":8192', '"value":"many"', r"figures\.0\.value"),
        ('"seconds":1.5,', "", "seconds"),
        ("[9.0,500.0]", "[9.0]", "PPO: 2 places on the x axis"),
        ('"value":8192', '"value":NaN', "NaN"),
        ("}", "", "delimiter|Expecting"),
    ],
)
def test_a_damaged_result_is_refused_in_a_line(old, new, said):
    with pytest.raises(ValueError, match=said) as caught:
        parse(TEXT.replace(old, new, 1))
    assert "\n" not in str(caught.value)


def test_a_number_that_is_none_is_told_as_none():
    nothing = float("nan")
    found = findings([Figure("never reached", nothing, "steps", "≤ 3", False, "", nothing, nothing, float("inf"))])
    assert found == Findings((Figure("never reached", None, "steps", "≤ 3", False),))


def test_seeds_are_read_off_where_the_longest_was_looked_at():
    series = curve("PPO", [[(0, 0), (4, float("nan")), (10, 1), (20, 2)], [(0, 5), (5, 6), (12, 7)]])
    assert series.x == (0, 10, 20)
    assert series.runs == ((0, 1, 2), (5, pytest.approx(6 + 5 / 7)))


def test_the_last_result_is_kept_and_a_damaged_one_is_none(tmp_path, caplog):
    kept = ResultStore(tmp_path)
    assert kept.read("goto") is None
    assert not caplog.records
    kept.keep(RESULT)
    assert kept.read("goto") == RESULT
    for content in (TEXT[:-9], TEXT.replace('"goto"', '"kill"')):
        (kept.folder / "goto.json").write_text(content)
        assert kept.read("goto") is None
    assert [record.message.count("measure again with: bench goto") for record in caplog.records] == [1, 1]


def test_a_quick_look_is_small_by_options_that_the_benchmark_takes():
    known = {entry.name: entry.options for entry in entries()}
    assert [(name, key) for name, options in SMALL.items() for key in options if key not in known[name]] == []
