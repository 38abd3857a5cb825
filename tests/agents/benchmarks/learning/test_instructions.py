"""The benchmark of written instructions has goals for every arm, with trained and with held-out pairs."""

import pytest

from agents.benchmarks.learning import instructions


def test_a_short_measurement_has_a_figure_for_each_claim(capsys):
    found = instructions.measure(seeds=1, steps=1_024)
    assert [figure.goal for figure in found] == ["≥ 0.8", "≤ 0.5", "≥ 0.6"]
    assert [series.is_control for series in found.charts[0].series] == [False, True, True]
    assert "seed 0, random" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "none", "held_out", "holds"),
    [(0.9, 0.1, 0.7, [True] * 3), (0.7, 0.6, 0.5, [False] * 3), (0.9, 0.1, 0.5, [True, True, False])],
)
def test_writing_must_help_with_trained_and_with_held_out_pairs(written, none, held_out, holds):
    results = {"written": [([(9, written)], held_out)], "random": [([(9, 0.3)], 0.2)], "none": [([(9, none)], 0.0)]}
    figures = instructions._figures(results, 9)
    assert [figure.holds for figure in figures] == holds
    assert (figures[0].control, figures[2].control) == (0.3, 0.2)
