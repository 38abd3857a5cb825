"""A stage on one task: collect, update, evaluate, until the budget or the gate is reached."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import takewhile
from typing import TypeVar

import numpy as np

from agents.algorithms.grpo import WHOLE_EPISODES
from agents.collect.collector import Collector, VectorStep
from agents.collect.episode_seeds import UNGROUPED
from agents.collect.instructed import InstructedCollector
from agents.collect.joint import JointCollector, split_evenly
from agents.config.algorithms import GRPOConfig
from agents.config.strategy_pair import BothConfig
from agents.errors import ENV_ERRORS, error_text
from agents.events import EpisodeFinished, Evaluated, Event, Fault, Progress, Updated
from agents.instructions.wrapper import InstructionWrapper
from agents.registry import class_of
from agents.rollout import Rollout
from agents.runtime.iteration import Iteration
from agents.state_tree import State, moved
from agents.store.checkpoint_contents import StageState
from agents.training.run_state import RunState
from agents.training.stage_progress import Reason, StageProgress
from agents.training.stage_teachers import StageTeachers
from envs.curriculum import Stage

Value = TypeVar("Value")
MAX_UPDATES_WITHOUT_EPISODE = 8
"""Consecutive updates without a complete episode after which GRPO reports that it learns nothing."""


def repeat_event(work: Generator[object, None, Value], event: Event) -> Generator[Event, None, Value]:
    """Yield `event` at each step of `work`, and return the result of `work`."""
    iteration = Iteration(work)
    for _ in iteration:
        yield event
    return iteration.result


def evaluate_all(state: RunState, index: int, *, final: bool) -> Generator[Event]:
    """Evaluate the agent on every task."""
    scores: list[float | None] = []
    for task_id, task in enumerate(state.tasks):
        if task_id in state.failed_tasks:  # reported at the start of the run
            scores.append(None)
            continue
        state.agent.strategy.activate(state.agent.policy, task_id)
        work = state.examiner.examine(state.agent.policy, task, task_id, state.agent.knowledge)
        try:
            scores.append((yield from repeat_event(work, Progress(step=state.step, index=index, phase="evaluating"))))
        except ENV_ERRORS as error:  # a faulty environment costs its score, not the run
            scores.append(None)
            message, arguments = "{task} could not be scored: {error}", {"task": task.title, "error": error_text(error)}
            yield Fault(step=state.step, index=index, message=message, arguments=arguments)
    if state.plan.running is not None:
        state.agent.strategy.activate(state.agent.policy, state.task_id(state.plan.running))
    yield Evaluated(step=state.step, index=index, scores=tuple(scores), final=final)


class TaskStage:
    """Trains one stage on a task; `run` yields its events.

    Between an update and the next rollout, `saved` is the complete state of the stage: a
    checkpoint taken there can be resumed exactly.
    """

    def __init__(self, state: RunState, stage: Stage, index: int) -> None:
        self.state, self.stage, self.index = state, stage, index
        self.task_id = state.task_id(stage)
        self.progress = StageProgress(state, stage, index)
        self._task_ids = self._target_tasks()
        """Tasks from whose environments it collects."""
        self._collector = self._make_collector(state.config.learning.n_envs)
        self._rollout: Rollout | None = None
        self._next_evaluation = state.config.evaluation.eval_freq
        self._updates_without_episode = 0
        """Consecutive updates without a complete episode."""
        self._is_begun = False
        self._earlier = 0
        """Steps of the earlier stages that share its schedule."""
        self._teachers = StageTeachers(state, stage)

    def run(self) -> Generator[Event, None, Reason]:
        """Train until the stage is over; return why it is over."""
        agent = self.state.agent
        if not self._is_begun:
            self._earlier = self._shared_steps()
            agent.begin(self.task_id, self.stage.steps, continues=self._earlier > 0)
            agent.reset_returns(self._task_ids)
            self._is_begun = True
        while (reason := self.progress.reason(self._collector.size)) is None:
            if self.state.config.evaluation.eval_freq and self.progress.done >= self._next_evaluation:
                self._next_evaluation = self.progress.done + self.state.config.evaluation.eval_freq
                yield from evaluate_all(self.state, self.index, final=False)
                continue  # a command may have changed the plan meanwhile
            if self._target_tasks() != self._task_ids:  # the strategy or the plan has changed
                self._task_ids = self._target_tasks()
                self._collector = self._make_collector(self._collector.size)
                agent.reset_returns(self._task_ids)
            yield from self._update()
        if reason == "budget" and not self.progress.done:
            yield self.progress.too_short(self._collector.size)
        if self._rollout is not None:
            tick = Progress(step=self.state.step, index=self.index, phase="consolidating")
            yield from repeat_event(agent.consolidate(self.task_id, self._rollout, self._task_ids), tick)
        return reason

    def saved(self) -> StageState | None:
        """Return the state for `resume`; None before the first update. Environments that can't be saved are None."""
        if not self._is_begun:
            return None
        return {
            "done": self.progress.done,
            "next_evaluation": self._next_evaluation,
            "updates_without_episode": self._updates_without_episode,
            "recent": list(self.progress.scores),
            "size": self._collector.size,
            "task_ids": list(self._task_ids),
            "worlds": self._saved_worlds(),
            "rollout": None if self._rollout is None else self._rollout.state(),
            "teachers": self._teachers.state(),
        }

    def resume(self, saved: StageState) -> None:
        """Restore the state that `saved` returned."""
        self._is_begun = True
        self.progress.done, self._next_evaluation = saved["done"], saved["next_evaluation"]
        self._updates_without_episode = saved["updates_without_episode"]
        self._earlier = max(self.state.agent.scheduled - self.progress.done, 0)
        self.progress.scores.extend(saved["recent"])
        task_ids = tuple(saved["task_ids"])
        if (saved["size"], task_ids) != (self._collector.size, self._task_ids):
            self._task_ids = task_ids  # settings were changed during the stage
            self._collector = self._make_collector(saved["size"])
        if saved["worlds"] is None:
            self.state.agent.reset_returns(self._task_ids)
        else:
            self._collector.restore(saved["worlds"])
        self._teachers.restore(saved["teachers"])
        if saved["rollout"] is not None:
            self._rollout = Rollout.restored(moved(saved["rollout"], self.state.agent.device))

    def _target_tasks(self) -> tuple[int, ...]:
        """Return the tasks to collect from, its own first: only that, or those of the whole plan."""
        if not self.state.agent.strategy.collects_from_all_tasks:
            return (self.task_id,)
        planned = {self.state.task_id(stage) for stage in self.state.plan.stages if stage.kind == "task"}
        return (self.task_id, *sorted(planned - {self.task_id} - set(self.state.failed_tasks)))

    def _make_collector(self, size: int) -> Collector | JointCollector:
        """Return a collector of `size` new environments, split evenly among the tasks."""
        self._date_knowledge()
        seed = self.state.stage_seed(self.index)
        if self.progress.done:
            seed = np.random.SeedSequence(seed.entropy, spawn_key=(self.progress.done,))
        if self._task_ids == (self.task_id,):
            return self._task_collector(self.task_id, size, seed)
        shares = split_evenly(size, len(self._task_ids))
        seeds = (
            np.random.SeedSequence(seed.entropy, spawn_key=(self.progress.done, task_id)) for task_id in self._task_ids
        )
        return JointCollector(
            [self._task_collector(*part) for part in zip(self._task_ids, shares, seeds, strict=True)], size
        )

    def _date_knowledge(self) -> None:
        """Date new knowledge entries with the run's step and the stage's number."""
        if (known := self.state.agent.knowledge) is not None:
            known.context.step, known.context.stage = self.state.step, self.index

    def _task_collector(self, task_id: int, size: int, seed: np.random.SeedSequence) -> Collector:
        worlds = [self.state.agent.world(self.state.tasks[task_id], task_id) for _ in range(size)]
        seed_number = int(seed.generate_state(1)[0])
        if instructed := [world for world in worlds if isinstance(world, InstructionWrapper)]:
            return InstructedCollector(instructed, task_id, seed_number, self.state.config.instructions)
        algorithm = self.state.config.algorithm
        group = algorithm.group_size if isinstance(algorithm, GRPOConfig) else UNGROUPED
        return Collector(worlds, task_id, seed_number, group=group)

    def _saved_worlds(self) -> State | None:
        try:
            return self._collector.state()
        except ENV_ERRORS:  # an environment that can't be saved costs exactness, not the run
            return None

    def _update(self) -> Generator[Event]:
        """Collect one rollout and update on it."""
        agent, running = self.state.agent, self.state.plan.running
        before, started = self.state.clock.now(), self.progress.done
        rollout = yield from self._act()
        if rollout is None:
            return
        self._rollout = rollout
        done, agent.learner.total = self._schedule(running)
        tick, max_rows = Progress(step=self.state.step, index=self.index, phase="learning"), agent.learner.max_rows
        terms = yield from repeat_event(agent.learn(rollout, done), tick)
        if agent.learner.max_rows != max_rows:
            yield self._out_of_memory()
        self._updates_without_episode = self._updates_without_episode + 1 if terms.get(WHOLE_EPISODES) == 0 else 0
        if self._updates_without_episode == MAX_UPDATES_WITHOUT_EPISODE:
            yield self._no_episodes()
        rate = (self.progress.done - started) / (self.state.clock.now() - before)
        yield Updated(step=self.state.step, index=self.index, terms=terms, rate=rate)

    def _shared_steps(self) -> int:
        """Return the steps of the earlier stages whose schedule it continues: those that collect from all tasks."""
        agent, history = self.state.agent, self.state.plan.history
        continues = agent.strategy.collects_from_all_tasks and bool(history) and history[-1].kind == "task"
        return agent.scheduled if continues else 0

    def _schedule(self, running: Stage | None) -> tuple[int, int]:
        """Return the steps of the schedule that are done, and its total.

        It spans the stage, or all consecutive stages if every stage collects from all tasks.
        """
        agent, steps = self.state.agent, self.stage.steps if running is None else running.steps
        if not agent.strategy.collects_from_all_tasks:
            agent.scheduled = 0
            return self.progress.done, steps
        agent.scheduled = self._earlier + self.progress.done
        upcoming = takewhile(self._collects_from_all_tasks, self.state.plan.upcoming)
        return agent.scheduled, self._earlier + steps + sum(stage.steps for stage in upcoming)

    def _collects_from_all_tasks(self, stage: Stage) -> bool:
        strategy = self.state.strategy_config(stage)
        return (
            stage.kind == "task" and not isinstance(strategy, BothConfig) and class_of(strategy).collects_from_all_tasks
        )

    def _out_of_memory(self) -> Fault:
        message = "Memory ran out: from here on, gradient steps take {rows} decisions at a time."
        arguments = {"rows": self.state.agent.learner.max_rows}
        return Fault(step=self.state.step, index=self.index, message=message, arguments=arguments)

    def _no_episodes(self) -> Fault:
        message = (
            "No episode began and ended within the last {count} rollouts, so nothing was learned from them: GRPO "
            "compares whole episodes. Make learning.n_steps longer than {steps} steps."
        )
        arguments = {"count": MAX_UPDATES_WITHOUT_EPISODE, "steps": self.state.config.learning.n_steps}
        return Fault(step=self.state.step, index=self.index, message=message, arguments=arguments)

    def _act(self) -> Generator[Event, None, Rollout | None]:
        """Collect one rollout; None if the stage was removed during it."""
        steps = min(self.state.config.learning.n_steps, self.progress.left // self._collector.size)
        if taught := self._taught_steps():
            steps = min(steps, -(-taught // self._collector.size))
        for part in self._collector.parts:
            part.supervision = self._teachers.supervision(part.task_id) if taught else None
        self._date_knowledge()
        collection = Iteration(self.state.agent.interact(self._collector, steps, self.state.step))
        for item in collection:
            if not isinstance(item, VectorStep):  # an event of the agent's
                yield item
                continue
            self.progress.advance(self._collector.size)
            yield from self._episodes(item)
            yield Progress(step=self.state.step, index=self.index, phase="acting")
            if not self.progress.is_running:
                collection.close()
                return None
        return collection.result

    def _episodes(self, step: VectorStep) -> Iterator[Event]:
        for episode in step.episodes:
            if episode.task_id == self.task_id and not self._teacher_acts:
                self.progress.scores.append(episode.score)
            yield EpisodeFinished(
                step=self.state.step,
                index=self.index,
                task_id=episode.task_id,
                reward=episode.reward,
                score=episode.score,
                length=episode.length,
            )

    def _taught_steps(self) -> int:
        """Return the number of taught steps that are left."""
        running = self.state.plan.running
        return 0 if running is None else max(running.taught - self.progress.done, 0)

    @property
    def _teacher_acts(self) -> bool:
        """True while a teacher acts; such scores are not the agent's and do not count for the gate."""
        return self._taught_steps() > 0 and self.stage.teaching.actor != "student"
