import numpy as np
import pytest

from agents.benchmarks.digits import avalanche, avalanche_sweep, digits, sweep
from agents.benchmarks.digits.avalanche_strategies import GUARDS
from agents.benchmarks.digits.digits_avalanche import judged
from agents.errors import BadInput

SPREAD = np.array([-0.02, 0.01, 0.0, 0.02, -0.01])


@pytest.mark.parametrize(("above", "holds"), [(0.0, True), (0.05, False), (-0.05, False)])
def test_they_end_alike_if_the_interval_over_seeds_holds_no_difference(above, holds):
    pairs = np.stack([0.6 + above + SPREAD, np.full(5, 0.6)], axis=1)
    figure = judged("permuted", GUARDS["ewc_by_image"], pairs)
    assert figure.holds == holds
    assert figure.value == pytest.approx(above)
    assert figure.control == pytest.approx(0.6)


@pytest.mark.parametrize("guard", GUARDS.values())
def test_of_another_algorithm_nothing_is_promised_and_what_was_mended_is_told(guard):
    figure = judged("permuted", guard, np.array([[0.9, 0.4], [0.8, 0.5]]))
    assert bool(figure.goal) == (not guard.apart)
    assert figure.holds == bool(guard.apart)
    assert guard.apart in figure.source
    assert figure.name.endswith(guard.mended)


def test_whoever_has_no_avalanche_is_told_what_to_install_before_anything_is_learned(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(avalanche, "import_module", missing)
    with pytest.raises(BadInput, match=r"pip install -c constraints\.txt 'palimpsest\[proof\]'"):
        digits.measure(avalanche=True)


def test_each_of_avalanches_guards_has_settings_and_those_of_ours_beside_it():
    ours, theirs = sweep.settings(), avalanche_sweep.settings()
    assert {name for guards in theirs.values() for name in guards} == set(GUARDS)
    for order, guards in theirs.items():
        assert {GUARDS[name].strategy for name in guards} <= set(ours[order])
        assert set(guards) == set(avalanche_sweep.GRID[order])


@pytest.mark.parametrize("strategy", ["ewc", "si", "replay", "lwf"])
def test_each_strategy_is_promised_to_agree_with_one_guard_of_theirs(strategy):
    assert len([guard for guard in GUARDS.values() if guard.strategy == strategy and not guard.apart]) == 1


def test_figures_have_names_of_their_own():
    pairs = np.stack([SPREAD, SPREAD], axis=1)
    assert len({judged("permuted", guard, pairs).name for guard in GUARDS.values()}) == len(GUARDS)
