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


def test_unknown_keys_of_a_newer_version_are_dropped():
    assert parse(TEXT.replace('{"name":"goto"', '{"mood":"good","name":"goto"')) == RESULT


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"value":8192', '"value":"many"', r"figures\.0\.value"),
        ('"seconds":1.5,', "", "seconds"),
        ("[9.0,500.0]", "[9.0]", "PPO: 2 values of x"),
        ('"value":8192', '"value":NaN', "NaN"),
        ("}", "", "delimiter|Expecting"),
    ],
)
def test_a_damaged_result_is_refused_in_one_line(old, new, message):
    with pytest.raises(ValueError, match=message) as caught:
        parse(TEXT.replace(old, new, 1))
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_become_none():
    nothing = float("nan")
    found = findings([Figure("never reached", nothing, "steps", "≤ 3", False, "", nothing, nothing, float("inf"))])
    assert found == Findings((Figure("never reached", None, "steps", "≤ 3", False),))


def test_shorter_seeds_are_interpolated_at_the_x_of_the_longest():
    series = curve("PPO", [[(0, 0), (4, float("nan")), (10, 1), (20, 2)], [(0, 5), (5, 6), (12, 7)]])
    assert series.x == (0, 10, 20)
    assert series.runs == ((0, 1, 2), (5, pytest.approx(6 + 5 / 7)))


def test_the_last_result_is_stored_and_a_damaged_one_is_none(tmp_path, caplog):
    store = ResultStore(tmp_path)
    assert store.read("goto") is None
    assert not caplog.records
    store.keep(RESULT)
    assert store.read("goto") == RESULT
    for content in (TEXT[:-9], TEXT.replace('"goto"', '"kill"')):
        (store.folder / "goto.json").write_text(content)
        assert store.read("goto") is None
    assert [record.message.count("measure again with: bench goto") for record in caplog.records] == [1, 1]


def test_quick_budgets_are_options_of_their_benchmarks():
    known = {entry.name: entry.options for entry in entries()}
    assert [(name, key) for name, options in SMALL.items() for key in options if key not in known[name]] == []
