"""DQN on a policy of sentences: its values, its targets and what it keeps, against hand-worked ones."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from agents.algorithms.dqn import DQN
from agents.config.agent import MLPConfig
from agents.config.algorithms import DQNConfig
from agents.policies.sentence_mlp import SentenceMLP
from agents.replay.transitions import Experience
from agents.rollout import Rollout

READ = ("at a", "at b", "at b", "at c")
LED_TO = ("at b", "at b", "at c", "at a")


@pytest.fixture
def policy():
    made = SentenceMLP.born(MLPConfig(width=16), torch.Generator().manual_seed(0))
    made.meet(0, ("x", "y"), ["at a b c"])
    made.meet(1, ("x", "y", "z"), [])
    return made


@pytest.fixture
def rollout(policy):
    """Two steps in two worlds; the first world ends with its second step."""
    zeros = torch.zeros(2, 2)
    made = Rollout(
        policy.encode(READ, [0] * 4), torch.tensor([[0, 1], [1, 0]]), zeros, zeros,
        torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 0.0], [1.0, 0.0]]), zeros, zeros, zeros[0],
    )  # fmt: skip
    return replace(made, read=READ, led_to=LED_TO)


def test_a_value_is_that_of_the_sentence_plus_what_the_action_is_ahead_of_the_mean(policy):
    seen = policy.encode(["at a", "at b"], [0, 1])
    worth, _ = DQN(DQNConfig(temperature=0.2)).worth(policy, seen)
    distribution, values = policy(seen)
    logits = distribution.logits[0, :2]
    torch.testing.assert_close(worth[0, :2], values[0] + 0.2 * (logits - logits.mean()))
    torch.testing.assert_close((worth[0, :2] / 0.2).softmax(0), distribution.probs[0, :2])
    assert worth[0, 2] < -1e30


@pytest.mark.parametrize("double", [True, False])
def test_the_loss_is_the_huber_error_of_published_targets(policy, rollout, double):
    algorithm = DQN(DQNConfig(double=double, warmup=1, every=1, minibatch=8, gamma=0.5, refresh=1_000))
    algorithm.begin_stage(policy)
    batch = next(iter(algorithm.batches(rollout, torch.Generator().manual_seed(0))))
    old = SentenceMLP.from_description(policy.description())
    old.load_state_dict(policy.state_dict())
    algorithm.loss(policy, batch)  # the target network is copied here
    with torch.no_grad():
        policy.choices.add_(torch.randn(policy.choices.shape, generator=torch.Generator().manual_seed(1)))

    def worth(body, seen):
        distribution, values = body(seen)
        logits = distribution.logits[:, :2]
        return values[:, None] + algorithm.config.temperature * (logits - logits.mean(1, keepdim=True))

    judged = worth(old, batch.following)
    chosen = (worth(policy, batch.following) if double else judged).argmax(1)
    goals = batch.rewards + batch.discounts * judged[torch.arange(8), chosen]
    values = worth(policy, batch.observations)[torch.arange(8), batch.actions]
    expected = F.huber_loss(values, goals.detach())
    torch.testing.assert_close(algorithm.loss(policy, batch).total, expected)


@pytest.mark.parametrize("steps", [1, 2])
def test_what_is_kept_is_what_was_lived(policy, rollout, steps):
    kept = Experience(DQNConfig(steps=steps, gamma=0.5, capacity=16), 0, torch.device("cpu"))
    kept.write(rollout, policy.encode(LED_TO, [0] * 4))
    drawn = kept.draw(64, 1.0)
    after = {1: {(1.0, 0.5), (3.0, 0.0), (2.0, 0.5), (4.0, 0.5)}, 2: {(2.5, 0.0), (3.0, 0.0), (4.0, 0.25), (4.0, 0.5)}}
    found = set(zip(drawn.rewards.tolist(), drawn.discounts.tolist(), strict=True))
    assert found == after[steps]
    again = policy.encode([READ[0]], [0])
    first = drawn.rewards == (1.0 if steps == 1 else 2.5)
    np.testing.assert_allclose(
        policy(drawn.observations[first.nonzero().squeeze(1)])[1].detach(), policy(again)[1].item(), rtol=1e-5
    )
