"""Both meta-learners on sine waves, compared with their formulas in plain PyTorch."""

import copy
import math
from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from agents.algorithms import Loss
from agents.config.algorithms import FOMAMLConfig, ReptileConfig
from agents.errors import NotFinite
from agents.meta import fomaml, inner_loop
from agents.meta.fomaml import FOMAML
from agents.meta.inner_loop import Adam, norm, own_weights
from agents.meta.reptile import Reptile
from agents.optimiser import EPSILON, FlatAdam
from agents.runtime.iteration import drain

INNER, RATE = 3, 0.01
REPTILE = ReptileConfig(inner_steps=INNER, inner_lr=RATE, outer_lr=0.3)
FIRST_ORDER = FOMAMLConfig(inner_steps=INNER, inner_lr=RATE, outer_lr=0.02, query_rollouts=1)
LEARNERS = ((Reptile, REPTILE), (FOMAML, FIRST_ORDER))


class Net(nn.Module):
    """The regressor of the MAML paper, smaller."""

    def __init__(self, seed=0, width=16):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.layers = nn.Sequential(
                nn.Linear(1, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
            )

    def forward(self, x):
        return self.layers(x)


class Regression:
    """An algorithm whose experience is (x, y)."""

    def batches(self, rollout, generator):
        yield rollout

    def loss(self, act, batch):
        return Loss(F.mse_loss(act(batch[0]), batch[1]), {})


@dataclass
class Wave:
    """One member of the family: y = a sin(x + p)."""

    amplitude: float
    phase: float
    seed: int = 0
    shots: int = 10

    def __post_init__(self):
        self.drawn = 0

    def sample(self):
        """Return new points at each call; equal waves return equal sequences of points."""
        self.drawn += 1
        x = torch.rand(self.shots, 1, generator=torch.Generator().manual_seed(1000 * self.seed + self.drawn)) * 10 - 5
        return x, self.amplitude * torch.sin(x + self.phase)

    def __call__(self, policy):
        return self.sample()
        yield


def waves():
    return [Wave(1.0, 0.2, seed=1), Wave(3.0, 2.0, seed=2)]


def learner(kind, config):
    return kind(config, Regression(), torch.Generator().manual_seed(0))


def adapted_by_hand(net, wave):
    """Return a copy of `net` after the inner loop, by PyTorch's own Adam."""
    net = copy.deepcopy(net)
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE, eps=EPSILON)
    for _ in range(INNER):
        x, y = wave.sample()
        optimiser.zero_grad()
        F.mse_loss(net(x), y).backward()
        optimiser.step()
    net.zero_grad()
    return net


def test_adam_steps_as_pytorchs_does():
    net, other = Net(), Net()
    weights, ours, theirs = own_weights(other), Adam(0.03), torch.optim.Adam(net.parameters(), lr=0.03, eps=EPSILON)
    for scale in (1.0, -0.2, 5.0):
        for weight in net.parameters():
            weight.grad = scale * weight.detach().cos()
        weights = ours.step(weights, {name: w.grad for name, w in net.named_parameters()})
        theirs.step()
    for name, weight in net.named_parameters():
        torch.testing.assert_close(weights[name], weight.detach())


@pytest.mark.parametrize(("kind", "config"), LEARNERS)
def test_adapting_does_not_change_the_policy(kind, config):
    net = Net()
    before = copy.deepcopy(net.state_dict())
    weights = own_weights(net)
    adapted = drain(learner(kind, config).adapt(net, weights, waves()[0]))
    expected = dict(adapted_by_hand(net, waves()[0]).named_parameters())
    for name, weight in net.state_dict().items():
        torch.testing.assert_close(weight, before[name], rtol=0, atol=0)
        torch.testing.assert_close(adapted[name], expected[name].detach())
        assert not torch.equal(adapted[name], weight)


def test_reptile_moves_towards_the_mean_of_the_adapted_weights():
    net = Net()
    ends = [dict(adapted_by_hand(net, wave).named_parameters()) for wave in waves()]
    expected = {
        name: weight.detach() + 0.3 * (sum(end[name].detach() for end in ends) / len(ends) - weight.detach())
        for name, weight in net.named_parameters()
    }
    drain(learner(Reptile, REPTILE).improve(net, waves()))
    for name, weight in net.named_parameters():
        torch.testing.assert_close(weight.detach(), expected[name])


def test_reptile_with_one_plain_step_is_ordinary_training_on_the_mean():
    """With one inner step of Adam, every weight changes by the sign of its gradient: ε α g / (|g| + 1e-6)."""
    net, (x, y) = Net(), Wave(2.0, 1.0).sample()
    start = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    F.mse_loss(net(x), y).backward()
    config = ReptileConfig(inner_steps=1, inner_lr=RATE, outer_lr=0.5)
    drain(learner(Reptile, config).improve(net, [Wave(2.0, 1.0)]))
    for name, weight in net.named_parameters():
        sign = weight.grad / (weight.grad.abs() + EPSILON)
        torch.testing.assert_close(weight.detach(), start[name] - 0.5 * RATE * sign, atol=1e-6, rtol=1e-4)


def test_first_order_maml_steps_along_the_gradient_at_the_adapted_weights():
    net = Net()
    expected = copy.deepcopy(net)
    optimiser = torch.optim.Adam(expected.parameters(), lr=0.02, eps=EPSILON)
    family = waves()
    for wave in family:
        adapted = adapted_by_hand(net, wave)
        x, y = wave.sample()  # the query
        F.mse_loss(adapted(x), y).backward()
        for weight, found in zip(expected.parameters(), adapted.parameters(), strict=True):
            fraction = found.grad / len(family)
            weight.grad = fraction if weight.grad is None else weight.grad + fraction
    gradient = math.sqrt(sum(float(weight.grad.square().sum()) for weight in expected.parameters()))
    optimiser.step()
    terms = drain(learner(FOMAML, FIRST_ORDER).improve(net, waves()))
    assert terms["gradient"] == pytest.approx(gradient, rel=1e-5)
    for weight, other in zip(net.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(weight.detach(), other.detach())


class Epochs(Regression):
    """Uses its experience twice, as PPO does."""

    def batches(self, rollout, generator):
        yield rollout
        yield rollout


def test_with_several_epochs_the_adapted_weights_move_along_with_the_start():
    net, wave = Net(), Wave(2.0, 1.0, seed=3)
    expected, adapted = copy.deepcopy(net), copy.deepcopy(net)
    inner = torch.optim.Adam(adapted.parameters(), lr=RATE, eps=EPSILON)
    x, y = wave.sample()
    for _ in range(2):
        inner.zero_grad()
        F.mse_loss(adapted(x), y).backward()
        inner.step()
    x, y = wave.sample()
    outer = torch.optim.Adam(expected.parameters(), lr=0.02, eps=EPSILON)
    for _ in range(2):
        before = copy.deepcopy(expected)
        gradients = torch.autograd.grad(F.mse_loss(adapted(x), y), list(adapted.parameters()))
        for weight, gradient in zip(expected.parameters(), gradients, strict=True):
            weight.grad = gradient
        outer.step()
        with torch.no_grad():
            for end, current, previous in zip(
                adapted.parameters(), expected.parameters(), before.parameters(), strict=True
            ):
                end += current - previous
    config = FIRST_ORDER.model_copy(update={"inner_steps": 1})
    drain(FOMAML(config, Epochs(), torch.Generator()).improve(net, [Wave(2.0, 1.0, seed=3)]))
    for weight, other in zip(net.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(weight.detach(), other.detach())


def test_weights_that_are_not_finite_raise():
    net = Net()
    config = REPTILE.model_copy(update={"inner_lr": 1e30})
    with pytest.raises(NotFinite, match=r"lower meta\.inner_lr"):
        drain(learner(Reptile, config).improve(net, waves()))
    assert all(torch.isfinite(weight).all() for weight in net.parameters())


@pytest.mark.parametrize(("kind", "config"), LEARNERS)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_raises_before_the_weights_change(kind, config, value):
    class Poisoned(Regression):
        def loss(self, act, batch):
            return Loss(super().loss(act, batch).total * value, {})

    net = Net()
    before = copy.deepcopy(net.state_dict())
    with pytest.raises(NotFinite, match=r"lower meta\."):
        drain(kind(config, Poisoned(), torch.Generator()).improve(net, waves()))
    assert all(torch.equal(weight, before[name]) for name, weight in net.state_dict().items())


@pytest.fixture
def gradient_norms(monkeypatch):
    """Record the norm of each gradient that an optimiser steps along, in the inner and the outer loop."""
    norms = {"inner": [], "outer": []}

    class Inner(Adam):
        def step(self, weights, gradients):
            norms["inner"].append(norm(gradients))
            return super().step(weights, gradients)

    class Outer(FlatAdam):
        def step(self, rate):
            norms["outer"].append(float(self.gradient.norm()))
            super().step(rate)

    monkeypatch.setattr(inner_loop, "Adam", Inner)
    monkeypatch.setattr(fomaml, "FlatAdam", Outer)
    return norms


@pytest.mark.parametrize(("kind", "config"), LEARNERS)
def test_every_gradient_is_clipped_inside_and_outside(kind, config, gradient_norms):
    meta_learner = learner(kind, config)
    meta_learner.clip_gradient = 0.01
    drain(meta_learner.improve(Net(), waves()))
    assert len(gradient_norms["inner"]) == 2 * INNER
    assert len(gradient_norms["outer"]) == (kind is FOMAML)
    assert [*gradient_norms["inner"], *gradient_norms["outer"]] == pytest.approx(
        [0.01] * (2 * INNER + (kind is FOMAML)), rel=1e-3
    )


def test_every_minibatch_of_a_member_is_used_though_another_has_fewer():
    """With 2 and 5 minibatches: two outer steps, each on one of the first member and on 2 or 3 of the second."""

    class Uneven(Regression):
        def batches(self, rollout, generator):
            x, y = rollout
            yield from map(Pairs, x.split(10), y.split(10))

    class Pairs(tuple):
        def __new__(cls, x, y):
            return super().__new__(cls, (x, y))

        def __len__(self):
            return len(self[0])

    family = [Wave(1.0, 0.2, seed=1, shots=20), Wave(3.0, 2.0, seed=2, shots=48)]
    config = FOMAMLConfig(inner_steps=1, inner_lr=1e-9, outer_lr=0.02, query_rollouts=1)
    net = Net()
    expected = copy.deepcopy(net)
    drain(FOMAML(config, Uneven(), torch.Generator()).improve(net, family))
    for wave in family:
        wave.drawn = 1  # what was adapted to comes first
    (x, y), (u, v) = (wave.sample() for wave in family)
    outer = torch.optim.Adam(expected.parameters(), lr=0.02, eps=EPSILON)
    for few, many in ((slice(10), slice(20)), (slice(10, 20), slice(20, 48))):
        outer.zero_grad()
        (F.mse_loss(expected(x[few]), y[few]) / 2 + F.mse_loss(expected(u[many]), v[many]) / 2).backward()
        outer.step()
    for weight, other in zip(net.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(weight.detach(), other.detach(), atol=1e-5, rtol=1e-4)


def error_after_adapting(kind, config, net, members):
    errors = []
    for wave in members:
        weights = drain(learner(kind, config).adapt(net, own_weights(net), wave))
        x, y = wave.sample()
        errors.append(float(F.mse_loss(torch.func.functional_call(net, weights, (x,)), y)))
    return sum(errors) / len(errors)


@pytest.mark.parametrize(
    ("kind", "config", "fraction"),
    [
        (Reptile, ReptileConfig(inner_steps=5, inner_lr=0.02, outer_lr=0.2), 0.5),
        (FOMAML, FOMAMLConfig(inner_steps=5, inner_lr=0.02, outer_lr=0.005, query_rollouts=1), 0.85),
    ],
)
def test_a_meta_trained_net_learns_a_new_wave_from_few_points(kind, config, fraction):
    """The sinusoids of Finn et al. (2017), section 5.1: fewer steps, smaller net, narrower family."""
    rng = torch.Generator().manual_seed(5)

    def draw(count):
        numbers = torch.rand(count, 2, generator=rng).tolist()
        return [Wave(1 + 2 * a, math.pi * p, seed=i, shots=20) for i, (a, p) in enumerate(numbers)]

    net, meta_learner = Net(width=32), learner(kind, config)
    for wave in draw(400):
        drain(meta_learner.improve(net, [wave]))
    new_waves = draw(30)
    untrained = error_after_adapting(kind, config, Net(width=32), copy.deepcopy(new_waves))
    assert error_after_adapting(kind, config, net, new_waves) < fraction * untrained
