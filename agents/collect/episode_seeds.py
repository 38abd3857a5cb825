"""Seeds of episodes: environments of a group start each episode of a rollout from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

ALONE = 1
"""Worlds in a group where none begin alike."""
UNKNOWN = -1
"""The number of a start that is not known to be like any other."""


class EpisodeSeeds:
    """Gives worlds their seeds. With fewer than two worlds a group, each goes its own way from a seed of its own."""

    def __init__(self, seed: int, worlds: int, group: int = ALONE) -> None:
        self._seed, self._worlds, self._group = seed, worlds, group
        self._rollout = 0
        self.numbers = [self._number(world) for world in range(worlds)]
        """Of each world's running episode, which start it had: equal numbers, equal starts."""

    def seeds(self) -> list[int]:
        """Return what each world is to be seeded with before its first episode."""
        if self._group <= ALONE:
            return [int(word) for word in np.random.SeedSequence(self._seed).generate_state(self._worlds)]
        return [self._seed_of(number) for number in self.numbers]

    def next(self, world: int) -> int | None:
        """Return the seed of the episode that `world` begins now; None: let it go on by itself."""
        if self._group <= ALONE:
            return None
        self.numbers[world] = self._number(world)
        return self._seed_of(self.numbers[world])

    def end_rollout(self) -> None:
        """Let the episodes to come begin elsewhere."""
        self._rollout += 1

    def state(self) -> dict[str, Any]:
        """Return, as JSON data, how far it is."""
        return {"rollout": self._rollout, "numbers": list(self.numbers)}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue where `state` was taken; if groups were changed since, the episodes to come form the new ones."""
        self._rollout = state["rollout"]
        self.numbers = list(state["numbers"])

    def _number(self, world: int) -> int:
        """Number the starts of all groups and rollouts in a row."""
        if self._group <= ALONE:
            return UNKNOWN
        groups = -(-self._worlds // self._group)
        return self._rollout * groups + world // self._group

    def _seed_of(self, number: int) -> int:
        return int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
