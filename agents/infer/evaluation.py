"""Evaluate a policy on a task: mean return and success rate, without learning."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import torch

from agents.config.agent import InstructionsConfig
from agents.config.learning import EvaluationConfig
from agents.instructions.wrapper import with_instructions
from agents.instructions.writer import InstructionWriter, text_for_actor
from agents.knowledge.knowledge_base import KnowledgeBase
from agents.knowledge.wrapper import with_retrieval
from agents.policies import Policy
from agents.policies.batched import BatchedPolicy, draw_rows, likeliest
from envs import World
from envs.task import Task


class Evaluator:
    """Plays the same episodes in every evaluation, so that scores differ by skill and not by luck."""

    def __init__(
        self,
        config: EvaluationConfig,
        seed: np.random.SeedSequence,
        instructions: InstructionsConfig | None = None,
    ) -> None:
        self.config, self._instructions = config, instructions or InstructionsConfig()
        self._seed = seed
        self._worlds: dict[int, list[World]] = {}

    def examine(
        self, policy: Policy, task: Task, task_id: int, knowledge: KnowledgeBase | None = None
    ) -> Generator[None, None, float]:
        """Play one episode in each of `config.episodes` worlds; return the mean score, 0 to 1.

        Yields once a step, so that whoever iterates may pause in between. What is told there is not kept.
        """
        aside = None if knowledge is None else knowledge.copy()
        prepared = (with_retrieval(world, aside, task_id) for world in self._prepare(task, task_id))
        worlds = [with_instructions(world, self._instructions) for world in prepared]
        seeds = self._seed.generate_state(2 * len(worlds)).tolist()
        # the device's own generator begins anew, too: sampled actions repeat like the worlds do
        generator = torch.Generator().manual_seed(seeds[-1])
        texts = [world.reset(seed=seed)[0] for world, seed in zip(worlds, seeds, strict=False)]
        answers, writer = (
            BatchedPolicy(policy, task_id),
            InstructionWriter(policy, task_id, is_random=self._instructions.writer == "random"),
        )
        scores = [0.0] * len(worlds)
        playing = list(range(len(worlds)))
        while playing:
            writer.write([worlds[i] for i in playing], generator, greedy=self.config.deterministic)
            actions = self._decide(answers, [text_for_actor(worlds[i], texts[i]) for i in playing], generator)
            for i, action in zip(tuple(playing), actions, strict=True):
                texts[i], _, terminated, truncated, info = worlds[i].step(action)
                if terminated or truncated:
                    scores[i] = info["score"]
                    playing.remove(i)
            yield
        return float(np.mean(scores))

    def _decide(self, answers: BatchedPolicy, texts: Sequence[str], generator: torch.Generator) -> list[int]:
        log_probs = answers.log_probs(answers.ask(texts))
        actions = likeliest(log_probs, generator) if self.config.deterministic else draw_rows(log_probs, generator)
        return [int(action) for action in actions]

    def _prepare(self, task: Task, task_id: int) -> list[World]:
        worlds = self._worlds.setdefault(task_id, [])
        while len(worlds) < self.config.n_eval_episodes:
            worlds.append(task.make())
        return worlds[: self.config.n_eval_episodes]
