"""A world around another one: it changes what is read or written, and passes everything else on."""

from __future__ import annotations

from envs import Fact, Picture, PictureState, World
from envs.requests import Request


class WorldWrapper(World):
    """One sees, does and earns what the world inside brings, and ends with it."""

    def __init__(self, inside: World) -> None:
        self.inside = inside
        self.actions, self.action_space, self.checkable = inside.actions, inside.action_space, inside.checkable

    def longest_sentence(self) -> str:
        """Return the longest sentence of the world inside."""
        return self.inside.longest_sentence()

    def facts(self) -> tuple[Fact, ...]:
        """Return what the world inside tells."""
        return self.inside.facts()

    def feasible_requests(self) -> tuple[bool, ...]:
        """Return which instructions make sense in the world inside."""
        return self.inside.feasible_requests()

    def fulfils(self, instruction: str) -> bool:
        """Whether that which an instruction asks for is so in the world inside."""
        return self.inside.fulfils(instruction)

    def requests(self) -> tuple[Request, ...]:
        """Return what the world inside can check."""
        return self.inside.requests()

    def picture_state(self) -> PictureState | None:
        """Return the moment of the world inside."""
        return self.inside.picture_state()

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the world inside."""
        return self.inside.draw(picture_state, size, dark=dark, blend=blend)
