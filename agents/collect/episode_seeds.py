"""Seeds of episodes: environments of a group start each episode of a rollout from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

UNGROUPED = 1
"""Group size without shared seeds."""
UNKNOWN = -1
"""Id of an initial state that is not known to equal any other."""


class EpisodeSeeds:
    """Assigns seeds to N environments; those of a group share the seed of each of their episodes.

    Without groups, each environment is seeded once, and continues its own random stream from episode to episode.
    """

    def __init__(self, seed: int, worlds: int, group: int = UNGROUPED) -> None:
        self._seed, self._worlds, self._group = seed, worlds, group
        self._rollout = 0
        self.numbers = [self._number(world) for world in range(worlds)]
        """Id of the initial state of each environment's running episode: equal ids, equal states."""

    def seeds(self) -> list[int]:
        """Return the seed of each environment's first episode."""
        if self._group <= UNGROUPED:
            return [int(word) for word in np.random.SeedSequence(self._seed).generate_state(self._worlds)]
        return [self._seed_of(number) for number in self.numbers]

    def next(self, world: int) -> int | None:
        """Return the seed of the next episode of environment `world`; None: do not reseed it."""
        if self._group <= UNGROUPED:
            return None
        self.numbers[world] = self._number(world)
        return self._seed_of(self.numbers[world])

    def end_rollout(self) -> None:
        """Move on to new seeds."""
        self._rollout += 1

    def state(self) -> dict[str, Any]:
        """Return the position in the sequence of seeds, as JSON data."""
        return {"rollout": self._rollout, "numbers": list(self.numbers)}

    def restore(self, state: dict[str, Any]) -> None:
        """Restore the state that `state()` returned; a new group size applies from the next episodes on."""
        self._rollout = state["rollout"]
        self.numbers = list(state["numbers"])

    def _number(self, world: int) -> int:
        """Return the id of the initial state of the group of `world` in this rollout, unique over rollouts."""
        if self._group <= UNGROUPED:
            return UNKNOWN
        groups = -(-self._worlds // self._group)  # rounded up
        return self._rollout * groups + world // self._group

    def _seed_of(self, number: int) -> int:
        return int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
