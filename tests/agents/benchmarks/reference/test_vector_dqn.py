"""DQN's loss by hand, its targets by their papers, and what it learns in a world small enough to solve."""

import numpy as np
import pytest
import torch
from torch import nn

from agents.algorithms.td_targets import huber, surprises, targets
from agents.benchmarks.reference.vector_dqn import DQN, AloneDQNConfig
from agents.policies.mlp import mlp
from agents.replay import Steps
from agents.replay.uniform import Draw

TINY = {"minibatch": 16, "capacity": 200, "warmup": 20, "refresh": 10}


def learner(seed=0, **settings):
    network = mlp((2, 8, 3), nn.Tanh, torch.Generator().manual_seed(seed))
    return DQN(network, 2, 3, AloneDQNConfig(**{**TINY, **settings}), seed)


def some_steps(size=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    seen, after = torch.randn(2, size, 2, generator=generator)
    rewards = torch.randn(size, generator=generator) * 2
    discounts = torch.tensor([0.9, 0.0, 0.81, 0.9, 0.0])
    return Steps(seen, torch.randint(3, (size,), generator=generator), rewards, after, discounts)


def by_hand(dqn, steps, weights):
    total = 0.0
    for i in range(len(steps.actions)):
        online, old = (net(steps.next_observations[i]).tolist() for net in (dqn.network, dqn.target))
        chooser = online if dqn.config.double else old
        goal = steps.rewards[i].item() + steps.discounts[i].item() * old[int(np.argmax(chooser))]
        error = abs(goal - dqn.network(steps.observations[i])[steps.actions[i]].item())
        total += weights[i].item() * (0.5 * error**2 if error < 1 else error - 0.5)
    return total / len(steps.actions)


@pytest.mark.parametrize("double", [True, False])
def test_the_loss_is_the_one_computed_by_hand(double):
    dqn = learner(double=double)
    with torch.no_grad():
        for weight in dqn.target.parameters():
            weight += 0.7 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(3))
    weights = torch.tensor([1.0, 0.5, 0.25, 1.0, 0.1])
    loss, surprise = dqn.loss(Draw(np.arange(5), some_steps(), weights))
    assert loss.item() == pytest.approx(by_hand(dqn, some_steps(), weights), abs=1e-6)
    assert surprise.shape == (5,)


def test_double_q_learning_is_not_fooled_by_the_target_networks_own_favourite():
    steps = Steps(None, None, torch.tensor([1.0]), None, torch.tensor([0.5]))
    online, old = torch.tensor([[3.0, 1.0]]), torch.tensor([[2.0, 10.0]])
    assert targets(online, old, steps).item() == 1 + 0.5 * 2
    assert targets(old, old, steps).item() == 1 + 0.5 * 10


def test_the_error_is_pytorchs_huber_loss():
    surprise = torch.tensor([-3.0, -0.5, 0.0, 0.2, 4.0])
    expected = nn.functional.smooth_l1_loss(torch.zeros(5), surprise)
    torch.testing.assert_close(huber(surprise, torch.ones(5)), expected)
    assert surprises(torch.tensor([[1.0, 5.0]]), torch.tensor([2.0]), torch.tensor([1])).item() == -3


def test_no_gradient_reaches_the_target():
    dqn = learner()
    dqn.loss(Draw(np.arange(5), some_steps(), torch.ones(5)))[0].backward()
    assert all(weight.grad is None for weight in dqn.target.parameters())


def walk(dqn, steps, seed=0):
    """Live on a row of five places: 1 leads on, 0 leads back, 2 nowhere; the last place pays and ends."""
    chance, place = np.random.default_rng(seed), 0
    acts = []
    for number in range(steps):
        dqn.progress = number / steps
        seen = np.array([place / 2 - 1, 1.0], dtype=np.float32)
        action = dqn.act(seen)
        acts.append(action)
        place = min(place + 1, 4) if action == 1 else max(place - (action == 0), 0)
        ended = place == 4
        after = np.array([place / 2 - 1, 1.0], dtype=np.float32)
        limit = not ended and chance.random() < 0.05
        dqn.live((seen, action, float(ended)), after, terminated=ended, over=ended or limit)
        place = 0 if ended or limit else place
    return acts


@pytest.mark.parametrize(
    "settings", [{}, {"prioritised": True}, {"steps": 3}], ids=["uniform", "prioritised", "n-step"]
)
def test_it_learns_the_values_that_discounting_gives(settings):
    dqn = learner(gamma=0.5, capacity=3_000, rate=5e-3, epsilon=1.0, final_epsilon=0.7, **settings)
    walk(dqn, 3_000)
    seen = torch.tensor([[place / 2 - 1, 1.0] for place in range(4)])
    values = dqn.network(seen).detach()
    assert values.argmax(1).tolist() == [1, 1, 1, 1]
    if not settings.get("steps"):  # n-step targets follow the trials that were made, not only the best
        torch.testing.assert_close(values[:, 1], torch.tensor([0.125, 0.25, 0.5, 1.0]), atol=0.08, rtol=0)


def test_the_target_network_follows_only_now_and_then():
    dqn = learner(every=1, updates=1)
    walk(dqn, 24)  # five gradient steps after the warm-up
    before = [weight.clone() for weight in dqn.target.parameters()]
    assert dqn.optimiser.steps == 5
    for _ in range(4):
        dqn.learn()
    assert all(torch.equal(a, b) for a, b in zip(before, dqn.target.parameters(), strict=True))
    dqn.learn()
    assert all(torch.equal(a, b) for a, b in zip(dqn.network.parameters(), dqn.target.parameters(), strict=True))


@pytest.mark.parametrize("prioritised", [False, True])
def test_a_restored_learner_goes_on_exactly_as_the_one_that_was_saved(prioritised):
    first, second = learner(prioritised=prioritised), learner(seed=7, prioritised=prioritised)
    walk(first, 100)
    second.restore(first.state())
    first.restore(first.state())  # both begin a new episode
    assert walk(first, 60, seed=2) == walk(second, 60, seed=2)
    for ours, theirs in zip(first.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_same_seed_draws_the_same_network():
    draws = [mlp((4, 5, 2), nn.ReLU, torch.Generator().manual_seed(1))(torch.ones(1, 4)) for _ in range(2)]
    assert torch.equal(*draws)
