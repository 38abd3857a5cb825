"""Whatever is kept to be replayed is kept as it was paid, and scaled by the scale of the day on which it is drawn."""

from collections import deque

import pytest
import torch

from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.training.trainer import Trainer
from envs.curriculum import Stage

POLE = Stage(id="pole", task="gym:CartPole-v1", steps=1_024)
CLIFF = Stage(id="cliff", task="gym:CliffWalking-v1", steps=1_024)


def life(*stages, **changes):
    """Live a run in which rewards are worth ever less: the longer the agent lives, the more they sum up to."""
    config = RunConfig(
        stages=stages,
        learning=LearningConfig(n_envs=4, n_steps=16),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    ).changed({"model.name": "mlp", **{key.replace("__", "."): value for key, value in changes.items()}})
    trainer = Trainer(config)
    deque(trainer.run(), maxlen=0)
    return trainer


def replayed(trainer):
    """Return what is kept, (rewards, columns), and what a draw of it brings."""
    agent = trainer.state.agent
    if trainer.state.config.algorithm.name == "dqn":
        experience = agent.learner.algorithm._experience
        kept, drawn = experience.state()["kept"], experience.draw(256, 1.0)
        return kept["rewards"], kept["observations"][:, 0], drawn.rewards, drawn.observations.task_ids
    strategy, seen = agent.strategy, []
    unrolls = strategy.reservoir.kept

    def noted(found):
        seen.append(found)
        return found

    strategy.reservoir.draw = lambda count, generator: Watched(unrolls, noted)
    strategy.penalty(agent.policy)
    (drawn,) = seen
    collected, task_ids = unrolls.collected, unrolls.task_ids[:, :-1]
    return (
        unrolls.rewards[collected].numpy(),
        task_ids[collected].numpy(),
        drawn.rewards[drawn.collected],
        drawn.task_ids[:, :-1][drawn.collected],
    )


class Watched:
    """Unrolls whose scaled copy is noted."""

    def __init__(self, unrolls, noted):
        self.task_ids, self._unrolls, self._noted = unrolls.task_ids, unrolls, noted

    def scaled(self, divisors):
        return self._noted(self._unrolls.scaled(divisors))


DQN = {"algorithm__name": "dqn", "algorithm__warmup": 64}
WAYS = {
    "dqn": DQN,
    "dqn, prioritised": {**DQN, "algorithm__prioritised": True},
    "clear": {"strategy__name": "clear"},
}


@pytest.mark.parametrize("changes", WAYS.values(), ids=WAYS)
def test_equal_rewards_are_kept_and_drawn_as_equal(changes):
    trainer = life(POLE, **changes)
    kept, _, drawn, _ = replayed(trainer)
    divisor = trainer.state.agent._scales[0].divisor
    assert divisor > 3, "the scale has moved"
    assert set(kept.tolist()) == {1.0}
    assert len(kept) > 500
    torch.testing.assert_close(drawn, torch.full_like(drawn, 1 / divisor))


@pytest.mark.parametrize("steps", [2, 5])
def test_sums_of_several_rewards_are_kept_unscaled_too(steps):
    trainer = life(POLE, **DQN, algorithm__steps=steps, algorithm__gamma=0.5)
    kept, _, drawn, _ = replayed(trainer)
    sums = [sum(0.5**age for age in range(count)) for count in range(1, steps + 1)]
    assert sorted(set(kept.tolist())) == pytest.approx(sums)
    divisor = trainer.state.agent._scales[0].divisor
    assert sorted(set(drawn.tolist())) == pytest.approx([each / divisor for each in sums])


@pytest.mark.parametrize("changes", [{"strategy__name": "clear"}, {**DQN, "strategy__name": "joint"}])
def test_each_task_counts_by_its_own_scale(changes):
    """A step on the pole pays 1, one on the cliff -1 or -100."""
    trainer = life(POLE, CLIFF, **changes)
    kept, task_ids, drawn, drawn_of = replayed(trainer)
    for task_id, paid in ((0, {1.0}), (1, {-1.0, -100.0})):
        assert set(kept[task_ids == task_id].tolist()) <= paid
        divisor = trainer.state.agent._scales[task_id].divisor
        found = set((drawn[drawn_of == task_id] * divisor).round().tolist())
        assert found
        assert found <= paid


def test_values_are_replayed_in_the_units_of_today():
    """What was expected on a day with divisor 2 is half as much on one with divisor 4."""
    trainer = life(POLE, strategy__name="clear")
    agent, strategy = trainer.state.agent, trainer.state.agent.strategy
    unrolls = strategy.reservoir.kept
    half, quarter = (unrolls.scaled(torch.full((len(unrolls),), divisor)) for divisor in (2.0, 4.0))
    for name in ("values", "rewards", "final_values"):
        torch.testing.assert_close(getattr(half, name), 2 * getattr(quarter, name))
    # the value that the agent has now of a sentence that it read last is near what is kept of it, in its own units
    expected = agent.policy(unrolls.observations())[1].detach().view_as(unrolls.task_ids)[:, :-1]
    divisor = agent._scales[0].divisor
    apart = (unrolls.values / divisor - expected)[unrolls.collected].abs().mean()
    assert apart < (unrolls.values - expected)[unrolls.collected].abs().mean()
