import math
from types import SimpleNamespace

import pytest
import torch

from agents.benchmarks.digits import avalanche, avalanche_strategies, avalanche_sweep
from agents.benchmarks.digits.avalanche_strategies import STRATEGIES
from agents.supervised.digits import TASKS
from agents.supervised.sequence import Budget, DigitArm

SETTINGS = {"si_lambda": 1.0, "eps": 1e-3}


class Views:
    """Stores weights as avalanche 0.6 does: as views of the tensors that are trained."""

    def __init__(self, si_lambda, eps):
        self.eps, self.excluded_parameters = eps, set()
        self.ewc_data = ({"weight": SimpleNamespace()}, {})
        self.syn_data = {"old_theta": {"weight": SimpleNamespace()}}

    def before_training_exp(self, strategy):
        self.ewc_data[0]["weight"].data = strategy.model.weight.detach().cpu().flatten()

    def before_training_iteration(self, strategy):
        self.syn_data["old_theta"]["weight"].data = strategy.model.weight.detach().cpu().flatten()

    def after_training_exp(self, strategy):
        self.update_ewc_data(strategy.model, self.ewc_data, self.syn_data, 0.001, set(), 1, eps=self.eps)

    @staticmethod
    def update_ewc_data(net, ewc_data, syn_data, clip_to, *rest, eps):
        ewc_data[1]["cap"] = clip_to


class Batches:
    """Returns the number of images on which it would measure importance at once."""

    def __init__(self, ewc_lambda):
        pass

    def compute_importances(self, *given, num_workers=0):
        return given[-1]


@pytest.fixture
def stand_in(monkeypatch):
    module = SimpleNamespace(SynapticIntelligencePlugin=Views, EWCPlugin=Batches)
    monkeypatch.setattr(avalanche_strategies, "import_module", lambda name: module)


@pytest.mark.parametrize("plugins", ["stand_in", "shipped"])
@pytest.mark.parametrize(("name", "distance"), [("si", 0.0), ("si_copied", 1.0), ("si_uncapped", 1.0)])
def test_only_copied_weights_remain_unchanged(request, plugins, name, distance):
    request.getfixturevalue(plugins)
    plugin = STRATEGIES[name].build(SETTINGS, Budget())
    model = torch.nn.Linear(3, 2)
    plugin.before_training_exp(SimpleNamespace(model=model))
    plugin.before_training_iteration(SimpleNamespace(model=model))
    with torch.no_grad():
        model.weight += 1.0
    for stored in (plugin.ewc_data[0], plugin.syn_data["old_theta"]):
        change = model.weight.detach().flatten() - stored["weight"].data
        assert float(change.max()) == pytest.approx(distance)


@pytest.mark.parametrize(("name", "cap"), [("si_copied", 0.001), ("si_uncapped", math.inf)])
def test_importance_is_capped_unless_that_is_corrected(stand_in, name, cap):
    plugin = STRATEGIES[name].build(SETTINGS, Budget())
    plugin.after_training_exp(SimpleNamespace(model=None))
    assert plugin.ewc_data[1]["cap"] == cap


@pytest.mark.parametrize(("name", "images"), [("ewc", 64), ("ewc_by_image", 1)])
def test_importance_is_measured_on_one_image_at_a_time_if_that_is_corrected(stand_in, name, images):
    plugin = STRATEGIES[name].build({"ewc_lambda": 1.0}, Budget())
    assert plugin.compute_importances(None, None, None, None, "cpu", 64, num_workers=0) == images


BRIEF = Budget(epochs=1)
SHIPPED = [(sequence, name) for sequence, strategies in avalanche_sweep.settings().items() for name in strategies]


def learned(sequence, name, **changes):
    settings = {**avalanche_sweep.settings()[sequence][name], **changes}
    return avalanche.learn(DigitArm(sequence, name, settings), 0, BRIEF, validation=True)


@pytest.mark.parametrize(("sequence", "name"), SHIPPED)
def test_each_strategy_of_the_real_avalanche_learns_the_digits(shipped, sequence, name):
    accuracies = learned(sequence, name)
    assert accuracies.shape == (TASKS + 1, TASKS)
    chance = 0.5 if sequence == "split" else 0.1
    assert accuracies[1, 0] > chance + 0.2, "the first task, which no strategy constrains"


def test_synaptic_intelligence_has_no_effect_as_shipped_and_an_effect_when_corrected(shipped):
    """As shipped it stores views of the weights, so none seems to change and the penalty is 0 at every strength."""
    assert (learned("permuted", "si", si_lambda=1e6) == learned("permuted", "si", si_lambda=0.0)).all()
    assert (learned("permuted", "si_copied", si_lambda=1e6) != learned("permuted", "si_copied", si_lambda=0.0)).any()
