"""The knowledge benchmark has goals for both arms, and a recall finds the sentence of the query."""

import pytest

from agents.benchmarks.learning import knowledge


def test_a_short_measurement_has_a_figure_for_each_claim(capsys):
    found = knowledge.measure(seeds=1, steps=2_048, entries=500)
    assert [figure.goal for figure in found] == ["≥ 0.9", "≤ 0.6", "≤ 20", "≤ 1"]
    assert [series.is_control for series in found.charts[0].series] == [False, True]
    assert "101 of 101" in found.figures[2].source
    copied = found.figures[3]
    assert copied.holds
    assert copied.value < copied.control
    assert "seed 0, none" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("with_base", "without", "holds"),
    [(0.95, 0.4, [True, True]), (0.8, 0.4, [False, True]), (0.95, 0.7, [True, False])],
)
def test_the_agent_must_succeed_with_a_base_and_fail_without(with_base, without, holds):
    curves = {"knowledge base": [[(0, 0.0), (9, with_base)]], "none": [[(0, 0.0), (9, without)]]}
    figures = knowledge._successes(curves, 9)
    assert [figure.holds for figure in figures] == holds
    assert figures[0].control == without
