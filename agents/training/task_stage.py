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
FRUITLESS = 8
"""Updates in a row without a whole episode after which it is told, where only such episodes teach."""


def passing(work: Generator[object, None, Value], event: Event) -> Generator[Event, None, Value]:
    """Tell `event` at each breath that `work` takes, and return its result."""
    iteration = Iteration(work)
    for _ in iteration:
        yield event
    return iteration.result


def evaluate_all(state: RunState, index: int, *, final: bool) -> Generator[Event]:
    """Score the agent on every task."""
    scores: list[float | None] = []
    for task_id, task in enumerate(state.tasks):
        if task_id in state.failed_tasks:  # that was told when the run began
            scores.append(None)
            continue
        state.agent.strategy.activate(state.agent.policy, task_id)
        work = state.examiner.examine(state.agent.policy, task, task_id, state.agent.knowledge)
        try:
            scores.append((yield from passing(work, Progress(step=state.step, index=index, phase="evaluating"))))
        except ENV_ERRORS as error:  # a world is anybody's code: its failure costs its score, not the run
            scores.append(None)
            message, arguments = "{task} could not be scored: {error}", {"task": task.title, "error": error_text(error)}
            yield Fault(step=state.step, index=index, message=message, arguments=arguments)
    if state.plan.running is not None:
        state.agent.strategy.activate(state.agent.policy, state.task_id(state.plan.running))
    yield Evaluated(step=state.step, index=index, scores=tuple(scores), final=final)


class TaskStage:
    """Lives one stage; `run` tells it as events.

    Between an update and the next rollout, everything that matters is in `state`: there a
    checkpoint can be taken, and from it the stage goes on as if nothing had happened.
    """

    def __init__(self, state: RunState, stage: Stage, index: int) -> None:
        self.state, self.stage, self.index = state, stage, index
        self.task_id = state.task_id(stage)
        self.progress = StageProgress(state, stage, index)
        self._task_ids = self._wanted()
        """Tasks in whose worlds it is lived."""
        self._collector = self._collected(state.config.learning.n_envs)
        self._rollout: Rollout | None = None
        self._next_look = state.config.evaluation.eval_freq
        self._fruitless = 0
        """Updates in a row that found no whole episode."""
        self._is_begun = False
        self._earlier = 0
        """Steps of the stages before it that share its schedule."""
        self._school = StageTeachers(state, stage)

    def run(self) -> Generator[Event, None, Reason]:
        """Learn until the stage is over; return why it is."""
        agent = self.state.agent
        if not self._is_begun:
            self._earlier = self._going_on()
            agent.begin(self.task_id, self.stage.steps, continues=self._earlier > 0)
            agent.reset_returns(self._task_ids)
            self._is_begun = True
        while (reason := self.progress.reason(self._collector.size)) is None:
            if self.state.config.evaluation.eval_freq and self.progress.done >= self._next_look:
                self._next_look = self.progress.done + self.state.config.evaluation.eval_freq
                yield from evaluate_all(self.state, self.index, final=False)
                continue  # somebody may have changed the plan meanwhile
            if self._wanted() != self._task_ids:  # another strategy, or another plan: other worlds
                self._task_ids = self._wanted()
                self._collector = self._collected(self._collector.size)
                agent.reset_returns(self._task_ids)
            yield from self._update()
        if reason == "budget" and not self.progress.done:
            yield self.progress.too_short(self._collector.size)
        if self._rollout is not None:
            tick = Progress(step=self.state.step, index=self.index, phase="consolidating")
            yield from passing(agent.consolidate(self.task_id, self._rollout, self._task_ids), tick)
        return reason

    def saved(self) -> StageState | None:
        """Return what `resume` needs; None if the stage has not begun. Worlds that can't be saved are None."""
        if not self._is_begun:
            return None
        return {
            "done": self.progress.done,
            "next_look": self._next_look,
            "fruitless": self._fruitless,
            "recent": list(self.progress.scores),
            "size": self._collector.size,
            "task_ids": list(self._task_ids),
            "worlds": self._saved_worlds(),
            "rollout": None if self._rollout is None else self._rollout.state(),
            "school": self._school.state(),
        }

    def resume(self, saved: StageState) -> None:
        """Continue where `saved` was taken."""
        self._is_begun = True
        self.progress.done, self._next_look = saved["done"], saved["next_look"]
        self._fruitless = saved["fruitless"]
        self._earlier = max(self.state.agent.scheduled - self.progress.done, 0)
        self.progress.scores.extend(saved["recent"])
        lived_in = tuple(saved["task_ids"])
        if (saved["size"], lived_in) != (self._collector.size, self._task_ids):
            self._task_ids = lived_in  # settings were changed after the stage had begun
            self._collector = self._collected(saved["size"])
        if saved["worlds"] is None:
            self.state.agent.reset_returns(self._task_ids)
        else:
            self._collector.restore(saved["worlds"])
        self._school.restore(saved["school"])
        if saved["rollout"] is not None:
            self._rollout = Rollout.restored(moved(saved["rollout"], self.state.agent.device))

    def _wanted(self) -> tuple[int, ...]:
        """Return the tasks in whose worlds to live, its own first: that alone, or those of the whole plan."""
        if not self.state.agent.strategy.collects_from_all_tasks:
            return (self.task_id,)
        planned = {self.state.task_id(stage) for stage in self.state.plan.stages if stage.kind == "task"}
        return (self.task_id, *sorted(planned - {self.task_id} - set(self.state.failed_tasks)))

    def _collected(self, size: int) -> Collector | JointCollector:
        """Return so many worlds, begun anew."""
        self._date()
        seed = self.state.stage_seed(self.index)
        if self.progress.done:
            seed = np.random.SeedSequence(seed.entropy, spawn_key=(self.progress.done,))
        if self._task_ids == (self.task_id,):
            return self._part(self.task_id, size, seed)
        shares = split_evenly(size, len(self._task_ids))
        seeds = (
            np.random.SeedSequence(seed.entropy, spawn_key=(self.progress.done, task_id)) for task_id in self._task_ids
        )
        return JointCollector([self._part(*part) for part in zip(self._task_ids, shares, seeds, strict=True)], size)

    def _date(self) -> None:
        """Let what is learned from here on bear the run's step and the stage's number."""
        if (known := self.state.agent.knowledge) is not None:
            known.context.step, known.context.stage = self.state.step, self.index

    def _part(self, task_id: int, size: int, seed: np.random.SeedSequence) -> Collector:
        worlds = [self.state.agent.world(self.state.tasks[task_id], task_id) for _ in range(size)]
        number = int(seed.generate_state(1)[0])
        if instructed := [world for world in worlds if isinstance(world, InstructionWrapper)]:
            return InstructedCollector(instructed, task_id, number, self.state.config.instructions)
        algorithm = self.state.config.algorithm
        group = algorithm.group_size if isinstance(algorithm, GRPOConfig) else UNGROUPED
        return Collector(worlds, task_id, number, group=group)

    def _saved_worlds(self) -> State | None:
        try:
            return self._collector.state()
        except ENV_ERRORS:  # a world is anybody's code: that it can't be saved costs exactness, not the run
            return None

    def _update(self) -> Generator[Event]:
        """Live one rollout and learn from it."""
        agent, running = self.state.agent, self.state.plan.running
        before, started = self.state.clock.now(), self.progress.done
        rollout = yield from self._act()
        if rollout is None:
            return
        self._rollout = rollout
        done, agent.learner.total = self._schedule(running)
        tick, most = Progress(step=self.state.step, index=self.index, phase="learning"), agent.learner.max_rows
        terms = yield from passing(agent.learn(rollout, done), tick)
        if agent.learner.max_rows != most:
            yield self._halved()
        self._fruitless = self._fruitless + 1 if terms.get(WHOLE_EPISODES) == 0 else 0
        if self._fruitless == FRUITLESS:
            yield self._starved()
        rate = (self.progress.done - started) / (self.state.clock.now() - before)
        yield Updated(step=self.state.step, index=self.index, terms=terms, rate=rate)

    def _going_on(self) -> int:
        """Return the steps of the stages before it whose schedule it goes on with: those that lived everywhere, too."""
        agent, history = self.state.agent, self.state.plan.history
        goes_on = agent.strategy.collects_from_all_tasks and bool(history) and history[-1].kind == "task"
        return agent.scheduled if goes_on else 0

    def _schedule(self, running: Stage | None) -> tuple[int, int]:
        """Return how many steps of the schedule are done, and how many it has.

        It spans the stage, or, where every stage lives in all worlds, all such stages in a row.
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

    def _halved(self) -> Fault:
        message = "Memory ran out: from here on, gradient steps take {rows} decisions at a time."
        arguments = {"rows": self.state.agent.learner.max_rows}
        return Fault(step=self.state.step, index=self.index, message=message, arguments=arguments)

    def _starved(self) -> Fault:
        message = (
            "No episode began and ended within the last {count} rollouts, so nothing was learned from them: GRPO "
            "compares whole episodes. Make learning.n_steps longer than {steps} steps."
        )
        arguments = {"count": FRUITLESS, "steps": self.state.config.learning.n_steps}
        return Fault(step=self.state.step, index=self.index, message=message, arguments=arguments)

    def _act(self) -> Generator[Event, None, Rollout | None]:
        """Live one rollout; None if the stage was cut in the middle of it."""
        steps = min(self.state.config.learning.n_steps, self.progress.left // self._collector.size)
        if taught := self._taught():
            steps = min(steps, -(-taught // self._collector.size))
        for part in self._collector.parts:
            part.supervision = self._school.supervision(part.task_id) if taught else None
        self._date()
        life = Iteration(self.state.agent.interact(self._collector, steps, self.state.step))
        for lived in life:
            if not isinstance(lived, VectorStep):
                yield lived
                continue
            self.progress.advance(self._collector.size)
            yield from self._episodes(lived)
            yield Progress(step=self.state.step, index=self.index, phase="acting")
            if not self.progress.goes_on:
                life.close()
                return None
        return life.result

    def _episodes(self, lived: VectorStep) -> Iterator[Event]:
        for episode in lived.episodes:
            if episode.task_id == self.task_id and not self._is_shown:
                self.progress.scores.append(episode.score)
            yield EpisodeFinished(
                step=self.state.step,
                index=self.index,
                task_id=episode.task_id,
                reward=episode.reward,
                score=episode.score,
                length=episode.length,
            )

    def _taught(self) -> int:
        """Return how many steps are still to be taught."""
        running = self.state.plan.running
        return 0 if running is None else max(running.taught - self.progress.done, 0)

    @property
    def _is_shown(self) -> bool:
        """Whether a teacher acts: what that scores says nothing about the agent, and opens no gate."""
        return self._taught() > 0 and self.stage.teaching.actor != "student"
