import math

import pytest

from agents.benchmarks.learning import pretrained_start
from agents.benchmarks.learning.pretrained_start import TASKS, measure


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(pretrained_start, "EVERY", 0)


def test_each_world_is_begun_from_both_starts_and_what_was_not_reached_is_no_number(short):
    found = measure(seeds=1, steps=64)
    figures = {figure.name: figure for figure in found.figures}
    assert figures["perplexity of text: apart"].holds
    assert figures["perplexity of text: away"].holds
    for task in TASKS:
        figure = figures[f"{task}: steps to 0.9, seed 0"]
        assert math.isnan(figure.value)
        assert math.isnan(figure.control)
    assert [figure.name for figure in found.figures if figure.verdict == "fails"] == [
        "household/go-to: steps to 0.9, seed 0"
    ]
    assert [len(chart.series) for chart in found.charts] == [2, 2, 2]


def test_only_the_world_that_was_read_is_promised_to_be_learned_sooner():
    curves = {"pretrained": [[(0, 0.1), (50, 0.95)]], "scratch": [[(0, 0.1), (40, 0.95)]]}
    told = [pretrained_start._compared("any", how, curves)[0].verdict for how in ("read, by anybody", "never read")]
    assert told == ["fails", "reported"]
