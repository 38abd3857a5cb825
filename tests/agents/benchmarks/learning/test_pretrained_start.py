import math

import pytest

from agents.benchmarks.learning import pretrained_start
from agents.benchmarks.learning.pretrained_start import TASKS, measure


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(pretrained_start, "EVERY", 0)


def test_each_world_is_learned_from_both_starts_and_a_goal_never_reached_is_nan(short):
    found = measure(seeds=1, steps=64)
    figures = {figure.name: figure for figure in found.figures}
    assert figures["perplexity of text: held_out"].holds
    assert figures["perplexity of text: new_tasks"].holds
    for task in TASKS:
        figure = figures[f"{task}: steps to 0.9, seed 0"]
        assert math.isnan(figure.value)
        assert math.isnan(figure.control)
    assert [figure.name for figure in found.figures if figure.verdict == "fails"] == [
        "household/go-to: steps to 0.9, seed 0"
    ]
    assert [len(chart.series) for chart in found.charts] == [2, 2, 2]


def test_only_the_world_with_known_text_has_a_goal():
    curves = {"pretrained": [[(0, 0.1), (50, 0.95)]], "scratch": [[(0, 0.1), (40, 0.95)]]}
    verdicts = [pretrained_start._figures("any", source, curves)[0].verdict for source in ("read", "never read")]
    assert verdicts == ["fails", "reported"]
