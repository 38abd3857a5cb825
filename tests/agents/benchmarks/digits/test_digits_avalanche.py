import numpy as np
import pytest

from agents.benchmarks.digits import avalanche, avalanche_sweep, digits, sweep
from agents.benchmarks.digits.avalanche_strategies import STRATEGIES
from agents.benchmarks.digits.digits_avalanche import compare
from agents.errors import BadInput

SPREAD = np.array([-0.02, 0.01, 0.0, 0.02, -0.01])


@pytest.mark.parametrize(("above", "holds"), [(0.0, True), (0.05, False), (-0.05, False)])
def test_the_goal_holds_if_the_interval_over_seeds_contains_0(above, holds):
    pairs = np.stack([0.6 + above + SPREAD, np.full(5, 0.6)], axis=1)
    figure = compare("permuted", STRATEGIES["ewc_by_image"], pairs)
    assert figure.holds == holds
    assert figure.value == pytest.approx(above)
    assert figure.control == pytest.approx(0.6)


@pytest.mark.parametrize("strategy", STRATEGIES.values())
def test_another_algorithm_has_no_goal_and_a_correction_is_named(strategy):
    figure = compare("permuted", strategy, np.array([[0.9, 0.4], [0.8, 0.5]]))
    assert bool(figure.goal) == (not strategy.difference)
    assert figure.holds == bool(strategy.difference)
    assert strategy.difference in figure.source
    assert figure.name.endswith(strategy.correction)


def test_without_avalanche_an_error_names_the_remedy_before_any_training(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(avalanche, "import_module", missing)
    with pytest.raises(BadInput, match=r"pip install -c constraints\.txt 'palimpsest\[proof\]'"):
        digits.measure(avalanche=True)


def test_each_strategy_of_avalanche_has_settings_and_one_of_ours_beside_it():
    ours, theirs = sweep.settings(), avalanche_sweep.settings()
    assert {key for strategies in theirs.values() for key in strategies} == set(STRATEGIES)
    for name, strategies in theirs.items():
        assert {STRATEGIES[key].ours for key in strategies} <= set(ours[name])
        assert set(strategies) == set(avalanche_sweep.GRID[name])


@pytest.mark.parametrize("ours", ["ewc", "si", "replay", "lwf"])
def test_each_strategy_of_ours_has_a_goal_beside_exactly_one_of_theirs(ours):
    assert len([entry for entry in STRATEGIES.values() if entry.ours == ours and not entry.difference]) == 1


def test_the_names_of_the_figures_are_distinct():
    pairs = np.stack([SPREAD, SPREAD], axis=1)
    assert len({compare("permuted", entry, pairs).name for entry in STRATEGIES.values()}) == len(STRATEGIES)
