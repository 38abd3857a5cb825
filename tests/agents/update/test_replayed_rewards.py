"""Rewards are stored for replay unscaled, and scaled by the current divisor when they are sampled."""

from collections import deque

import pytest
import torch

from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.training.trainer import Trainer
from envs.curriculum import Stage

POLE = Stage(id="pole", task="gym:CartPole-v1", steps=1_024)
CLIFF = Stage(id="cliff", task="gym:CliffWalking-v1", steps=1_024)


def trained(*stages, **changes):
    """Train a run whose reward divisors grow: episodes become longer, and so do their returns."""
    config = RunConfig(
        stages=stages,
        learning=LearningConfig(n_envs=4, n_steps=16),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    ).changed({"model.name": "mlp", **{key.replace("__", "."): value for key, value in changes.items()}})
    trainer = Trainer(config)
    deque(trainer.run(), maxlen=0)
    return trainer


def replayed(trainer):
    """Return the stored rewards and their task ids, then those of a sample."""
    agent = trainer.state.agent
    if trainer.state.config.algorithm.name == "dqn":
        buffer = agent.learner.algorithm._buffer
        stored, sampled = buffer.state()["transitions"], buffer.sample(256, 1.0)
        return stored["rewards"], stored["observations"][:, 0], sampled.rewards, sampled.observations.task_ids
    strategy, recorded = agent.strategy, []
    unrolls = strategy.reservoir.unrolls

    def record(scaled):
        recorded.append(scaled)
        return scaled

    strategy.reservoir.sample = lambda count, generator: RecordedUnrolls(unrolls, record)
    strategy.penalty(agent.policy)
    (sampled,) = recorded
    collected, task_ids = unrolls.valid, unrolls.task_ids[:, :-1]
    return (
        unrolls.rewards[collected].numpy(),
        task_ids[collected].numpy(),
        sampled.rewards[sampled.valid],
        sampled.task_ids[:, :-1][sampled.valid],
    )


class RecordedUnrolls:
    """Unrolls whose scaled copy is recorded."""

    def __init__(self, unrolls, record):
        self.task_ids, self._unrolls, self._record = unrolls.task_ids, unrolls, record

    def scaled(self, divisors):
        return self._record(self._unrolls.scaled(divisors))


DQN = {"algorithm__name": "dqn", "algorithm__learning_starts": 64}
SETTINGS = {
    "dqn": DQN,
    "dqn, prioritised": {**DQN, "algorithm__prioritised": True},
    "clear": {"strategy__name": "clear"},
}


@pytest.mark.parametrize("changes", SETTINGS.values(), ids=SETTINGS)
def test_equal_rewards_are_stored_and_sampled_as_equal(changes):
    trainer = trained(POLE, **changes)
    stored, _, sampled, _ = replayed(trainer)
    divisor = trainer.state.agent._scales[0].divisor
    assert divisor > 3, "the scale has moved"
    assert set(stored.tolist()) == {1.0}
    assert len(stored) > 500
    torch.testing.assert_close(sampled, torch.full_like(sampled, 1 / divisor))


@pytest.mark.parametrize("steps", [2, 5])
def test_n_step_sums_of_rewards_are_stored_unscaled_too(steps):
    trainer = trained(POLE, **DQN, algorithm__n_steps=steps, algorithm__gamma=0.5)
    stored, _, sampled, _ = replayed(trainer)
    sums = [sum(0.5**age for age in range(count)) for count in range(1, steps + 1)]
    assert sorted(set(stored.tolist())) == pytest.approx(sums)
    divisor = trainer.state.agent._scales[0].divisor
    assert sorted(set(sampled.tolist())) == pytest.approx([each / divisor for each in sums])


@pytest.mark.parametrize("changes", [{"strategy__name": "clear"}, {**DQN, "strategy__name": "joint"}])
def test_each_task_has_its_own_scale(changes):
    """The reward of a step is 1 with the pole, -1 or -100 on the cliff."""
    trainer = trained(POLE, CLIFF, **changes)
    stored, task_ids, sampled, sampled_task_ids = replayed(trainer)
    for task_id, rewards in ((0, {1.0}), (1, {-1.0, -100.0})):
        assert set(stored[task_ids == task_id].tolist()) <= rewards
        divisor = trainer.state.agent._scales[task_id].divisor
        found = set((sampled[sampled_task_ids == task_id] * divisor).round().tolist())
        assert found
        assert found <= rewards


def test_values_are_replayed_with_the_current_divisor():
    """Scaled by 4, values and rewards are half of those scaled by 2."""
    trainer = trained(POLE, strategy__name="clear")
    agent, strategy = trainer.state.agent, trainer.state.agent.strategy
    unrolls = strategy.reservoir.unrolls
    by_2, by_4 = (unrolls.scaled(torch.full((len(unrolls),), divisor)) for divisor in (2.0, 4.0))
    for name in ("values", "rewards", "final_values"):
        torch.testing.assert_close(getattr(by_2, name), 2 * getattr(by_4, name))
    # the policy's current values are closer to the scaled stored values than to the unscaled ones
    expected = agent.policy(unrolls.observations())[1].detach().view_as(unrolls.task_ids)[:, :-1]
    divisor = agent._scales[0].divisor
    error = (unrolls.values / divisor - expected)[unrolls.valid].abs().mean()
    assert error < (unrolls.values - expected)[unrolls.valid].abs().mean()
