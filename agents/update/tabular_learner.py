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
    """Updates a Q-table from each transition of a rollout, in the order of collection.

    The table does not change while a rollout is collected. Where the next action is unknown,
    at the end of a rollout or an episode, SARSA draws one from its current behaviour policy.
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
        """Return the epsilon-greedy policy on the table."""
        return EpsilonGreedy(self.policy, self._algorithm.epsilon)

    def change_settings(self, algorithm: AlgorithmConfig, config: LearningConfig) -> None:
        """Apply other settings from the next update on; the schedules keep their progress."""
        super().change_settings(algorithm, config)
        progress = self._algorithm.progress
        self._algorithm = self._create(algorithm)
        self._algorithm.progress = progress

    def learn(self, rollout: Rollout, steps_done: int) -> Generator[None, None, dict[str, float]]:
        """Update the table from every transition, yielding after each step; return the mean absolute TD error."""
        self._algorithm.progress = steps_done / self.total
        td_error = 0.0
        for task_id in rollout.observations.task_ids.unique().tolist():
            td_error += yield from self._update_table(task_id, rollout)
        mean = td_error / max(rollout.actions.numel(), 1)
        return {"td_error": mean, "epsilon": self._algorithm.epsilon, "rate": self._algorithm.alpha}

    def state(self) -> State:
        """Return the learner's state, without the table."""
        return {
            **super().state(),
            "progress": self._algorithm.progress,
            "rng": self._rng.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned; the table must have been restored before."""
        super().restore(state)
        self._algorithm.progress = state["progress"]
        self._rng.bit_generator.state = state["rng"]

    def _create(self, algorithm: AlgorithmConfig) -> TabularLearner:
        assert isinstance(algorithm, QLearningConfig | SarsaConfig)  # by the registry
        created: TabularLearner = class_of(algorithm)((0, 0), algorithm, self._rng)
        return created

    def _update_table(self, task_id: int, rollout: Rollout) -> Generator[None, None, float]:
        """Update the table of one task; return the sum of the absolute TD errors."""
        assert isinstance(self.policy, TablePolicy)  # the settings were checked: a tabular algorithm has a table
        is_own = (rollout.observations.task_ids == task_id).view_as(rollout.actions)  # (T, N)
        rows = np.full(is_own.numel(), -1)
        next_rows = rows.copy()
        indices = is_own.flatten().nonzero().squeeze(1).tolist()
        rows[indices] = self.policy.rows(task_id, [rollout.texts[index] for index in indices])
        next_rows[indices] = self.policy.rows(task_id, [rollout.next_texts[index] for index in indices])
        self._algorithm.values = self.policy.q_values(task_id)
        td_error = 0.0
        steps = _Steps(rollout, rows.reshape(is_own.shape), next_rows.reshape(is_own.shape))
        for time, worlds in enumerate(is_own.tolist()):
            for step in steps.at(time, [world for world, has_task in enumerate(worlds) if has_task], self._algorithm):
                td_error += abs(self._algorithm.learn(step))
            yield
        self.policy.write(task_id, self._algorithm.values)
        return td_error


class _Steps:
    """A rollout as transitions between rows of a table, both (T, N) row indices."""

    def __init__(self, rollout: Rollout, rows: np.ndarray, next_rows: np.ndarray) -> None:
        self._rows, self._next_rows = rows.tolist(), next_rows.tolist()
        self._actions, self._rewards = rollout.actions.tolist(), rollout.rewards.tolist()
        self._terminated = rollout.terminated.bool().tolist()
        self._ended = (rollout.terminated + rollout.truncated).bool().tolist()

    def at(self, time: int, worlds: list[int], algorithm: TabularLearner) -> Iterator[TabularStep]:
        """Yield the transition of each of these environments at step `time`."""
        for world in worlds:
            next_state = self._next_rows[time][world]
            continues = time + 1 < len(self._actions) and not self._ended[time][world]
            yield TabularStep(
                state=self._rows[time][world],
                action=self._actions[time][world],
                reward=self._rewards[time][world],
                next_state=next_state,
                next_action=self._actions[time + 1][world] if continues else algorithm.act(next_state),
                terminated=self._terminated[time][world],
            )
