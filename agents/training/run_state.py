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
    """An agent, its plan, and how far it has come.

    Raises ValueError if the plan names a world that there is not, or if none of its worlds can be lived in.
    Those of the Gymnasium ids `without` are not made at all: they hang.
    """

    def __init__(self, config: RunConfig, without: Collection[str] = ()) -> None:
        self.config = config
        self.clock = Clock()
        self.step = 0
        self.tick = 0
        """Safe points passed so far."""
        self.attempts = 0
        """How many times in a row the running stage has failed."""
        self.rolled_back_at = 0
        """The step at which it was last rolled back."""
        self.memory_edits: list[EraseMemories | PinMemories | KnowledgeCommand] = []
        """What a person did to memory and knowledge, in order: it is done again to those that are taken back."""
        self.is_truncation_reported = False
        """Whether it was told that sentences are cut."""
        self.plan = StagePlan(config.stages)
        self.agent = Agent(config)
        seed = np.random.SeedSequence([config.seed, 1])
        self.examiner = Evaluator(config.evaluation, seed, config.instructions)
        self.tasks: tuple[Task, ...] = ()
        self._without = {f"gym:{gym_id}" for gym_id in without}
        self.failed_tasks: dict[int, ExternalEnvFault] = {}
        """By column: why the world of a task could not be met. Its stage tries again when its turn comes."""
        self.add_task(config.stages, is_strict=False)
        if self.tasks and len(self.failed_tasks) == len(self.tasks):
            raise self.failed_tasks[0]

    def add_task(self, stages: tuple[Stage, ...], *, is_strict: bool = True) -> bool:
        """Get to know the tasks of `stages`; return whether any of them is new.

        Raises GuestFault if somebody's world can't be met, or else keeps it in `failed_tasks`.
        """
        tasks = distinct_tasks(stages, known=self.tasks)
        for task_id, task in enumerate(tasks[len(self.tasks) :], start=len(self.tasks)):
            try:
                self._introduce(task, task_id)
            except ExternalEnvFault as fault:
                if is_strict:
                    raise
                self.failed_tasks[task_id] = fault
        is_new = tasks != self.tasks
        self.tasks = tasks
        return is_new

    def has_failed(self, task: Task) -> bool:
        """Tell whether the world of a task could not be met."""
        return any(self.tasks[task_id].identity == task.identity for task_id in self.failed_tasks)

    def add_failed_task(self, stage: Stage) -> None:
        """Get to know the task of a stage that begins, if its world could not be met before. Raises GuestFault."""
        task_id = self.task_id(stage)
        if task_id in self.failed_tasks:
            self._introduce(stage.configured_task, task_id)
            del self.failed_tasks[task_id]

    def _introduce(self, task: Task, task_id: int) -> None:
        if task.key in self._without:
            raise ExternalEnvFault(f"{task.title}: its world hung, and is left out")
        self.agent.add_task(task, task_id)

    def stage_seed(self, index: int) -> np.random.SeedSequence:
        """Return what the worlds of the stage begun as number `index` are seeded by, in this attempt at it."""
        attempt = (self.attempts, self.rolled_back_at) if self.attempts else ()
        return np.random.SeedSequence([self.config.seed, 2, index, *attempt])

    def task_id(self, stage: Stage) -> int:
        """Return the place of the stage's task in the matrix."""
        return [task.identity for task in self.tasks].index(stage.configured_task.identity)

    def strategy_config(self, stage: Stage | None) -> StrategyConfig:
        """Return the strategy's settings as they hold in `stage`."""
        if stage is None or not stage.strategy:
            return self.config.strategy
        return self.config.in_stage(stage).strategy

    def state(self) -> RunContents:
        """Return everything that a run needs to go on as if nothing had happened."""
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
        """Continue where `state` was taken."""
        self.config = RunConfig.model_validate(state["config"])
        self.clock = Clock(state["seconds"])
        self.step, self.tick = state["step"], state["tick"]
        self.attempts, self.rolled_back_at = state["attempts"]
        self.is_truncation_reported = state["is_truncation_reported"]
        self.plan.restore(state["plan"])
        self.tasks = tuple(Task(**task) for task in state["tasks"])
        self.agent.change_settings(
            self.config.algorithm, self.config.learning
        )  # before what the algorithm kept comes back
        self.agent.restore(state["agent"])
        if self.plan.running is not None:  # otherwise the strategy of the last stage goes on until the next begins
            self.agent.use_strategy(self.strategy_config(self.plan.running), None)
        self.examiner.config = self.config.evaluation

    def configure(self, config: RunConfig) -> None:
        """Put changed settings to work at once."""
        self.config = config
        running = self.plan.running
        self.agent.use_strategy(self.strategy_config(running), None if running is None else self.task_id(running))
        self.agent.change_settings(config.algorithm, config.learning)
        self.examiner.config = config.evaluation
