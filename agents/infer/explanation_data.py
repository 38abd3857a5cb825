"""The data of an explanation: frozen, free of Torch and Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.events import Frame, KnowledgeEntry
from agents.story import View

Origin = Literal["untrained", "before"]
"""Whose decision the present one is compared with: the newborn agent's, or that at the end of the stage before."""
Words = tuple[tuple[str, float], ...]
"""The words of the sentence, each with a number."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """An earlier moment of a run, whose agent the present one is compared with."""

    origin: Origin
    step: int


@dataclass(frozen=True, slots=True)
class PhraseBranch:
    """One token of the tree of phrases: phrases that begin alike share it."""

    word: str
    depth: int
    """How many tokens stand before it, from 0."""
    log_prob: float
    """Of this token, given the sentence and the tokens before it."""
    total: float
    """Sum of the log-probabilities from the root to here."""
    action: int | None = None
    """The action whose phrase is complete here."""
    is_chosen: bool = False
    """It is part of the chosen action."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """How differently an agent of earlier would decide, reading the same sentence."""

    milestone: Milestone
    nats: float
    """KL(now ‖ then), the sum over actions of p · ln(p / q)."""
    probabilities: tuple[float, ...]
    """What the agent of then would do."""


@dataclass(frozen=True, slots=True)
class Reconsidered:
    """One decision, taken twice: knowing all that was recalled, and without some of it."""

    frame_id: tuple[int, int]
    """The episode that is watched, and the time in it."""
    actions: tuple[str, ...]
    entries: tuple[KnowledgeEntry, ...]
    """What was left out the second time."""
    probabilities: tuple[float, ...]
    """Of each action, with everything."""
    without: tuple[float, ...]
    """Of each action, without those entries."""
    values: tuple[float, float]
    """What the agent expects with and without them."""
    nats: float
    """KL(with ‖ without): how much these sentences matter here."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Everything there is to say of one decision."""

    frame: Frame
    """The decision, without its picture."""
    action: int
    """The action that is explained: the one taken, or else the likeliest."""
    tree: tuple[PhraseBranch, ...] = ()
    """Depth first; empty where the policy knows no tokens."""
    bonus: float = 0.0
    """What each token of a phrase adds to its logit beside its log-probability: short and long phrases start equal."""
    for_choice: Words = ()
    """Gradient × input of the log-probability of the action; empty where the policy has no gradient."""
    for_value: Words = ()
    """Gradient × input of the value."""
    divergences: tuple[Divergence, ...] = ()


def milestones(view: View) -> tuple[Milestone, ...]:
    """Return the moments that a decision is compared with, as a run stands at the moment of `view`."""
    clips = view.clips
    before = [Milestone("before", clip.end) for clip in clips[-2:-1] if clip.end is not None]
    return (Milestone("untrained", 0), *before) if clips else ()
