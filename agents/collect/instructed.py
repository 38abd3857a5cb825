"""Collect rollouts in which the agent writes an instruction and then follows it; both decisions are learned from.

Shapes: N environments, A actions.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from agents.collect.collector import Collector, Mask, RolloutBuffer, VectorStep
from agents.config.agent import InstructionsConfig
from agents.instructions import writer_task_id
from agents.instructions.option_rollout import Decision, build_option_rollout, mark_partial
from agents.instructions.wrapper import InstructionWrapper, StepOutcome
from agents.instructions.writer import InstructionWriter, WrittenInstruction
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, Numbers, Rows, draw_rows
from agents.rollout import Rollout

FULFILLED = 1.0
"""Reward of the actor for a fulfilled instruction; it gets no other."""


class InstructedCollector(Collector):
    """Steps N environments that need instructions; a rollout holds the decisions of the writer and the actor.

    For the actor, an instruction is an episode. For the writer, it is one decision that spans all steps until the
    instruction ends: an option (Sutton, Precup & Singh, 1999).
    """

    def __init__(
        self, worlds: Sequence[InstructionWrapper], task_id: int, seed: int, config: InstructionsConfig
    ) -> None:
        super().__init__(worlds, task_id, seed)
        self._instructed, self._config = worlds, config
        self._steps = 0
        """Steps so far, summed over environments."""

    def state(self) -> dict[str, Any]:
        """Return the state of the environments, their running episodes and the warm-up, as JSON data."""
        return {**super().state(), "steps": self._steps}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state()` returned."""
        super().restore(state)
        self._steps = state["steps"]

    def collect(
        self, policy: Policy, steps: int, generator: torch.Generator, remember: Mask | None = None
    ) -> Generator[VectorStep, None, Rollout]:
        """Take `steps` steps in every environment, as `Collector.collect` does; return the rollout.

        `remember` is (T, N).
        """
        # instructions of the warm-up are random, and learned from with the probabilities of the random choice;
        # without them, the writer converges to instructions that are easy
        is_random = self._config.writer == "random" or self._steps < self._config.warmup_steps
        outputs, writer = (
            BatchedPolicy(policy, self.task_id),
            InstructionWriter(policy, self.task_id, is_random=is_random),
        )
        buffer = RolloutBuffer.empty(steps, [self.task_id] * self.size)
        to_remember = np.zeros(buffer.actions.shape, dtype=np.bool_) if remember is None else remember
        recorder = OptionRecorder(self.task_id, self._instructed, self._config)
        carried_out = [bool(world.written) for world in self._instructed]
        begun = [length > 0 for length in self._lengths]
        for step in range(steps):
            recorder.write(writer.write(self._instructed, generator))
            self._texts = [world.actor_text for world in self._instructed]
            rows = outputs.rows_for(self._texts)
            log_probs = outputs.log_probs(rows)
            buffer.actions[step] = actions = draw_rows(log_probs, generator)
            # the log-probability of each action taken, (N,)
            recorder.act(
                self._texts, actions, np.take_along_axis(log_probs, actions[:, None], 1)[:, 0], outputs.values(rows)
            )
            vector_step = self._step_worlds(step, buffer, to_remember[step])
            recorder.end_step(buffer.rewards[step])
            yield vector_step
        self._starts.end_rollout()
        self._steps += steps * self.size
        recorder.close(carried_out, begun)

        def values_of(texts: Sequence[str], task_id: int) -> Numbers:
            return outputs.values(outputs.rows_for(texts)) if task_id == self.task_id else writer.values(texts)

        repetition = float((buffer.actions == buffer.actions[:1]).all(0).mean())
        return build_option_rollout(
            recorder.streams, policy, values_of, {**recorder.metrics(), "repetition": repetition}
        )


class OptionRecorder:
    """Records the decisions of the writer and the actor in N environments during one rollout, and their outcomes."""

    def __init__(self, task_id: int, worlds: Sequence[InstructionWrapper], config: InstructionsConfig) -> None:
        self._task_id, self._worlds, self._config = task_id, worlds, config
        self._acts: list[list[Decision]] = [[] for _ in worlds]
        self._writes: list[list[Decision]] = [[] for _ in worlds]
        self._offered = np.ones(len(worlds[0].actions), dtype=np.bool_)

        self._fulfilled: list[bool] = []
        self._scores: list[float] = []

    @property
    def streams(self) -> list[list[Decision]]:
        """The decisions to learn from, one list per environment and role; random instructions are left out."""
        return [stream for stream in (*self._acts, *self._writes) if stream]

    def write(self, written: Sequence[WrittenInstruction]) -> None:
        """Record the instructions that were written before a step."""
        if self._config.writer == "random":
            return
        for instruction in written:
            choice = (instruction.choice, instruction.log_prob, instruction.value, instruction.allowed)
            self._writes[instruction.index].append(Decision(instruction.prompt, writer_task_id(self._task_id), *choice))

    def act(self, texts: Sequence[str], actions: Rows, log_probs: Numbers, values: Numbers) -> None:
        """Record the action of each environment in this step; `actions`, `log_probs` and `values` are (N,)."""
        for acts, text, *choice in zip(self._acts, texts, actions.tolist(), log_probs, values, strict=True):
            action, log_prob, value = choice
            acts.append(Decision(text, self._task_id, action, float(log_prob), float(value), self._offered, steps=1))

    def end_step(self, rewards: Numbers) -> None:
        """Record the outcome of the step, with the environments' `rewards` (N,)."""
        for world, acts, writes, reward in zip(self._worlds, self._acts, self._writes, rewards.tolist(), strict=True):
            outcome = world.outcome
            _end_act(acts[-1], outcome)
            if writes and not (writes[-1].is_final or writes[-1].cut):
                self._end_write(writes[-1], outcome, reward)
            if outcome.is_over:
                self._fulfilled.append(outcome.is_fulfilled)
            if outcome.score is not None:
                self._scores.append(outcome.score)

    def close(self, carried_out: Sequence[bool], begun: Sequence[bool]) -> None:
        """Cut the streams at the rollout's end, and mark the parts of incomplete instructions and episodes.

        Per environment: whether an instruction was being `carried_out` before the first step, and whether an episode
        had `begun`.
        """
        for world, acts, writes in zip(self._worlds, self._acts, self._writes, strict=True):
            if not (acts[-1].is_final or acts[-1].cut):
                acts[-1].cut = world.actor_text
            if writes and not writes[-1].is_final:
                writes[-1].cut = world.prompt
        for stream, is_begun in zip((*self._acts, *self._writes), (*carried_out, *begun), strict=True):
            mark_partial(stream, begun=is_begun)

    def metrics(self) -> dict[str, float]:
        """Return the fraction of instructions that were fulfilled, and the mean score of the episodes."""
        lists: Mapping[str, Sequence[float]] = {"fulfilled": self._fulfilled, "reached": self._scores}
        return {name: float(np.mean(values)) for name, values in lists.items() if values}

    def _end_write(self, write: Decision, outcome: StepOutcome, reward: float) -> None:
        write.steps += 1
        write.reward += reward if self._config.reward == "world" else outcome.score or 0.0
        write.is_final = outcome.score is not None


def _end_act(act: Decision, outcome: StepOutcome) -> None:
    """Record whether the instruction ended with this action: fulfilled, given up, or cut by the episode's end.

    Giving up is terminal, with reward 0. If it were a truncation, the value of an instruction that cannot be
    fulfilled would be bootstrapped from itself and never be corrected.
    """
    act.reward = FULFILLED * outcome.is_fulfilled
    has_ended = outcome.score is not None
    act.is_final = outcome.is_fulfilled or (outcome.is_over and not has_ended)
    act.cut = outcome.actor_text if has_ended and not outcome.is_fulfilled else None
