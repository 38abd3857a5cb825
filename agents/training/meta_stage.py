"""A meta-learning stage: adapt to tasks of a family, update the initial weights, then test on held-out tasks."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import numpy as np
import torch

from agents.agent import entry_of, restore
from agents.events import Adapted, EpisodeFinished, Event, MemoryEntry, Progress, Updated
from agents.meta import Collect, EpisodeGenerator, MemberStep, MetaLearner
from agents.meta.meta_test import MetaTest
from agents.meta.task_family import FamilyMember, member_task, split
from agents.policies import Policy
from agents.registry import build
from agents.rollout import Rollout
from agents.runtime.iteration import Iteration
from agents.training.run_state import RunState
from agents.training.stage_progress import Reason, StageProgress
from agents.training.task_stage import evaluate_all, repeat_event
from envs.curriculum import Stage

TESTED = 4
"""Number of held-out members in the final test: one coset, which contains the stage's own member."""


class MetaStage:
    """Trains one stage over a task family; `run` yields its events.

    Steps of the final test are not counted, like those of any evaluation.
    """

    def __init__(self, state: RunState, stage: Stage, index: int) -> None:
        self.state, self.stage, self.index = state, stage, index
        self.task_id = state.task_id(stage)
        self.progress = StageProgress(state, stage, index)
        seed, rng = state.stage_seed(index).spawn(2)
        self._rng, shuffle = (torch.Generator().manual_seed(int(word)) for word in rng.generate_state(2))
        self._choice = np.random.default_rng(rng.spawn(1)[0])
        self._learner: MetaLearner = build(state.config.meta, build(state.config.algorithm), shuffle)
        training, self._held_out = split(stage.configured_task)
        self._members = [
            FamilyMember(member_task(stage.configured_task, member), self.task_id, state.config.meta.episodes, own)
            for member, own in zip(training, seed.spawn(len(training)), strict=True)
        ]
        self._entries: list[MemoryEntry] = []
        self._rollout: Rollout | None = None
        self._scores: list[list[float]] = []
        """Episode scores of each rollout of the running outer step."""
        self._step_size = state.config.meta.episodes
        """Maximum environment steps of one vector step."""
        self._longest = 0
        """Environment steps of the longest outer step so far."""

    def run(self) -> Generator[Event, None, Reason]:
        """Meta-learn until the stage is over, run the final test, and return why the stage is over."""
        agent = self.state.agent
        initial = restore(agent.snapshot(self.state.step)).to(agent.device)
        reason = yield from self.learn()
        yield from self._test(initial)
        return reason

    def learn(self) -> Generator[Event, None, Reason]:
        """Meta-learn until the stage is over; yield its events, and return the reason why it ended."""
        agent, next_evaluation = self.state.agent, self.state.config.evaluation.eval_freq
        agent.strategy.begin_task(agent.policy, self.task_id)
        while (reason := self._reason()) is None:
            yield from self._improve()
            if (
                self.state.config.evaluation.eval_freq
                and self.progress.done >= next_evaluation
                and self._reason() is None
            ):
                next_evaluation = self.progress.done + self.state.config.evaluation.eval_freq
                yield from evaluate_all(self.state, self.index, final=False)
        if reason == "budget" and not self.progress.done:
            yield self.progress.too_short(self._step_size)
        if self._rollout is not None:
            tick = Progress(step=self.state.step, index=self.index, phase="consolidating")
            yield from repeat_event(agent.consolidate(self.task_id, self._rollout, (self.task_id,)), tick)
        return reason

    def _improve(self) -> Generator[Event]:
        """Take one outer step; abort it if the stage ends or a task is added, which makes weights grow."""
        before, started, known = self.state.clock.now(), self.progress.done, len(self.state.tasks)
        self._scores = []
        # a command may have changed the settings since the last step
        self._learner.algorithm = build(self.state.config.algorithm)
        self._learner.clip_gradient = self.state.config.learning.max_grad_norm
        count = min(self.state.config.meta.meta_batch_size, len(self._members))
        chosen = self._choice.choice(len(self._members), count, replace=False)
        members = [self._collect(self._members[i]) for i in chosen]
        work = Iteration(self._learner.improve(self.state.agent.policy, members))
        for member_step in work:
            yield from self._events(member_step)
            if self.progress.left < self._step_size or len(self.state.tasks) != known:
                work.close()
                break
        else:
            self._longest = max(self._longest, self.progress.done - started)
            terms = {**work.result, **self._speed(count)}
            rate = (self.progress.done - started) / (self.state.clock.now() - before)
            yield Updated(step=self.state.step, index=self.index, terms=terms, rate=rate)
        if self._entries:
            entries, self._entries = self._entries, []
            yield self.state.agent.memory.write(self.task_id, entries, self.state.step)

    def _collect(self, member: FamilyMember) -> Collect:
        def collect(policy: Policy) -> EpisodeGenerator:
            self._scores.append([])
            self._rollout = yield from member.collect(policy, self._rng, self._choose)
            return self._rollout

        return collect

    def _choose(self, count: int) -> Sequence[bool]:
        chosen: list[bool] = self.state.agent.memory.choose(self.task_id, 1, count)[0].tolist()
        return chosen

    def _events(self, member_step: MemberStep) -> Iterator[Event]:
        actions = self.state.agent.policy.action_sets[self.task_id]
        self._entries += (entry_of(decision, actions, self.state.step) for decision in member_step.collected)
        self.progress.advance(member_step.decisions)
        for episode in member_step.episodes:
            self.progress.scores.append(episode.score)
            self._scores[-1].append(episode.score)
            yield EpisodeFinished(
                step=self.state.step,
                index=self.index,
                task_id=self.task_id,
                reward=episode.reward,
                score=episode.score,
                length=episode.length,
            )
        yield Progress(step=self.state.step, index=self.index, phase="adapting")

    def _speed(self, members: int) -> dict[str, float]:
        """Return the mean success before and after adaptation, over the members of the outer step."""
        scores = np.array(self._scores).reshape(members, -1, self.state.config.meta.episodes)  # (members, rollouts, E)
        return {"success_before": float(scores[:, 0].mean()), "success_after": float(scores[:, -1].mean())}

    def _test(self, initial: Policy) -> Generator[Event]:
        """Adapt the agent, and the `initial` one as control, to each of the first `TESTED` held-out members."""
        trial = MetaTest(self.stage.configured_task, self.task_id, self.state.config)
        tick = Progress(step=self.state.step, index=self.index, phase="adapting")
        for member in self._held_out[:TESTED]:
            if not self.state.plan.is_running(self.stage):
                return
            scores = yield from repeat_event(trial.curve(self.state.agent.policy, member), tick)
            control = yield from repeat_event(trial.curve(initial, member), tick)
            yield Adapted(
                step=self.state.step,
                index=self.index,
                member=member,
                episodes=trial.episodes,
                scores=scores,
                control=control,
            )

    def _reason(self) -> Reason | None:
        return self.progress.reason(max(self._step_size, self._longest))
