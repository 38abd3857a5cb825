import numpy as np
import pytest

from agents.benchmarks import digits
from agents.benchmarks.digits_beside import SILENT, judged
from agents.config_file import BadInput
from agents.supervised import avalanche, avalanche_sweep, sweep
from agents.supervised.sequence import Arm

SPREAD = np.array([-0.02, 0.01, 0.0, 0.02, -0.01])


@pytest.mark.parametrize(("above", "holds"), [(0.0, True), (0.05, False), (-0.05, False)])
def test_they_end_alike_if_the_interval_over_seeds_holds_no_difference(above, holds):
    pairs = np.stack([0.6 + above + SPREAD, np.full(5, 0.6)], axis=1)
    figure = judged(Arm("permuted", "ewc", {}), pairs)
    assert figure.holds == holds
    assert figure.value == pytest.approx(above)
    assert figure.control == pytest.approx(0.6)


@pytest.mark.parametrize("name", SILENT)
def test_of_what_does_nothing_over_there_nothing_is_promised(name):
    figure = judged(Arm("permuted", name, {}), np.array([[0.9, 0.4], [0.8, 0.5]]))
    assert figure.holds
    assert not figure.goal
    assert SILENT[name] in figure.source


def test_whoever_has_no_avalanche_is_told_what_to_install_before_anything_is_learned(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(avalanche, "import_module", missing)
    with pytest.raises(BadInput, match=r"pip install 'palimpsest\[proof\]'"):
        digits.measure(avalanche=True)


def test_each_of_avalanches_strategies_has_settings_of_ours_beside_it():
    ours = sweep.settings()
    for order, strategies in avalanche_sweep.settings().items():
        assert set(strategies) <= set(ours[order])
        assert set(strategies) <= set(avalanche.KINDS)
        assert set(strategies) == set(avalanche_sweep.GRID[order])
