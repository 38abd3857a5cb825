"""GRPO compares complete episodes: cut ones are in no group and no loss. Compared with plain loops."""

import math
from collections import deque
from dataclasses import replace

import numpy as np
import pytest
import torch
from gymnasium import spaces

from agents.algorithms.episodes import episode_segments
from agents.algorithms.grpo import GRPO
from agents.collect.collector import Collector
from agents.collect.instructed import InstructedCollector
from agents.collect.joint import JointCollector
from agents.config import RunConfig
from agents.config.agent import InstructionsConfig, MLPConfig
from agents.config.algorithms import GRPOConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.continual import ContinualStrategy
from agents.events import Fault, Updated
from agents.instructions import writer_task_id
from agents.instructions.wrapper import InstructionWrapper
from agents.policies.sentence_mlp import SentenceMLP
from agents.runtime.iteration import drain
from agents.training.task_stage import MAX_UPDATES_WITHOUT_EPISODE
from agents.training.trainer import Trainer
from agents.update.gradient_learner import Learner
from envs import World
from envs.curriculum import Stage
from envs.task import Task

ROLLOUTS, WORLDS = 6, 5


class Errand(World):
    """Episodes of random length; the last reward is 1, always (`is_oracle`) or after an odd number of `go` actions."""

    actions = ("go", "wait")
    words = ("errand", "step", *map(str, range(60)))
    action_space = spaces.Discrete(2)
    observation_space = spaces.Text(100)

    def __init__(self, is_oracle):
        self._is_oracle = is_oracle

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.length, self.time = 1 + int(self.np_random.geometric(0.08)) % 40, 0
        self.went = 0
        return "errand step 0", {}

    def step(self, action):
        self.time, self.went = self.time + 1, self.went + (action == 0)
        is_over = self.time == self.length
        by_limit = is_over and self.length % 3 == 0  # a time limit ends an episode as well as a goal does
        reward = float(is_over and (self._is_oracle or self.went % 2))
        return f"errand step {self.time}", reward, is_over and not by_limit, by_limit, {"score": reward}

    def picture_state(self):
        return {}

    def draw(self, picture_state, size, *, dark=False, blend=1.0):
        return np.zeros((size, size, 3), np.uint8)


@pytest.fixture(scope="module")
def policy():
    policy = SentenceMLP.create(MLPConfig(width=8), torch.Generator().manual_seed(0))
    for task_id in (0, 1):
        policy.add_task(task_id, Errand.actions, Errand.words)
    return policy


def collected(policy, steps, *, is_oracle, group=1, tasks=1):
    """Yield consecutive rollouts, each with its complete episodes, found by a plain loop.

    An episode is (task_id, start, reward, [(step, world), ...]).
    """
    parts = [
        Collector([Errand(is_oracle) for _ in range(WORLDS)], task_id, seed=task_id, group=group)
        for task_id in range(tasks)
    ]
    collector = parts[0] if tasks == 1 else JointCollector(parts, WORLDS * tasks)
    generator = torch.Generator().manual_seed(0)
    running = [[] for _ in range(WORLDS * tasks)]
    for number in range(ROLLOUTS):
        rollout = drain(collector.collect(policy, steps, generator))
        episodes = []
        for step in range(steps):
            for world, run in enumerate(running):
                run.append((number, step, world))
                if rollout.terminated[step, world] or rollout.truncated[step, world]:
                    if all(other == number for other, _, _ in run):
                        start = 0 if rollout.starts is None else int(rollout.starts[step, world])
                        task_id = int(rollout.observations.task_ids.view(steps, -1)[step, world])
                        indices = [index for _, *index in run]
                        episodes.append((task_id, start, float(rollout.rewards[step, world]), indices))
                    run.clear()
        yield rollout, episodes


def learned_from(rollout, **settings):
    """Return the advantage of each decision in GRPO's batches, by (step, world)."""
    grpo = GRPO(GRPOConfig(n_epochs=1, batch_size=10_000, **settings))
    marked = torch.arange(rollout.actions.numel()).view_as(rollout.actions)
    batches = list(grpo.batches(replace(rollout, actions=marked), torch.Generator().manual_seed(0)))
    worlds = rollout.actions.shape[1]
    return {
        (int(mark) // worlds, int(mark) % worlds): float(advantage)
        for batch in batches
        for mark, advantage in zip(batch.actions, batch.advantages, strict=True)
    }


SETTINGS = [(steps, group, tasks) for steps in (1, 7, 16, 64) for group, tasks in ((1, 1), (5, 1), (1, 2), (5, 2))]


@pytest.mark.parametrize(("steps", "group", "tasks"), SETTINGS)
@pytest.mark.parametrize("normalise", [True, False])
def test_a_policy_that_always_succeeds_has_advantages_of_exactly_0(policy, steps, group, tasks, normalise):
    count = 0
    for rollout, _ in collected(policy, steps, is_oracle=True, group=group, tasks=tasks):
        found = learned_from(rollout, scale_rewards=normalise)
        assert set(found.values()) <= {0.0}
        count += len(found)
    assert count or steps == 1


@pytest.mark.parametrize(("steps", "group", "tasks"), SETTINGS)
@pytest.mark.parametrize("per_episode", [True, False])
def test_advantages_are_the_published_formula_over_complete_episodes(policy, steps, group, tasks, per_episode):
    """(r - mean) / deviation of each group (Shao et al., 2024), in plain Python."""
    cut, lengths = 0, set()
    for rollout, episodes in collected(policy, steps, is_oracle=False, group=group, tasks=tasks):
        expected = {}
        mean_length = sum(len(indices) for *_, indices in episodes) / max(len(episodes), 1)
        for task_id, start, reward, indices in episodes:
            returns = [other for *group, other, _ in episodes if group == [task_id, start]]
            mean = sum(returns) / len(returns)
            deviation = math.sqrt(sum((other - mean) ** 2 for other in returns) / max(len(returns) - 1, 1))
            advantage = (reward - mean) / deviation if deviation else 0.0
            weight = mean_length / len(indices) if per_episode else 1.0
            expected |= {tuple(index): advantage * weight for index in indices}
            lengths.add(len(indices))
        assert learned_from(rollout, per_episode=per_episode) == pytest.approx(expected, rel=1e-5, abs=1e-6)
        cut += rollout.actions.numel() - len(expected)
    assert cut > 0
    assert len(lengths) > 1 or steps == 1


def test_without_a_complete_episode_nothing_is_learned_and_the_metric_is_0(policy):
    rollout, _ = next(collected(policy, 4, is_oracle=True))
    nothing = torch.zeros_like(rollout.terminated)
    rollout = replace(rollout, terminated=nothing, truncated=nothing, partial=None)
    grpo = GRPO(GRPOConfig())
    before = {name: weight.clone() for name, weight in policy.named_parameters()}
    learner = Learner(policy, grpo, ContinualStrategy(None, None, None), LearningConfig(), torch.Generator())
    learner.begin_stage(100)
    work = learner.learn(rollout, 0)
    with pytest.raises(StopIteration) as end:
        next(work)
    assert end.value.value == {"whole_episodes": 0.0, "rate": LearningConfig().learning_rate}
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


def test_a_run_whose_rollouts_are_too_short_reports_it_once_per_stage():
    config = RunConfig(
        stages=(Stage(task="gym:MountainCar-v0", steps=4 * 4 * (MAX_UPDATES_WITHOUT_EPISODE + 4)),),
        learning=LearningConfig(n_envs=4, n_steps=4),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    ).changed({"model.name": "mlp", "algorithm.name": "grpo"})
    events = list(Trainer(config).run())
    assert {event.terms["whole_episodes"] for event in events if isinstance(event, Updated)} == {0.0}
    (fault,) = [event for event in events if isinstance(event, Fault)]
    assert "learning.n_steps" in fault.message.format(**fault.arguments)


def test_a_run_with_complete_episodes_reports_no_fault():
    config = RunConfig(
        stages=(Stage(task="gym:CartPole-v1", steps=1_024),),
        learning=LearningConfig(n_envs=4, n_steps=64),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    ).changed({"model.name": "mlp", "algorithm.name": "grpo"})
    events = deque(Trainer(config).run())
    assert not [event for event in events if isinstance(event, Fault)]
    assert max(event.terms["whole_episodes"] for event in events if isinstance(event, Updated)) > 1


def test_only_instructions_that_begin_and_end_within_the_rollout_are_complete():
    """For the actor; for the writer, episodes. Those that an episode's or the rollout's end cuts are left out."""
    policy = SentenceMLP.create(MLPConfig(width=8), torch.Generator().manual_seed(0))
    houses = [
        InstructionWrapper(
            Task(key="household/fetch", options={"max_episode_steps": 12, "subgoal_share": 0}).make(), max_steps=4
        )
        for _ in range(4)
    ]
    policy.add_task(0, houses[0].actions, houses[0].words)
    policy.add_task(writer_task_id(0), houses[0].checkable, ())
    collector = InstructedCollector(houses, 0, 0, InstructionsConfig(writer="learned", max_steps=4, warmup_steps=0))
    generator = torch.Generator().manual_seed(0)
    for _ in range(3):
        running = [(world.age if world.written else 0) for world in houses]
        rollout = drain(collector.collect(policy, 10, generator))
        found = episode_segments(rollout, 1.0)
        cut = rollout.truncated[:, 0].bool()
        last = torch.tensor([int((found.of[:, 0] == number).nonzero().max()) for number in range(len(found.whole))])
        assert not found.whole[cut[last]].any()
        first = [int((found.of[:, 0] == number).nonzero().min()) for number in range(len(found.whole))]
        # each world's acts come first, ten to a world
        for world, age in enumerate(running):
            begins = first.index(world * 10)
            assert not (age and found.whole[begins])
        assert found.whole.any()
