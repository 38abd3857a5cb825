"""A meta-learning stage: adapt to members of a family, update the start, then test on held-out members."""

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
from agents.training.task_stage import evaluate_all, passing
from envs.curriculum import Stage

TESTED = 4
"""New members that are met in the closing test: one coset, the stage's own member among them."""


class MetaStage:
    """Lives one stage over a family; `collect` tells it as events.

    What is lived in the closing test is not counted as steps, like any evaluation.
    """

    def __init__(self, state: RunState, stage: Stage, index: int) -> None:
        self.state, self.stage, self.index = state, stage, index
        self.task_id = state.task_id(stage)
        self.progress = StageProgress(state, stage, index)
        seed, rng = state.stage_seed(index).spawn(2)
        self._rng, shuffle = (torch.Generator().manual_seed(int(word)) for word in rng.generate_state(2))
        self._choice = np.random.default_rng(rng.spawn(1)[0])
        self._learner: MetaLearner = build(state.config.meta, build(state.config.algorithm), shuffle)
        teaching, self._held_out = split(stage.configured_task)
        self._members = [
            FamilyMember(member_task(stage.configured_task, member), self.task_id, state.config.meta.episodes, own)
            for member, own in zip(teaching, seed.spawn(len(teaching)), strict=True)
        ]
        self._moments: list[MemoryEntry] = []
        self._rollout: Rollout | None = None
        self._scores: list[list[float]] = []
        """Of each rollout of the running outer step, the scores of its episodes."""
        self._widest = state.config.meta.episodes
        """Environment steps of one vector step, at most."""
        self._longest = 0
        """Environment steps of the longest outer step so far."""

    def run(self) -> Generator[Event, None, Reason]:
        """Meta-learn until the stage is over, test what came of it, and return why it is over."""
        agent = self.state.agent
        before = restore(agent.snapshot(self.state.step)).to(agent.device)
        reason = yield from self.learn()
        yield from self._test(before)
        return reason

    def learn(self) -> Generator[Event, None, Reason]:
        """Meta-learn until the stage is over; return why it is."""
        agent, next_look = self.state.agent, self.state.config.evaluation.eval_freq
        agent.strategy.begin_task(agent.policy, self.task_id)
        while (reason := self._reason()) is None:
            yield from self._improve()
            if self.state.config.evaluation.eval_freq and self.progress.done >= next_look and self._reason() is None:
                next_look = self.progress.done + self.state.config.evaluation.eval_freq
                yield from evaluate_all(self.state, self.index, final=False)
        if reason == "budget" and not self.progress.done:
            yield self.progress.too_short(self._widest)
        if self._rollout is not None:
            tick = Progress(step=self.state.step, index=self.index, phase="consolidating")
            yield from passing(agent.consolidate(self.task_id, self._rollout, (self.task_id,)), tick)
        return reason

    def _improve(self) -> Generator[Event]:
        """Take one outer step, unless the stage ends or new words are met in the middle of it: weights grow then."""
        before, started, known = self.state.clock.now(), self.progress.done, len(self.state.tasks)
        self._scores = []
        # settings may have been changed
        self._learner.algorithm = build(self.state.config.algorithm)
        self._learner.clip_gradient = self.state.config.learning.max_grad_norm
        count = min(self.state.config.meta.meta_batch_size, len(self._members))
        chosen = self._choice.choice(len(self._members), count, replace=False)
        members = [self._collect(self._members[i]) for i in chosen]
        work = Iteration(self._learner.improve(self.state.agent.policy, members))
        for lived in work:
            yield from self._tell(lived)
            if self.progress.left < self._widest or len(self.state.tasks) != known:
                work.close()
                break
        else:
            self._longest = max(self._longest, self.progress.done - started)
            terms = {**work.result, **self._speed(count)}
            rate = (self.progress.done - started) / (self.state.clock.now() - before)
            yield Updated(step=self.state.step, index=self.index, terms=terms, rate=rate)
        if self._moments:
            moments, self._moments = self._moments, []
            yield self.state.agent.memory.write(self.task_id, moments, self.state.step)

    def _collect(self, member: FamilyMember) -> Collect:
        def collect(policy: Policy) -> EpisodeGenerator:
            self._scores.append([])
            self._rollout = yield from member.collect(policy, self._rng, self._choose)
            return self._rollout

        return collect

    def _choose(self, count: int) -> Sequence[bool]:
        chosen: list[bool] = self.state.agent.memory.choose(self.task_id, 1, count)[0].tolist()
        return chosen

    def _tell(self, lived: MemberStep) -> Iterator[Event]:
        actions = self.state.agent.policy.action_sets[self.task_id]
        self._moments += (entry_of(decision, actions, self.state.step) for decision in lived.collected)
        self.progress.advance(lived.decisions)
        for episode in lived.episodes:
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
        """Return the success in the first and in the last rollout with each member of the outer step."""
        scores = np.array(self._scores).reshape(members, -1, self.state.config.meta.episodes)
        return {"success_before": float(scores[:, 0].mean()), "success_after": float(scores[:, -1].mean())}

    def _test(self, before: Policy) -> Generator[Event]:
        """Let the agent as it is, and as it came into the stage, adapt to each member that was kept for this."""
        trial = MetaTest(self.stage.configured_task, self.task_id, self.state.config)
        tick = Progress(step=self.state.step, index=self.index, phase="adapting")
        for member in self._held_out[:TESTED]:
            if not self.state.plan.is_running(self.stage):
                return
            scores = yield from passing(trial.curve(self.state.agent.policy, member), tick)
            control = yield from passing(trial.curve(before, member), tick)
            yield Adapted(
                step=self.state.step,
                index=self.index,
                member=member,
                episodes=trial.episodes,
                scores=scores,
                control=control,
            )

    def _reason(self) -> Reason | None:
        return self.progress.reason(max(self._widest, self._longest))
