"""Progress & compress (Schwarz et al., 2018): the active column learns, and is distilled into a knowledge base.

Progress: during a stage the active column trains without any penalty. Compress: at the end of the stage it is distilled
into the knowledge base, minimising KL(active ‖ knowledge) on the stage's own sentences plus the penalty of online EWC
for earlier tasks. The knowledge base acts in earlier tasks, the active column in the running one. The
first active column becomes the first knowledge base without distillation.

The paper also connects the columns by lateral layers. They are left out, as they would need a second forward pass for
every sentence; instead, the active column may start from the weights of the knowledge base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import torch

from agents.config.strategies import OnlineEWCConfig, ProgressCompressConfig
from agents.continual import ContinualStrategy
from agents.continual.ewc import OnlineEWC
from agents.continual.offline_distillation import Source, retrain, stage_sources
from agents.continual.quadratic_penalty import NamedTensors
from agents.continual.task_weights import TaskWeights, TaskWeightsCache, copy_weights, load_weights
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.rollout import Rollout
from agents.state_tree import State

OTHER, ACTIVE, KNOWLEDGE = "other", "active", "knowledge"
"""Which weights the policy holds: those of another strategy, the active column or the knowledge base."""


class ProgressCompress(ContinualStrategy):
    """Train one set of weights on the running task, and distil it into another one under online EWC."""

    config: ProgressCompressConfig

    def __init__(self, config: ProgressCompressConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._ewc = OnlineEWC(_ewc_config(config), memory, generator)
        """The penalty on the knowledge base."""
        self._initial: NamedTensors = {}
        """The weights at the start of the run, or when this strategy was switched on."""
        self._knowledge: NamedTensors = {}
        """The knowledge base; empty before the end of the first stage."""
        self._active: NamedTensors = {}
        """The active column, while the policy holds the knowledge base."""
        self._loaded = OTHER
        self._running = -1
        self._cache: TaskWeightsCache[str] = TaskWeightsCache()

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Start the active column.

        If the strategy was switched on during the run, it continues from the current weights, after earlier tasks were
        compressed into the knowledge base from their memory entries.
        """
        before = copy_weights(policy)
        self._initial = self._initial or before
        takes_over = self._loaded == OTHER
        self._knowledge = self._knowledge_with_new_rows(policy)
        for earlier, targets in self.memory.consolidated(without=task_id).items():
            if earlier not in self._ewc.consolidated:
                observations = policy.recall(targets.entries)
                for _ in self._compress(policy, [Source(observations, targets.probabilities, self.config.temperature)]):
                    pass
                self._consolidate(policy, earlier, observations)
        start = self._initial if self.config.reinitialise else self._knowledge
        load_weights(policy, before if takes_over else start)
        self._running, self._loaded, self._active = task_id, ACTIVE, {}

    def activate(self, policy: Policy, task_id: int) -> None:
        """Load the knowledge base for consolidated tasks, the active column for the running and for new ones."""
        target = self._column_of(task_id)
        if target == self._loaded:
            return
        if target == KNOWLEDGE:
            self._active = copy_weights(policy)
            load_weights(policy, self._knowledge)
        else:
            load_weights(policy, self._active)
            self._active = {}
        self._loaded = target

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return the weights of each task's column, by task id, where that column is not loaded."""
        self._cache.discard(ACTIVE)  # still in training
        columns = {task_id: self._column_of(task_id) for task_id in task_ids}

        def compute(key: str) -> NamedTensors:
            return self._active if key == ACTIVE else self._knowledge_with_new_rows(policy)

        return self._cache.by_task(policy, columns, self._loaded, compute)

    def deactivate(self, policy: Policy) -> None:
        """Load the active column, or between stages the knowledge base, and stop switching."""
        if self._running >= 0:
            self.activate(policy, self._running)
        self._loaded, self._running = OTHER, -1

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterator[None]:
        """Distil the active column into the knowledge base, which stays loaded."""
        sources = stage_sources(policy, rollout, self.memory.entries(task_id), self.config.temperature)
        if self._knowledge:
            active = copy_weights(policy)
            try:
                yield from self._compress(policy, sources)
            except GeneratorExit:  # the run was stopped: continue from the state before the distillation
                load_weights(policy, active)
                raise
        self._consolidate(policy, task_id, rollout.observations)
        self._running, self._loaded = -1, KNOWLEDGE

    def state(self) -> State:
        """Return both columns, their initial weights, and the penalty."""
        columns = {"initial": dict(self._initial), "knowledge": dict(self._knowledge), "active": dict(self._active)}
        return {**columns, "loaded": self._loaded, "running": self._running, "quadratic_penalty": self._ewc.state()}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._initial, self._knowledge = dict(state["initial"]), dict(state["knowledge"])
        self._active, self._loaded, self._running = dict(state["active"]), state["loaded"], state["running"]
        self._ewc.restore(state["quadratic_penalty"])
        self._cache.clear()

    def _column_of(self, task_id: int) -> str:
        """Return the column that acts in a task; OTHER while another strategy is in use."""
        if self._loaded == OTHER:
            return OTHER
        known = task_id in self._ewc.consolidated and task_id != self._running
        return KNOWLEDGE if known or self._running < 0 else ACTIVE

    def _compress(self, policy: Policy, sources: list[Source]) -> Iterator[None]:
        """Load the knowledge base, and distil the sources into it."""
        load_weights(policy, self._knowledge)
        self._ewc.config = _ewc_config(self.config)
        add_penalty = partial(self._add_penalty_gradient, policy)
        yield from retrain(policy, sources, self.config.compress_steps, add_penalty, self.generator, self.clip_gradient)

    @torch.no_grad()
    def _add_penalty_gradient(self, policy: Policy) -> None:
        """Add λ F (θ − θ*), the gradient of the EWC penalty, to that of each weight."""
        for name, weight in policy.named_parameters():
            if weight.grad is not None:
                weight.grad += self.config.strength * self._ewc.quadratic_penalty.gradient(name, weight)

    def _consolidate(self, policy: Policy, task_id: int, observations: Observations) -> None:
        """Store the loaded weights as the knowledge base, and anchor them with the task's Fisher information."""
        self._ewc.config = _ewc_config(self.config)
        self._ewc.consolidate(policy, task_id, observations)
        self._knowledge = copy_weights(policy)
        self._cache.clear()

    def _knowledge_with_new_rows(self, policy: Policy) -> NamedTensors:
        """Return the knowledge base, with the current values of rows that the policy has gained since."""
        weights = dict(policy.named_parameters())
        return {name: torch.cat([old, weights[name].detach()[len(old) :]]) for name, old in self._knowledge.items()}


def _ewc_config(config: ProgressCompressConfig) -> OnlineEWCConfig:
    return OnlineEWCConfig(strength=config.strength, decay_factor=config.decay_factor, samples=config.samples)
