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
    """Runs the same seeded episodes in every evaluation, so that differences between scores are due to the policy."""

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
        """Run one episode in each of `config.n_eval_episodes` environments; return the mean score, from 0 to 1.

        Yields after every step, so that the caller can interrupt. Changes to the knowledge base are discarded.
        """
        known = None if knowledge is None else knowledge.copy()
        prepared = (with_retrieval(world, known, task_id) for world in self._prepare(task, task_id))
        worlds = [with_instructions(world, self._instructions) for world in prepared]
        seeds = self._seed.generate_state(2 * len(worlds)).tolist()
        # a new generator, so that sampled actions repeat, too; the last seed is not used by an environment
        generator = torch.Generator().manual_seed(seeds[-1])
        texts = [world.reset(seed=seed)[0] for world, seed in zip(worlds, seeds, strict=False)]
        outputs, writer = (
            BatchedPolicy(policy, task_id),
            InstructionWriter(policy, task_id, is_random=self._instructions.writer == "random"),
        )
        scores = [0.0] * len(worlds)
        running = list(range(len(worlds)))
        while running:
            writer.write([worlds[i] for i in running], generator, greedy=self.config.deterministic)
            actions = self._decide(outputs, [text_for_actor(worlds[i], texts[i]) for i in running], generator)
            for i, action in zip(tuple(running), actions, strict=True):
                texts[i], _, terminated, truncated, info = worlds[i].step(action)
                if terminated or truncated:
                    scores[i] = info["score"]
                    running.remove(i)
            yield
        return float(np.mean(scores))

    def _decide(self, outputs: BatchedPolicy, texts: Sequence[str], generator: torch.Generator) -> list[int]:
        log_probs = outputs.log_probs(outputs.rows_for(texts))
        actions = likeliest(log_probs, generator) if self.config.deterministic else draw_rows(log_probs, generator)
        return [int(action) for action in actions]

    def _prepare(self, task: Task, task_id: int) -> list[World]:
        worlds = self._worlds.setdefault(task_id, [])
        while len(worlds) < self.config.n_eval_episodes:
            worlds.append(task.make())
        return worlds[: self.config.n_eval_episodes]
