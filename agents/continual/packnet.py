"""PackNet (Mallya & Lazebnik, 2018): each task owns a disjoint subset of one network's weights.

When a task has been learned, the largest of its free weights become its own, and the others are set to 0 for it.
What is left is trained once more, to decide as before; then its weights never change again. A task sees its own
weights and those of the tasks before it. Biases, norms and the value head, a few numbers in a hundred, each task
has for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import torch
from torch import Tensor

from agents.config.strategies import PackNetConfig
from agents.continual import ContinualStrategy
from agents.continual.offline_distillation import Source, last_seen, retrain
from agents.continual.quadratic_penalty import Named
from agents.continual.task_weights import TaskWeights, TaskWeightsCache, is_own, load, own_parts
from agents.memory import Memory
from agents.policies import Policy
from agents.rollout import Rollout
from agents.state_tree import State

FREE = 0
"""Mask id of unassigned weights. Activating it trains all of them. The masks of tasks count from 1."""


class PackNet(ContinualStrategy):
    """Give each task some weights for good, and leave the rest to those that come."""

    config: PackNetConfig

    def __init__(self, config: PackNetConfig, memory: Memory, generator: torch.Generator) -> None:
        super().__init__(config, memory, generator)
        self._masks = Masks()
        self._cache: TaskWeightsCache[int] = TaskWeightsCache()
        self._mask_ids: dict[int, int] = {}
        """By task id, which a later mask replaces if the task is learned again."""
        self._running = -1

    def begin_task(self, policy: Policy, task_id: int) -> None:
        """Learn with every weight that is free. Switched on in mid-run, first prune for what is remembered."""
        self._masks.activate(policy, FREE)
        self._masks.restore_owned(policy)
        for earlier, lesson in self.memory.consolidated(without=task_id).items():
            if earlier not in self._mask_ids:
                for _ in self._pack(policy, earlier, [Source(policy.recall(lesson.entries), lesson.probabilities)]):
                    pass
                self._masks.activate(policy, FREE)
        self._running = task_id

    def project(self, policy: Policy) -> None:
        """Leave weights that are owned out of the gradient."""
        self._masks.mask_gradients(policy, FREE)

    def constrain(self, policy: Policy) -> None:
        """Put owned weights back: Adam's moments from before this strategy was chosen still move them."""
        self._masks.restore_owned(policy)

    def end_task(self, policy: Policy, task_id: int, rollout: Rollout) -> Iterator[None]:
        """Prune and retrain, and keep the task's mask active: it is scored and remembered with that."""
        yield from self._pack(policy, task_id, last_seen(policy, rollout, self.memory.entries(task_id)))
        self._running = -1

    def activate(self, policy: Policy, task_id: int) -> None:
        """Apply the task's mask; a task that has none sees what the running task sees."""
        self._masks.activate(policy, self._mask_id(task_id))

    def task_weights(self, policy: Policy, task_ids: Iterable[int]) -> TaskWeights:
        """Return the masked weights of each task whose mask is not active."""
        mask_ids = {task_id: self._mask_id(task_id) for task_id in task_ids}
        self._cache.discard(FREE)  # it is all that still changes
        return self._cache.by_task(policy, mask_ids, self._masks.active, partial(self._masks.masked, policy))

    def leave(self, policy: Policy) -> None:
        """Go on as the running task sees the network; between stages, as the last one does."""
        if self._running >= 0:
            self.activate(policy, self._running)
        self._masks.leave()
        self._running = -1

    def state(self) -> State:
        """Return who owns what."""
        numbers = [[task_id, mask_id] for task_id, mask_id in self._mask_ids.items()]
        return {"packs": self._masks.state(), "numbers": numbers, "running": self._running}

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._masks.restore(state["packs"])
        self._mask_ids, self._running = dict(state["numbers"]), state["running"]
        self._cache.clear()

    def _mask_id(self, task_id: int) -> int:
        return FREE if task_id == self._running else self._mask_ids.get(task_id, FREE)

    def _pack(self, policy: Policy, task_id: int, sources: list[Source]) -> Iterator[None]:
        """Prune, retrain and freeze, yielding after each step of retraining."""
        mask_id = self._masks.prune(policy, self.config.keep_ratio)
        mask_gradients = partial(self._masks.mask_gradients, policy, mask_id)
        yield from retrain(
            policy, sources, self.config.post_prune_steps, mask_gradients, self.generator, self.clip_gradient
        )
        self._masks.freeze(policy)
        self._mask_ids[task_id] = mask_id


class Masks:
    """Which mask owns each shared weight, and what the weights are where another mask is active.

    The active mask's weights are those in the policy, changed in place, since the optimiser holds on to them.
    """

    def __init__(self) -> None:
        self._owners: Named = {}
        """By a shared weight's name, the mask id of each number in it, shaped like the weight."""
        self._weights: Named = {}
        """Shared weights whole, as no single mask shows them; the free ones as they were when last active."""
        self._parts: dict[int, Named] = {}
        """By mask id, the weights that are not shared."""
        self._active = FREE

    @property
    def active(self) -> int:
        """Id of the active mask."""
        return self._active

    @torch.no_grad()
    def activate(self, policy: Policy, mask_id: int) -> None:
        """Let the policy have the weights that mask shows; all of them if it is FREE."""
        if mask_id == self._active:
            return
        self._note(policy)
        for name, weight in _shared(policy):
            weight.copy_(self._seen(name, weight, mask_id))
        load(policy, self._parts[mask_id])
        self._active = mask_id

    @torch.no_grad()
    def masked(self, policy: Policy, mask_id: int) -> Named:
        """Return what `activate` would make of the policy, which stays as it is; that mask is not active now."""
        shared = {name: self._seen(name, weight, mask_id) for name, weight in _shared(policy)}
        return {**shared, **{name: part.clone() for name, part in self._parts[mask_id].items()}}

    @torch.no_grad()
    def prune(self, policy: Policy, share: float) -> int:
        """Give the largest free weights of each matrix to a new mask, activate it, and return its id."""
        self._note(policy)
        mask_id = self._largest_id + 1
        for name, weight in _shared(policy):
            free = (self._owners[name] == FREE).flatten()
            count = round(share * int(free.sum()))
            largest = weight.flatten().abs().masked_fill(~free, -1.0).topk(count).indices
            self._owners[name].view(-1)[largest] = mask_id
        self._parts[mask_id] = {name: part.clone() for name, part in self._parts[FREE].items()}
        self.activate(policy, mask_id)
        return mask_id

    def mask_gradients(self, policy: Policy, mask_id: int) -> None:
        """Zero the gradient of shared weights that this mask does not own."""
        if self._largest_id:
            self._grow(policy)
            for name, weight in _shared(policy):
                if weight.grad is not None:
                    weight.grad.mul_(self._owners[name] == mask_id)

    @torch.no_grad()
    def restore_owned(self, policy: Policy) -> None:
        """Give owned weights their values back."""
        if self._largest_id:
            self._grow(policy)
            for name, weight in _shared(policy):
                weight.copy_(torch.where(self._owners[name] > FREE, self._weights[name], weight))

    @torch.no_grad()
    def freeze(self, policy: Policy) -> None:
        """Note the active mask's weights as they are now, for good."""
        for name, weight in _shared(policy):
            self._weights[name] = torch.where(self._owners[name] == self._active, weight, self._weights[name])
        self._parts[self._active] = own_parts(policy)

    def leave(self) -> None:
        """Let others change the policy's weights from now on; the free ones will be as they leave them."""
        self._active = FREE

    def state(self) -> State:
        """Return all of it."""
        return {
            "owners": dict(self._owners),
            "weights": dict(self._weights),
            "parts": [[mask_id, dict(parts)] for mask_id, parts in self._parts.items()],
            "worn": self._active,
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self._owners, self._weights = dict(state["owners"]), dict(state["weights"])
        self._parts = {mask_id: dict(parts) for mask_id, parts in state["parts"]}
        self._active = state["worn"]

    def _seen(self, name: str, weight: Tensor, mask_id: int) -> Tensor:
        """Return a shared weight as this mask shows it; `weight` may have rows of words learned since."""
        owners, kept = self._owners[name], self._weights[name]
        if mask_id == FREE:
            return torch.cat([kept, weight.detach()[len(kept) :]])
        seen = torch.where((owners > FREE) & (owners <= mask_id), kept, 0.0)
        return torch.cat([seen, torch.zeros_like(weight[len(kept) :])])

    @property
    def _largest_id(self) -> int:
        return max(self._parts, default=FREE)

    def _note(self, policy: Policy) -> None:
        """Note the free weights, if they are active."""
        self._grow(policy)
        if self._active == FREE:
            for name, weight in _shared(policy):
                self._weights[name] = torch.where(self._owners[name] == FREE, weight, self._weights[name])
            self._parts[FREE] = own_parts(policy)

    def _grow(self, policy: Policy) -> None:
        """Take in words that were learned since: they are free, and as they were drawn."""
        for name, weight in _shared(policy):
            known = len(self._owners.get(name, ()))
            if known < len(weight):
                new = weight.detach()[known:].clone()
                owners = torch.zeros(new.shape, dtype=torch.uint8, device=new.device)
                self._weights[name] = torch.cat([self._weights[name], new]) if known else new
                self._owners[name] = torch.cat([self._owners[name], owners]) if known else owners


def _shared(policy: Policy) -> Iterator[tuple[str, Tensor]]:
    return ((name, weight) for name, weight in policy.named_parameters() if not is_own(name, weight))
