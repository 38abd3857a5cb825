"""Commands to a running run: frozen dataclasses, each answered by an event.

All of them take effect between two vector steps, minibatches or evaluation steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from envs.curriculum import Stage

LIVE_TABLES = ("strategy", "algorithm", "learning", "evaluation")
"""Settings that a run takes while it goes on; the others wait for the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Carries an id, so that its answer can be told from others."""

    id: str = field(default_factory=lambda: uuid4().hex[:12])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    """Wait before the next step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleStep(Command):
    """Take one step in every world, then wait again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """End the run here, in good order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCurriculum(Command):
    """Replace the stages. What has been run stays: finished stages must come first, unchanged.

    If the running stage is missing, it ends where it is and becomes history.
    """

    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure(Command):
    """Change settings of `LIVE_TABLES` by dotted path."""

    changes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseMemories(Command):
    """Forget these entries for good."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinMemories(Command):
    """Keep these entries whatever comes, or let them go again."""

    ids: tuple[int, ...]
    pinned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AddKnowledge(Command):
    """Let the agent know this sentence."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditKnowledge(Command):
    """Put another sentence in the place of this one; what spoke for the old one is gone."""

    entry: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseKnowledge(Command):
    """Let the agent no longer know these sentences."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinKnowledge(Command):
    """Keep these sentences, and believe them, whatever comes; or let them go again."""

    ids: tuple[int, ...]
    pinned: bool = True


KnowledgeCommand = AddKnowledge | EditKnowledge | EraseKnowledge | PinKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateNow(Command):
    """Score the agent on every task at once."""
