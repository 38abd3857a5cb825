"""Instructions that an agent writes for itself on the way to a goal."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from envs.options import Frozen


class InstructionsConfig(Frozen):
    """What the agent tells itself to do next, on the way to what an episode asks for."""

    writer: Literal["none", "learned", "random"] = "none"
    """Who writes the next instruction: nobody, the agent, which learns it, or chance, as a control."""
    patience: int = Field(6, ge=1, le=500)
    """Steps that an instruction lasts at most; then another one is written."""
    practice: int = Field(16_000, ge=0)
    """Steps at a stage's start in which chance writes: the agent learns to follow before it learns to lead."""
    pays: Literal["goal", "world"] = "world"
    """What writing earns: the score of the episode when it ends, or all that the world pays, for sub-goals, too."""
