"""Commands to a running run: frozen dataclasses, each answered by an event.

All of them take effect between two vector steps, minibatches or evaluation steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from envs.curriculum import Stage

LIVE_TABLES = ("strategy", "algorithm", "learning", "evaluation")
"""Tables of settings that a running run can change; the others take effect in the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Base of all commands; the event that answers it holds the command with its id."""

    id: str = field(default_factory=lambda: uuid4().hex[:12])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    """Wait before the next step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Continue after a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleStep(Command):
    """Take one step in every environment, then pause again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """End the run at the next safe point, with a full checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCurriculum(Command):
    """Replace the stages. Finished stages must come first, unchanged.

    If the running stage is missing, it ends at once and counts as finished.
    """

    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure(Command):
    """Change settings of `LIVE_TABLES` by dotted path."""

    changes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseMemories(Command):
    """Delete these memory entries permanently."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinMemories(Command):
    """Exempt these memory entries from replacement, or undo that."""

    ids: tuple[int, ...]
    pinned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AddKnowledge(Command):
    """Add this sentence to the knowledge base."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditKnowledge(Command):
    """Replace this entry's sentence, and discard its evidence."""

    entry: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseKnowledge(Command):
    """Delete these entries of the knowledge base."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinKnowledge(Command):
    """Exempt these sentences from replacement and refutation, or undo that."""

    ids: tuple[int, ...]
    pinned: bool = True


KnowledgeCommand = AddKnowledge | EditKnowledge | EraseKnowledge | PinKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateNow(Command):
    """Evaluate the agent on every task now."""
