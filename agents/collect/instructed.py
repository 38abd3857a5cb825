"""Collect rollouts in which the agent writes an instruction, then follows it; both decisions are learned from."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from agents.collect.collector import Collector, Mask, RolloutBuffer, VectorStep
from agents.config.agent import InstructionsConfig
from agents.instructions import writer_of
from agents.instructions.option_rollout import Decision, laid_out, mark_partial
from agents.instructions.wrapper import InstructionWrapper, StepOutcome
from agents.instructions.writer import InstructionWriter, WrittenInstruction
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, Numbers, Rows, draw_rows
from agents.rollout import Rollout

FULFILLED = 1.0
"""What the actor earns for doing what was written; nothing else pays it."""


class InstructedCollector(Collector):
    """Lives as `Collector` does in N worlds that wait for instructions; a rollout holds writer's and actor's decisions.

    To the actor an instruction is what an episode is to others. To the writer it is one step, which lasts as long as
    it is carried out.
    """

    def __init__(
        self, worlds: Sequence[InstructionWrapper], task_id: int, seed: int, config: InstructionsConfig
    ) -> None:
        super().__init__(worlds, task_id, seed)
        self._instructed, self._config = worlds, config
        self._lived = 0
        """Steps so far, in all worlds together."""

    def state(self) -> dict[str, Any]:
        """Return, as JSON data, all that decides what the worlds bring next, and who writes."""
        return {**super().state(), "lived": self._lived}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `state` was taken."""
        super().restore(state)
        self._lived = state["lived"]

    def collect(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, Rollout]:
        """Act for `steps` steps in every world, as `Collector.collect` does."""
        # random instructions are learned from by their own probabilities: or the writer settles on what is easy
        is_random = self._config.writer == "random" or self._lived < self._config.warmup_steps
        answers, writer = (
            BatchedPolicy(policy, self.task_id),
            InstructionWriter(policy, self.task_id, is_random=is_random),
        )
        buffer = RolloutBuffer.blank(steps, [self.task_id] * self.size)
        wanted = np.zeros(buffer.actions.shape, dtype=np.bool_) if remember is None else remember
        notes = OptionNotes(self.task_id, self._instructed, self._config)
        carried_out = [bool(world.written) for world in self._instructed]
        begun = [length > 0 for length in self._lengths]
        for step in range(steps):
            notes.write(writer.write(self._instructed, generator))
            self._texts = [world.actor_text for world in self._instructed]
            rows = answers.ask(self._texts)
            log_probs = answers.log_probs(rows)
            buffer.actions[step] = actions = draw_rows(log_probs, generator)
            notes.act(
                self._texts, actions, np.take_along_axis(log_probs, actions[:, None], 1)[:, 0], answers.values(rows)
            )
            lived = self._advance(step, buffer, wanted[step])
            notes.see(buffer.rewards[step])
            yield lived
        self._starts.end_rollout()
        self._lived += steps * self.size
        notes.close(carried_out, begun)

        def expect(texts: Sequence[str], task_id: int) -> Numbers:
            return answers.values(answers.ask(texts)) if task_id == self.task_id else writer.expect(texts)

        repetition = float((buffer.actions == buffer.actions[:1]).all(0).mean())
        return laid_out(notes.streams, policy, expect, {**notes.metrics(), "repetition": repetition})


class OptionNotes:
    """What the writer and the actor did in N worlds in one rollout, and how it went."""

    def __init__(self, task_id: int, worlds: Sequence[InstructionWrapper], config: InstructionsConfig) -> None:
        self._task_id, self._worlds, self._config = task_id, worlds, config
        self._acts: list[list[Decision]] = [[] for _ in worlds]
        self._writes: list[list[Decision]] = [[] for _ in worlds]
        self._offered = np.ones(len(worlds[0].actions), dtype=np.bool_)
        self._ages: list[int] = []
        self._fulfilled: list[bool] = []
        self._scores: list[float] = []

    @property
    def streams(self) -> list[list[Decision]]:
        """Every decision that is to be learned from, world by world; what chance wrote is not."""
        return [stream for stream in (*self._acts, *self._writes) if stream]

    def write(self, written: Sequence[WrittenInstruction]) -> None:
        """Note what was written before a step."""
        if self._config.writer == "random":
            return
        for one in written:
            choice = (one.place, one.log_prob, one.value, one.allowed)
            self._writes[one.index].append(Decision(one.prompt, writer_of(self._task_id), *choice))

    def act(self, texts: Sequence[str], actions: Rows, log_probs: Numbers, values: Numbers) -> None:
        """Note what is done in this step."""
        for acts, text, *choice in zip(self._acts, texts, actions.tolist(), log_probs, values, strict=True):
            action, log_prob, value = choice
            acts.append(Decision(text, self._task_id, action, float(log_prob), float(value), self._offered, steps=1))

    def see(self, paid: Numbers) -> None:
        """Note what came of the step, for which the worlds paid this."""
        for world, acts, writes, reward in zip(self._worlds, self._acts, self._writes, paid.tolist(), strict=True):
            outcome = world.outcome
            _end_act(acts[-1], outcome)
            if writes and not (writes[-1].is_final or writes[-1].cut):
                self._end_write(writes[-1], outcome, reward)
            if outcome.is_over:
                self._fulfilled.append(outcome.is_fulfilled)
            if outcome.score is not None:
                self._scores.append(outcome.score)

    def close(self, carried_out: Sequence[bool], begun: Sequence[bool]) -> None:
        """Cut what goes on after the rollout, and mark what of it was not lived from beginning to end.

        Of each world, an instruction was being `carried_out` before the first step, and an episode had `begun`.
        """
        for world, acts, writes in zip(self._worlds, self._acts, self._writes, strict=True):
            if not (acts[-1].is_final or acts[-1].cut):
                acts[-1].cut = world.actor_text
            if writes and not writes[-1].is_final:
                writes[-1].cut = world.prompt
        for stream, is_begun in zip((*self._acts, *self._writes), (*carried_out, *begun), strict=True):
            mark_partial(stream, begun=is_begun)

    def metrics(self) -> dict[str, float]:
        """Return how often instructions were fulfilled, and how well the episodes went for which they were written."""
        found: Mapping[str, Sequence[float]] = {"fulfilled": self._fulfilled, "reached": self._scores}
        return {name: float(np.mean(values)) for name, values in found.items() if values}

    def _end_write(self, write: Decision, outcome: StepOutcome, reward: float) -> None:
        write.steps += 1
        write.reward += reward if self._config.reward == "world" else outcome.score or 0.0
        write.is_final = outcome.score is not None


def _end_act(act: Decision, outcome: StepOutcome) -> None:
    """Note whether the instruction was carried out with this act, or given up; the end of the episode cuts it off.

    What is given up earned nothing. Were it cut off as well, an instruction that can't be fulfilled would be worth
    what it is thought to be worth, for ever.
    """
    act.reward = FULFILLED * outcome.is_fulfilled
    has_ended = outcome.score is not None
    act.is_final = outcome.is_fulfilled or (outcome.is_over and not has_ended)
    act.cut = outcome.actor_text if has_ended and not outcome.is_fulfilled else None
