"""Progress & compress (Schwarz et al., 2018): the active column learns, and is distilled into a knowledge base.

In a stage the active column learns, and nothing holds it. At the stage's end it is distilled into the knowledge base,
KL(active ‖ knowledge) on the stage's own sentences, while the springs of online EWC hold there what earlier stages
taught. Earlier tasks are answered by the knowledge base, the running one by the active column. The first column is the
first knowledge base: there is nothing yet that it could disturb.

The paper's columns are also joined by lateral layers. These are left out: hidden states of the knowledge base would
have to be computed for every sentence that is read. What the active column may use of it is where it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import torch

from agents.config.strategies import OnlineEWCConfig, ProgressCompressConfig
from agents.continual import ContinualStrategy
from agents.continual.ewc import OnlineEWC
from agents.continual.offline_distillation import Source, last_seen, retrain
from agents.continual.quadratic_penalty import Named
from agents.continual.task_weights import TaskWeights, TaskWeightsCache, copied, load
from agents.memory import Memory
from agents.policies import Observations, Policy
from agents.rollout import Rollout
from agents.state_tree import State

OTHER, ACTIVE, KNOWLEDGE = "other", "active", "knowledge"
"""What the policy holds: weights of another strategy, the active column, the knowledge base."""


class ProgressCompress(ContinualStrategy):
    """Let one set of weights learn the running task, and distil it into another one that is held by springs."""

    config: ProgressCompressConfig

    def __init__(self, config: ProgressCompressConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._guard = OnlineEWC(_quadratic_penalty(config), memory, generator)
        self._birth: Named = {}
        """The weights that the run began with, or with which this strategy took over."""
        self._knowledge: Named = {}
        self._active: Named = {}
        """The active column, while the policy holds the knowledge base."""
        self._loaded = OTHER
        self._running = -1
        self._cache: TaskWeightsCache[str] = TaskWeightsCache()

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Let the active column begin. Switched on in mid-run it goes on as it is, once what is remembered is known."""
        before = copied(policy)
        self._birth = self._birth or before
        takes_over = self._loaded == OTHER
        self._knowledge = self._grown(policy)
        for earlier, lesson in self.memory.consolidated(without=task_id).items():
            if earlier not in self._guard.consolidated:
                seen = policy.recall(lesson.entries)
                for _ in self._compress(policy, [Source(seen, lesson.probabilities, self.config.temperature)]):
                    pass
                self._consolidate(policy, earlier, seen)
        start = self._birth if self.config.reinitialise else self._knowledge
        load(policy, before if takes_over else start)
        self._running, self._loaded, self._active = task_id, ACTIVE, {}

    def activate(self, policy: Policy, task_id: int) -> None:
        """Let the knowledge base answer what it knows, and the active column the running task and all that is new."""
        target = self._answering(task_id)
        if target == self._loaded:
            return
        if target == KNOWLEDGE:
            self._active = copied(policy)
            load(policy, self._knowledge)
        else:
            load(policy, self._active)
            self._active = {}
        self._loaded = target

    def task_weights(self, policy: Policy, columns: Iterable[int]) -> TaskWeights:
        """Return the knowledge base for the tasks that it answers, or the active column while that is not loaded."""
        self._cache.discard(ACTIVE)  # it still learns
        answering = {task_id: self._answering(task_id) for task_id in columns}

        def made(key: str) -> Named:
            return self._active if key == ACTIVE else self._grown(policy)

        return self._cache.by_task(policy, answering, self._loaded, made)

    def leave(self, policy: Policy) -> None:
        """Go on with the active column; between stages, with the knowledge base."""
        if self._running >= 0:
            self.activate(policy, self._running)
        self._loaded, self._running = OTHER, -1

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterator[None]:
        """Distil the active column into the knowledge base, which answers from now on."""
        sources = last_seen(policy, rollout, self.memory.entries(task_id), self.config.temperature)
        if self._knowledge:
            active = copied(policy)
            try:
                yield from self._compress(policy, sources)
            except GeneratorExit:  # stopped half-way: the knowledge base stays what it was
                load(policy, active)
                raise
        self._consolidate(policy, task_id, rollout.observations)
        self._running, self._loaded = -1, KNOWLEDGE

    def state(self) -> State:
        """Return both columns, where they began, and the springs."""
        columns = {"birth": dict(self._birth), "knowledge": dict(self._knowledge), "active": dict(self._active)}
        return {**columns, "worn": self._loaded, "running": self._running, "quadratic_penalty": self._guard.state()}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._birth, self._knowledge = dict(state["birth"]), dict(state["knowledge"])
        self._active, self._loaded, self._running = dict(state["active"]), state["worn"], state["running"]
        self._guard.restore(state["quadratic_penalty"])
        self._cache.clear()

    def _answering(self, task_id: int) -> str:
        """Return which column answers a task; what is loaded where there is no choice."""
        if self._loaded == OTHER:
            return OTHER
        known = task_id in self._guard.consolidated and task_id != self._running
        return KNOWLEDGE if known or self._running < 0 else ACTIVE

    def _compress(self, policy: Policy, sources: list[Source]) -> Iterator[None]:
        """Teach the knowledge base, which is loaded from here on, to decide like this."""
        load(policy, self._knowledge)
        self._guard.config = _quadratic_penalty(self.config)
        gradient = partial(self._gradient, policy)
        yield from retrain(policy, sources, self.config.compress_steps, gradient, self.generator, self.clip_gradient)

    @torch.no_grad()
    def _gradient(self, policy: Policy) -> None:
        """Add the springs' pull to the gradient, λ F (θ − θ*)."""
        for name, weight in policy.named_parameters():
            if weight.grad is not None:
                weight.grad += self.config.strength * self._guard.quadratic_penalty.gradient(name, weight)

    def _consolidate(self, policy: Policy, task_id: int, observations: Observations) -> None:
        """Note the loaded weights as the knowledge base, and hang it on springs."""
        self._guard.config = _quadratic_penalty(self.config)
        self._guard.consolidate(policy, task_id, observations)
        self._knowledge = copied(policy)
        self._cache.clear()

    def _grown(self, policy: Policy) -> Named:
        """Return the knowledge base with rows for words learned since, as they are now."""
        weights = dict(policy.named_parameters())
        return {name: torch.cat([kept, weights[name].detach()[len(kept) :]]) for name, kept in self._knowledge.items()}


def _quadratic_penalty(config: ProgressCompressConfig) -> OnlineEWCConfig:
    return OnlineEWCConfig(strength=config.strength, decay_factor=config.decay_factor, samples=config.samples)
