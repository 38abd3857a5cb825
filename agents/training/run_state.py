"""The mutable state of a run."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from agents.agent import Agent
from agents.commands import EraseMemories, KnowledgeCommand, PinMemories
from agents.config import RunConfig
from agents.config.strategy_pair import StrategyConfig
from agents.infer.evaluation import Evaluator
from agents.runtime.clock import Clock
from agents.store.checkpoint_contents import RunContents
from agents.training.plan import StagePlan
from envs.curriculum import Stage, distinct_tasks
from envs.external.checked_env import ExternalEnvFault
from envs.task import Task


class RunState:
    """The agent of a run, its plan, and its progress.

    Raises ValueError if the plan names an unknown environment, or if none of its environments can be created.
    Those with the Gymnasium ids `without`, which hang, are not created.
    """

    def __init__(self, config: RunConfig, without: Collection[str] = ()) -> None:
        self.config = config
        self.clock = Clock()
        self.step = 0
        self.tick = 0
        """Safe points passed so far."""
        self.attempts = 0
        """Consecutive failures of the running stage."""
        self.rolled_back_at = 0
        """The step of its last rollback."""
        self.memory_edits: list[EraseMemories | PinMemories | KnowledgeCommand] = []
        """The user's edits of memory and knowledge, in order, to repeat after a rollback."""
        self.is_truncation_reported = False
        """True once a truncated sentence has been reported."""
        self.plan = StagePlan(config.stages)
        self.agent = Agent(config)
        seed = np.random.SeedSequence([config.seed, 1])
        self.examiner = Evaluator(config.evaluation, seed, config.instructions)
        self.tasks: tuple[Task, ...] = ()
        self._without = {f"gym:{gym_id}" for gym_id in without}
        self.failed_tasks: dict[int, ExternalEnvFault] = {}
        """Why the environment of a task could not be created, by task id. Its stage tries again when it starts."""
        self.add_task(config.stages, is_strict=False)
        if self.tasks and len(self.failed_tasks) == len(self.tasks):
            raise self.failed_tasks[0]

    def add_task(self, stages: tuple[Stage, ...], *, is_strict: bool = True) -> bool:
        """Add the tasks of `stages`; return whether any of them is new.

        Raises ExternalEnvFault if an environment can't be created, or stores the fault in `failed_tasks`.
        """
        tasks = distinct_tasks(stages, known=self.tasks)
        for task_id, task in enumerate(tasks[len(self.tasks) :], start=len(self.tasks)):
            try:
                self._add(task, task_id)
            except ExternalEnvFault as fault:
                if is_strict:
                    raise
                self.failed_tasks[task_id] = fault
        is_new = tasks != self.tasks
        self.tasks = tasks
        return is_new

    def has_failed(self, task: Task) -> bool:
        """Return whether the environment of a task could not be created."""
        return any(self.tasks[task_id].identity == task.identity for task_id in self.failed_tasks)

    def add_failed_task(self, stage: Stage) -> None:
        """Add the task of a stage that starts, if its environment failed before. Raises ExternalEnvFault."""
        task_id = self.task_id(stage)
        if task_id in self.failed_tasks:
            self._add(stage.configured_task, task_id)
            del self.failed_tasks[task_id]

    def _add(self, task: Task, task_id: int) -> None:
        if task.key in self._without:
            raise ExternalEnvFault(f"{task.title}: its environment hung and is skipped")
        self.agent.add_task(task, task_id)

    def stage_seed(self, index: int) -> np.random.SeedSequence:
        """Return the seed of the environments of stage number `index`, which differs in each attempt."""
        attempt = (self.attempts, self.rolled_back_at) if self.attempts else ()
        return np.random.SeedSequence([self.config.seed, 2, index, *attempt])

    def task_id(self, stage: Stage) -> int:
        """Return the task id of the stage's task."""
        return [task.identity for task in self.tasks].index(stage.configured_task.identity)

    def strategy_config(self, stage: Stage | None) -> StrategyConfig:
        """Return the strategy's settings, with the overrides of `stage`."""
        if stage is None or not stage.strategy:
            return self.config.strategy
        return self.config.in_stage(stage).strategy

    def state(self) -> RunContents:
        """Return the state for a full checkpoint, without the running stage's."""
        return {
            "config": self.config.model_dump(),
            "seconds": self.clock.now(),
            "step": self.step,
            "tick": self.tick,
            "attempts": [self.attempts, self.rolled_back_at],
            "is_truncation_reported": self.is_truncation_reported,
            "plan": self.plan.state(),
            "tasks": [task.model_dump() for task in self.tasks],
            "agent": self.agent.state(),
        }

    def restore(self, state: RunContents) -> None:
        """Restore the state that `state` returned."""
        self.config = RunConfig.model_validate(state["config"])
        self.clock = Clock(state["seconds"])
        self.step, self.tick = state["step"], state["tick"]
        self.attempts, self.rolled_back_at = state["attempts"]
        self.is_truncation_reported = state["is_truncation_reported"]
        self.plan.restore(state["plan"])
        self.tasks = tuple(Task(**task) for task in state["tasks"])
        # before the state of the algorithm is restored
        self.agent.change_settings(self.config.algorithm, self.config.learning)
        self.agent.restore(state["agent"])
        if self.plan.running is not None:  # between stages, the last one's strategy stays active
            self.agent.use_strategy(self.strategy_config(self.plan.running), None)
        self.examiner.config = self.config.evaluation

    def configure(self, config: RunConfig) -> None:
        """Apply changed settings at once."""
        self.config = config
        running = self.plan.running
        self.agent.use_strategy(self.strategy_config(running), None if running is None else self.task_id(running))
        self.agent.change_settings(config.algorithm, config.learning)
        self.examiner.config = config.evaluation
