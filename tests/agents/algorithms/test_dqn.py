"""DQN's values, targets and transitions against hand-worked ones; and learning in a small environment."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from agents.algorithms.dqn import DQN
from agents.benchmarks.reference.action_values import ActionValuePolicy
from agents.collect.collector import Collector
from agents.config.agent import MLPConfig
from agents.config.algorithms import DQNConfig
from agents.config.learning import EpisodicConfig, LearningConfig
from agents.config.strategies import NaiveConfig
from agents.continual import ContinualStrategy
from agents.memory.episodic import EpisodicMemory
from agents.policies.sentence_mlp import SentenceMLP
from agents.replay.transitions import TransitionBuffer
from agents.rollout import Rollout
from agents.runtime.iteration import drain
from agents.update.gradient_learner import Learner

TEXTS = ("at a", "at b", "at b", "at c")
NEXT_TEXTS = ("at b", "at b", "at c", "at a")


@pytest.fixture
def policy():
    policy = SentenceMLP.create(MLPConfig(width=16), torch.Generator().manual_seed(0))
    policy.add_task(0, ("x", "y"), ["at a b c"])
    policy.add_task(1, ("x", "y", "z"), [])
    return policy


@pytest.fixture
def rollout(policy):
    """Two steps in two environments; the episode of the first one ends with its second step."""
    zeros = torch.zeros(2, 2)
    rollout = Rollout(
        policy.encode(TEXTS, [0] * 4), torch.tensor([[0, 1], [1, 0]]), zeros, zeros,
        torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 0.0], [1.0, 0.0]]), zeros, zeros, zeros[0],
    )  # fmt: skip
    return replace(rollout, texts=TEXTS, next_texts=NEXT_TEXTS)


def test_a_q_value_is_the_state_value_plus_the_centred_logit(policy):
    observations = policy.encode(["at a", "at b"], [0, 1])
    q_values, _ = DQN(DQNConfig(temperature=0.2)).q_values(policy, observations)
    distribution, values = policy(observations)
    logits = distribution.logits[0, :2]
    torch.testing.assert_close(q_values[0, :2], values[0] + 0.2 * (logits - logits.mean()))
    torch.testing.assert_close((q_values[0, :2] / 0.2).softmax(0), distribution.probs[0, :2])
    assert q_values[0, 2] < -1e30


@pytest.mark.parametrize("double", [True, False])
def test_the_loss_is_the_huber_error_of_published_targets(policy, rollout, double):
    algorithm = DQN(
        DQNConfig(double=double, learning_starts=1, train_freq=1, batch_size=8, gamma=0.5, target_update_interval=1_000)
    )
    algorithm.begin_stage(policy)
    batch = next(iter(algorithm.batches(rollout, torch.Generator().manual_seed(0))))
    target_network = SentenceMLP.from_description(policy.description())
    target_network.load_state_dict(policy.state_dict())
    algorithm.loss(policy, batch)  # the target network is copied here
    with torch.no_grad():
        policy.choices.add_(torch.randn(policy.choices.shape, generator=torch.Generator().manual_seed(1)))

    def q_values(body, observations):
        distribution, values = body(observations)
        logits = distribution.logits[:, :2]
        return values[:, None] + algorithm.config.temperature * (logits - logits.mean(1, keepdim=True))

    target_next = q_values(target_network, batch.next_observations)
    next_actions = (q_values(policy, batch.next_observations) if double else target_next).argmax(1)
    targets = batch.rewards + batch.discounts * target_next[torch.arange(8), next_actions]
    values = q_values(policy, batch.observations)[torch.arange(8), batch.actions]
    expected = F.huber_loss(values, targets.detach(), reduction="none")
    torch.testing.assert_close(algorithm.loss(policy, batch).total, expected.mean())
    weights = torch.linspace(0.1, 1.0, 8)  # as prioritised replay weighs what it draws
    torch.testing.assert_close(
        algorithm.loss(policy, replace(batch, weights=weights)).total, (weights * expected).mean()
    )


@pytest.mark.parametrize("steps", [1, 2])
def test_stored_transitions_are_those_of_the_rollout(policy, rollout, steps):
    buffer = TransitionBuffer(DQNConfig(n_steps=steps, gamma=0.5, buffer_size=16), 0, torch.device("cpu"))
    buffer.write(rollout, policy.encode(NEXT_TEXTS, [0] * 4))
    sample = buffer.sample(64, 1.0)
    expected = {
        1: {(1.0, 0.5), (3.0, 0.0), (2.0, 0.5), (4.0, 0.5)},
        2: {(2.5, 0.0), (3.0, 0.0), (4.0, 0.25), (4.0, 0.5)},
    }
    found = set(zip(sample.rewards.tolist(), sample.discounts.tolist(), strict=True))
    assert found == expected[steps]
    observation = policy.encode([TEXTS[0]], [0])
    first = sample.rewards == (1.0 if steps == 1 else 2.5)
    np.testing.assert_allclose(
        policy(sample.observations[first.nonzero().squeeze(1)])[1].detach(), policy(observation)[1].item(), rtol=1e-5
    )


def test_no_gradient_reaches_the_target_network(policy, rollout):
    algorithm = DQN(DQNConfig(learning_starts=1, train_freq=1, batch_size=8, double=False))
    algorithm.begin_stage(policy)
    batch = next(iter(algorithm.batches(rollout, torch.Generator().manual_seed(0))))
    algorithm.loss(policy, batch)  # the target network is copied here
    with torch.no_grad():
        policy.choices.add_(1.0)
    of_values = algorithm.loss(policy, replace(batch, discounts=torch.zeros(8))).total
    policy.zero_grad()
    of_values.backward()
    assert policy.choices.grad is not None
    assert all(weight.grad is None and not weight.requires_grad for weight in algorithm._target_network().parameters())


def test_the_target_network_is_updated_at_its_interval(policy, rollout):
    algorithm = DQN(DQNConfig(learning_starts=1, train_freq=1, batch_size=8, target_update_interval=3))
    algorithm.begin_stage(policy)
    generator, drift = torch.Generator().manual_seed(0), []
    for batch in islice(algorithm.batches(rollout, generator), 4):
        algorithm.loss(policy, batch)
        with torch.no_grad():
            policy.choices.add_(1.0)
        drift.append((policy.choices - algorithm._target_network().choices).max().item())
    assert drift == pytest.approx([1, 2, 3, 1], abs=1e-5)  # copied again before the fourth step


class Row:
    """Five positions in a row; the last one has reward 1 and is terminal. Episodes are truncated at random."""

    actions = ("back", "on", "stay")

    def reset(self, seed=None):
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._position = 0
        return self._sentence(), {}

    def step(self, action):
        self._position = max(self._position + (action == 1) - (action == 0), 0)
        ended = self._position == 4
        truncated = not ended and self._rng.random() < 0.05
        return self._sentence(), float(ended), ended, truncated, {"score": float(ended)}

    def _sentence(self):
        return f"{self._position / 2 - 1} 1.0"


class Walker:
    """An MLP that learns `Row` by DQN, with the learner of every run."""

    def __init__(self, seed=0, **settings):
        config = DQNConfig(
            temperature=1.0,
            **{"batch_size": 16, "learning_starts": 20, "train_freq": 4, "gradient_steps": 2, **settings},
        )
        init_rng, self._rng, shuffle = (torch.Generator().manual_seed(seed + part) for part in range(3))
        self.policy = ActionValuePolicy((2, 32, 3), 1.0, init_rng)
        learning = LearningConfig(
            n_envs=1, n_steps=16, learning_rate=5e-3, final_learning_rate=5e-3, max_grad_norm=10.0
        )
        memory = EpisodicMemory(EpisodicConfig(buffer_size=0), np.random.default_rng(0))
        naive = ContinualStrategy(NaiveConfig(), memory, shuffle)
        self.learner = Learner(self.policy, DQN(config), naive, learning, shuffle)

    def walk(self, steps, seed=0):
        collector, actions = Collector([Row()], 0, seed, reuse=False), []
        for done in range(16, steps + 1, 16):
            rollout = drain(collector.collect(self.learner.behaviour(), 16, self._rng))
            actions += rollout.actions.flatten().tolist()
            drain(self.learner.learn(rollout, done))
        return actions


@pytest.mark.parametrize(
    "settings",
    [{}, {"prioritised": True}, {"n_steps": 3, "exploration_final_eps": 0.3}],
    ids=["uniform", "prioritised", "n-step"],
)
def test_it_learns_the_values_that_discounting_gives(settings):
    walker = Walker(
        **{"gamma": 0.5, "buffer_size": 3_000, "target_update_interval": 10, "exploration_final_eps": 0.7, **settings}
    )
    walker.learner.begin_stage(3_200)
    walker.walk(3_200)
    values = walker.policy.network(torch.tensor([[position / 2 - 1, 1.0] for position in range(4)])).detach()
    assert values.argmax(1).tolist() == [1, 1, 1, 1]
    if not settings.get("n_steps"):  # n-step targets depend on the behaviour policy, and are not the optimal values
        torch.testing.assert_close(values[:, 1], torch.tensor([0.125, 0.25, 0.5, 1.0]), atol=0.08, rtol=0)


@pytest.mark.parametrize("prioritised", [False, True])
def test_a_restored_learner_continues_exactly_as_the_one_that_was_saved(prioritised):
    first, second = (Walker(seed, prioritised=prioritised, buffer_size=200) for seed in (0, 7))
    first.learner.begin_stage(400)
    first.walk(160)
    second.policy.load_state_dict(first.policy.state_dict())
    second.learner.restore(first.learner.state())
    second._rng.set_state(first._rng.get_state())
    assert first.walk(64, seed=2) == second.walk(64, seed=2)
    for ours, theirs in zip(first.policy.parameters(), second.policy.parameters(), strict=True):
        assert torch.equal(ours, theirs)
