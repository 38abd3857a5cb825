"""A wrapper around another world that changes its observations or actions, and delegates everything else."""

from __future__ import annotations

from envs import Fact, Picture, PictureState, World
from envs.requests import Request


class WorldWrapper(World):
    """Observations, actions, rewards and endings are those of the wrapped world, unless a subclass changes them."""

    def __init__(self, inside: World) -> None:
        self.inside = inside
        self.actions, self.action_space, self.checkable = inside.actions, inside.action_space, inside.checkable

    def longest_sentence(self) -> str:
        """Return the longest sentence of the wrapped world."""
        return self.inside.longest_sentence()

    def facts(self) -> tuple[Fact, ...]:
        """Return the facts in the current sentence of the wrapped world."""
        return self.inside.facts()

    def feasible_requests(self) -> tuple[bool, ...]:
        """Return for each of `checkable` whether it makes sense in the wrapped world now."""
        return self.inside.feasible_requests()

    def fulfils(self, instruction: str) -> bool:
        """Return whether an instruction is fulfilled in the wrapped world."""
        return self.inside.fulfils(instruction)

    def requests(self) -> tuple[Request, ...]:
        """Return the requests that the wrapped world can check now."""
        return self.inside.requests()

    def picture_state(self) -> PictureState | None:
        """Return the picture state of the wrapped world."""
        return self.inside.picture_state()

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the wrapped world, (size, size, 3)."""
        return self.inside.draw(picture_state, size, dark=dark, blend=blend)
