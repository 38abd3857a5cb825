"""A learner for tabular policies: same rollouts and events, without gradients."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
import torch

from agents.algorithms.tabular import TabularLearner, TabularStep
from agents.config.algorithms import AlgorithmConfig, QLearningConfig, SarsaConfig
from agents.config.learning import LearningConfig
from agents.continual import ContinualStrategy
from agents.policies import Policy
from agents.policies.epsilon_greedy import EpsilonGreedy
from agents.policies.table import TablePolicy
from agents.registry import class_of
from agents.rollout import Rollout
from agents.state_tree import State
from agents.update.null_learner import NullLearner


class TabularUpdater(NullLearner):
    """Moves the numbers of a table step by step, in the order in which the worlds were lived in.

    The table stands still while a rollout is lived. Where the next action is not known, at
    the end of a rollout and at a time limit, SARSA draws one as it would act now.
    """

    def __init__(
        self,
        policy: Policy,
        algorithm: AlgorithmConfig,
        strategy: ContinualStrategy,
        config: LearningConfig,
        generator: torch.Generator,
    ) -> None:
        super().__init__(policy, algorithm, strategy, config, generator)
        self._rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
        self._algorithm = self._create(algorithm)

    def begin_stage(self, total_steps: int) -> None:
        """Start a stage of `total_steps` environment steps with fresh schedules."""
        super().begin_stage(total_steps)
        self._algorithm.progress = 0.0

    def behaviour(self) -> Policy:
        """Take the best action, or now and then any."""
        return EpsilonGreedy(self.policy, self._algorithm.epsilon)

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Learn by these settings from now on."""
        super().change_settings(algorithm, config)
        progress = self._algorithm.progress
        self._algorithm = self._create(algorithm)
        self._algorithm.progress = progress

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Learn from every step, yielding after each step of all worlds; return how much they surprised."""
        self._algorithm.progress = steps_done / self.total
        td_error = 0.0
        for task_id in rollout.observations.task_ids.unique().tolist():
            td_error += yield from self._fill(task_id, rollout)
        mean = td_error / max(rollout.actions.numel(), 1)
        return {"td_error": mean, "epsilon": self._algorithm.epsilon, "rate": self._algorithm.alpha}

    def state(self) -> State:
        """Return all that decides what is learned next, the table left out."""
        return {
            **super().state(),
            "progress": self._algorithm.progress,
            "rng": self._rng.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken, with a table that was restored before."""
        super().restore(state)
        self._algorithm.progress = state["progress"]
        self._rng.bit_generator.state = state["rng"]

    def _create(self, algorithm: AlgorithmConfig) -> TabularLearner:
        assert isinstance(algorithm, QLearningConfig | SarsaConfig)  # the table of learners says so
        created: TabularLearner = class_of(algorithm)((0, 0), algorithm, self._rng)
        return created

    def _fill(self, task_id: int, rollout: Rollout) -> Generator[None, None, float]:
        """Learn from the steps of one task; return the sum of their surprises."""
        assert isinstance(self.policy, TablePolicy)  # the settings were checked: only a table is filled
        own = (rollout.observations.task_ids == task_id).view_as(rollout.actions)
        rows = np.full(own.numel(), -1)
        led_to = rows.copy()
        places = own.flatten().nonzero().squeeze(1).tolist()
        rows[places] = self.policy.rows(task_id, [rollout.read[place] for place in places])
        led_to[places] = self.policy.rows(task_id, [rollout.led_to[place] for place in places])
        self._algorithm.values = self.policy.numbers(task_id)
        td_error = 0.0
        steps = _Steps(rollout, rows.reshape(own.shape), led_to.reshape(own.shape))
        for time, worlds in enumerate(own.tolist()):
            for step in steps.at(time, [world for world, is_own in enumerate(worlds) if is_own], self._algorithm):
                td_error += abs(self._algorithm.learn(step))
            yield
        self.policy.note(task_id, self._algorithm.values)
        return td_error


class _Steps:
    """A rollout as single steps between rows of a table."""

    def __init__(self, rollout: Rollout, rows: np.ndarray, led_to: np.ndarray) -> None:
        self._rows, self._led_to = rows.tolist(), led_to.tolist()
        self._actions, self._rewards = rollout.actions.tolist(), rollout.rewards.tolist()
        self._terminated = rollout.terminated.bool().tolist()
        self._over = (rollout.terminated + rollout.truncated).bool().tolist()

    def at(self, time: int, worlds: list[int], algorithm: TabularLearner) -> Iterator[TabularStep]:
        """Yield the step of each of these worlds, with the action that follows it."""
        for world in worlds:
            following = self._led_to[time][world]
            goes_on = time + 1 < len(self._actions) and not self._over[time][world]
            yield TabularStep(
                state=self._rows[time][world],
                action=self._actions[time][world],
                reward=self._rewards[time][world],
                next_state=following,
                next_action=self._actions[time + 1][world] if goes_on else algorithm.act(following),
                terminated=self._terminated[time][world],
            )
