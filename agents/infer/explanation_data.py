"""The data of an explanation: frozen, free of Torch and Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.events import Frame, KnowledgeEntry
from agents.story import View

Origin = Literal["untrained", "before"]
"""The policy to compare with: the untrained one, or that at the end of the previous stage."""
Words = tuple[tuple[str, float], ...]
"""The words of the sentence, each with its influence."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of a run whose policy the current one is compared with."""

    origin: Origin
    step: int


@dataclass(frozen=True, slots=True)
class PhraseBranch:
    """A node of the tree of action phrases: a token, shared by phrases with a common prefix."""

    word: str
    depth: int
    """Number of tokens before it."""
    log_prob: float
    """Of this token, given the observation and the tokens before it."""
    total: float
    """Sum of the log-probabilities from the root to here."""
    action: int | None = None
    """The action whose phrase is complete here."""
    is_chosen: bool = False
    """Whether it is part of the chosen action."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The divergence of the current decision from that of an earlier policy on the same observation."""

    milestone: Milestone
    nats: float
    """KL(now ‖ then), the sum over actions of p · ln(p / q)."""
    probabilities: tuple[float, ...]
    """Action probabilities of the earlier policy."""


@dataclass(frozen=True, slots=True)
class Reconsidered:
    """One decision with all retrieved entries, and without some of them."""

    frame_id: tuple[int, int]
    """Number of the watched episode, and time step in it."""
    actions: tuple[str, ...]
    entries: tuple[KnowledgeEntry, ...]
    """The entries that were left out."""
    probabilities: tuple[float, ...]
    """Of each action, with all entries."""
    without: tuple[float, ...]
    """Of each action, without those entries."""
    values: tuple[float, float]
    """Outputs of the value head, with and without these entries."""
    nats: float
    """KL(with ‖ without), the influence of these entries."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The explanation of one decision."""

    frame: Frame
    """The decision, without its picture."""
    action: int
    """The action that is explained: the one taken, or else the likeliest."""
    tree: tuple[PhraseBranch, ...] = ()
    """Depth first; empty for policies without tokens."""
    bonus: float = 0.0
    """Added to the logit of a phrase for each of its tokens, so that untrained policies do not prefer short phrases."""
    for_choice: Words = ()
    """Gradient × input of the log-probability of the action; empty for policies without gradient."""
    for_value: Words = ()
    """Gradient × input of the value."""
    divergences: tuple[Divergence, ...] = ()


def milestones(view: View) -> tuple[Milestone, ...]:
    """Return the earlier steps of the run in `view` whose policies a decision is compared with.

    They are step 0, with untrained weights, and the end of the previous stage, if any; empty before the first stage.
    """
    clips = view.clips
    before = [Milestone("before", clip.end) for clip in clips[-2:-1] if clip.end is not None]
    return (Milestone("untrained", 0), *before) if clips else ()
