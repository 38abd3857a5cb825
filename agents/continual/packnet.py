"""PackNet (Mallya & Lazebnik, 2018): each task owns a disjoint subset of one network's weights.

After a stage, the largest of the free weights are assigned to its task, and the others are pruned (set to 0) for it.
The assigned weights are retrained to reproduce the decisions from before pruning, and then frozen. A task uses its own
weights and those of earlier masks. Biases, norms and the value head, a few per cent of the weights, are not masked:
each task has its own copy.

Shapes: owners (mask ids) and stored weights have the shape of their matrix, whose rows may have grown since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import torch
from torch import Tensor

from agents.config.strategies import PackNetConfig
from agents.continual import ContinualStrategy
from agents.continual.offline_distillation import Source, retrain, stage_sources
from agents.continual.quadratic_penalty import NamedTensors
from agents.continual.task_weights import (
    TaskWeights,
    TaskWeightsCache,
    copy_task_specific,
    is_task_specific,
    load_weights,
)
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State

FREE = 0
"""Mask id of unassigned weights; activating it loads the unpruned network. The masks of tasks count from 1."""


class PackNet(ContinualStrategy):
    """Assign a disjoint set of weights to each task, and leave the rest free for later tasks."""

    config: PackNetConfig

    def __init__(self, config: PackNetConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._masks = Masks()
        self._cache: TaskWeightsCache[int] = TaskWeightsCache()
        self._mask_ids: dict[int, int] = {}
        """Mask id by task id; a task that is learned again gets a new mask."""
        self._running = -1
        """Id of the task that is being learned; -1 between stages."""

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Activate all weights, to train the free ones.

        If the strategy was switched on during the run, first prune for each earlier task, on its memory entries.
        """
        self._masks.activate(policy, FREE)
        self._masks.restore_owned(policy)
        for earlier, targets in self.memory.consolidated(without=task_id).items():
            if earlier not in self._mask_ids:
                for _ in self._pack(policy, earlier, [Source(policy.recall(targets.entries), targets.probabilities)]):
                    pass
                self._masks.activate(policy, FREE)
        self._running = task_id

    def project(self, policy: Policy) -> None:
        """Zero the gradients of assigned weights."""
        self._masks.mask_gradients(policy, FREE)

    def constrain(self, policy: Policy) -> None:
        """Restore assigned weights: Adam's moments from before the strategy was chosen still move them."""
        self._masks.restore_owned(policy)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterator[None]:
        """Prune and retrain. The task's mask stays active, so the evaluation after the stage uses it."""
        yield from self._pack(policy, task_id, stage_sources(policy, rollout, self.memory.entries(task_id)))
        self._running = -1

    def activate(self, policy: Policy, task_id: int) -> None:
        """Apply the task's mask; a task without one uses the unpruned network, as the running task does."""
        self._masks.activate(policy, self._mask_id(task_id))

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return the masked weights, in full shape, of each task whose mask is not active."""
        mask_ids = {task_id: self._mask_id(task_id) for task_id in task_ids}
        self._cache.discard(FREE)  # the only set that training changes
        return self._cache.by_task(policy, mask_ids, self._masks.active, partial(self._masks.masked, policy))

    def deactivate(self, policy: Policy) -> None:
        """Load the weights of the running task, or of the last one between stages, and stop masking."""
        if self._running >= 0:
            self.activate(policy, self._running)
        self._masks.deactivate()
        self._running = -1

    def state(self) -> State:
        """Return the masks, and which task has which."""
        mask_ids = [[task_id, mask_id] for task_id, mask_id in self._mask_ids.items()]
        return {"masks": self._masks.state(), "mask_ids": mask_ids, "running": self._running}

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._masks.restore(state["masks"])
        self._mask_ids, self._running = dict(state["mask_ids"]), state["running"]
        self._cache.clear()

    def _mask_id(self, task_id: int) -> int:
        return FREE if task_id == self._running else self._mask_ids.get(task_id, FREE)

    def _pack(self, policy: Policy, task_id: int, sources: list[Source]) -> Iterator[None]:
        """Prune for a task, retrain on the sources and freeze, yielding after each step of retraining."""
        mask_id = self._masks.prune(policy, self.config.keep_ratio)
        mask_gradients = partial(self._masks.mask_gradients, policy, mask_id)
        yield from retrain(
            policy, sources, self.config.post_prune_steps, mask_gradients, self.generator, self.clip_gradient
        )
        self._masks.freeze(policy)
        self._mask_ids[task_id] = mask_id


class Masks:
    """The mask id of each shared weight, and the values of the weights that the active mask hides.

    The policy's tensors hold the active mask's weights. They are changed in place, since the optimiser refers to them.
    """

    def __init__(self) -> None:
        self._owners: NamedTensors = {}
        """By name of a shared weight, the mask id of each of its elements, uint8 in the shape of the weight."""
        self._weights: NamedTensors = {}
        """By name, the unpruned shared weights; free elements as they were when FREE was last active."""
        self._task_specific: dict[int, NamedTensors] = {}
        """By mask id, the task-specific weights."""
        self._active = FREE

    @property
    def active(self) -> int:
        """Id of the active mask."""
        return self._active

    @torch.no_grad()
    def activate(self, policy: Policy, mask_id: int) -> None:
        """Load the weights of a mask into the policy; the unpruned ones if it is FREE."""
        if mask_id == self._active:
            return
        self._store_free(policy)
        for name, weight in _shared(policy):
            weight.copy_(self._masked_weight(name, weight, mask_id))
        load_weights(policy, self._task_specific[mask_id])
        self._active = mask_id

    @torch.no_grad()
    def masked(self, policy: Policy, mask_id: int) -> NamedTensors:
        """Return the weights that `activate` would load for an inactive mask: by name, in the weight's shape."""
        shared = {name: self._masked_weight(name, weight, mask_id) for name, weight in _shared(policy)}
        return {**shared, **{name: weight.clone() for name, weight in self._task_specific[mask_id].items()}}

    @torch.no_grad()
    def prune(self, policy: Policy, keep_ratio: float) -> int:
        """Assign the largest free weights of each matrix to a new mask, activate it, and return its id."""
        self._store_free(policy)
        mask_id = self._largest_id + 1
        for name, weight in _shared(policy):
            free = (self._owners[name] == FREE).flatten()
            count = round(keep_ratio * int(free.sum()))
            # magnitudes are at least 0, so -1 keeps assigned weights out of the top k
            largest = weight.flatten().abs().masked_fill(~free, -1.0).topk(count).indices
            self._owners[name].view(-1)[largest] = mask_id
        self._task_specific[mask_id] = {name: weight.clone() for name, weight in self._task_specific[FREE].items()}
        self.activate(policy, mask_id)
        return mask_id

    def mask_gradients(self, policy: Policy, mask_id: int) -> None:
        """Zero the gradients of shared weights that belong to other masks."""
        if self._largest_id:
            self._grow(policy)
            for name, weight in _shared(policy):
                if weight.grad is not None:
                    weight.grad.mul_(self._owners[name] == mask_id)

    @torch.no_grad()
    def restore_owned(self, policy: Policy) -> None:
        """Reset assigned weights to their stored values."""
        if self._largest_id:
            self._grow(policy)
            for name, weight in _shared(policy):
                weight.copy_(torch.where(self._owners[name] > FREE, self._weights[name], weight))

    @torch.no_grad()
    def freeze(self, policy: Policy) -> None:
        """Store the current values of the active mask's weights; they never change again."""
        for name, weight in _shared(policy):
            self._weights[name] = torch.where(self._owners[name] == self._active, weight, self._weights[name])
        self._task_specific[self._active] = copy_task_specific(policy)

    def deactivate(self) -> None:
        """Mark FREE as active, so that the next `activate` takes the free weights from the policy."""
        self._active = FREE

    def state(self) -> State:
        """Return owners, weights and the active mask."""
        return {
            "owners": dict(self._owners),
            "weights": dict(self._weights),
            "task_specific": [[mask_id, dict(weights)] for mask_id, weights in self._task_specific.items()],
            "active": self._active,
        }

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned."""
        self._owners, self._weights = dict(state["owners"]), dict(state["weights"])
        self._task_specific = {mask_id: dict(weights) for mask_id, weights in state["task_specific"]}
        self._active = state["active"]

    def _masked_weight(self, name: str, weight: Tensor, mask_id: int) -> Tensor:
        """Return a shared weight (R, D) under this mask; `weight` is the policy's, with rows that may be new."""
        owners, stored = self._owners[name], self._weights[name]
        if mask_id == FREE:
            return torch.cat([stored, weight.detach()[len(stored) :]])
        masked = torch.where((owners > FREE) & (owners <= mask_id), stored, 0.0)
        return torch.cat([masked, torch.zeros_like(weight[len(stored) :])])

    @property
    def _largest_id(self) -> int:
        return max(self._task_specific, default=FREE)

    def _store_free(self, policy: Policy) -> None:
        """Store the free and the task-specific weights of the policy, if FREE is active."""
        self._grow(policy)
        if self._active == FREE:
            for name, weight in _shared(policy):
                self._weights[name] = torch.where(self._owners[name] == FREE, weight, self._weights[name])
            self._task_specific[FREE] = copy_task_specific(policy)

    def _grow(self, policy: Policy) -> None:
        """Add the rows that the policy's matrices have gained: they are free, with their initial values."""
        for name, weight in _shared(policy):
            rows = len(self._owners.get(name, ()))
            if rows < len(weight):
                new = weight.detach()[rows:].clone()
                owners = torch.zeros(new.shape, dtype=torch.uint8, device=new.device)
                self._weights[name] = torch.cat([self._weights[name], new]) if rows else new
                self._owners[name] = torch.cat([self._owners[name], owners]) if rows else owners


def _shared(policy: Policy) -> Iterator[tuple[str, Tensor]]:
    return ((name, weight) for name, weight in policy.named_parameters() if not is_task_specific(name, weight))
