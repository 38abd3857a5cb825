"""What the agent would do at the same moment if it did not know something."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch

from agents.events import KnowledgeEntry
from agents.knowledge.prompt import with_knowledge
from agents.policies import Policy


@dataclass(frozen=True, slots=True)
class Situation:
    """A moment in which the agent decides."""

    heard: str
    """The world's own sentence."""
    column: int
    actions: int
    """How many there are to choose among."""
    recalled: tuple[KnowledgeEntry, ...]
    words: int
    """The most that what is recalled may take."""


@dataclass(frozen=True, slots=True)
class Reconsidered:
    """One decision, taken twice: knowing all that was recalled, and without some of it."""

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


def reconsider(policy: Policy, situation: Situation, dropped: Collection[int]) -> Reconsidered:
    """Return the decision with everything, and without the entries whose ids are `dropped`."""
    recalled, actions = situation.recalled, situation.actions
    kept = tuple(entry for entry in recalled if entry.id not in dropped)
    texts = [with_knowledge(situation.heard, entries, situation.words) for entries in (recalled, kept)]
    with torch.inference_mode():
        distribution, values = policy(policy.encode(texts, [situation.column] * len(texts)))
    logs = distribution.logits[:, :actions].double().log_softmax(-1)  # (2, A)
    whole, without = logs.exp().tolist()
    return Reconsidered(
        entries=tuple(entry for entry in recalled if entry.id in dropped),
        probabilities=tuple(whole),
        without=tuple(without),
        values=(float(values[0]), float(values[1])),
        nats=float((logs[0].exp() * (logs[0] - logs[1])).sum()),
    )
