"""Counterfactual decisions: what the agent would do in the same state without some retrieved sentences.

Shapes: A actions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch

from agents.events import Frame, KnowledgeEntry
from agents.infer.explanation_data import Reconsidered
from agents.knowledge.prompt import with_knowledge
from agents.policies import Policy


@dataclass(frozen=True, slots=True)
class Situation:
    """A decision whose observation begins with retrieved sentences."""

    frame_id: tuple[int, int]
    """Number of the watched episode, and time step in it."""
    observation: str
    """The sentence of the environment, without retrieved ones."""
    task_id: int
    actions: tuple[str, ...]
    recalled: tuple[KnowledgeEntry, ...]
    """The retrieved entries."""
    max_words: int
    """Maximum number of words of retrieved sentences."""


def split_frame(frame: Frame, max_words: int) -> Situation | None:
    """Split a frame's observation into retrieved sentences and the rest; None if it has none of these.

    `max_words` is the maximum number of words of retrieved sentences.
    """
    known = with_knowledge("", frame.recalled, max_words)
    if not known or not frame.text.startswith(known):
        return None
    observation = frame.text.removeprefix(known)
    return Situation((frame.episode, frame.time), observation, frame.task_id, frame.actions, frame.recalled, max_words)


def reconsider(policy: Policy, situation: Situation, dropped: Collection[int]) -> Reconsidered:
    """Compare the decision with all retrieved entries to that without the entries whose ids are `dropped`."""
    recalled, actions = situation.recalled, len(situation.actions)
    remaining = tuple(entry for entry in recalled if entry.id not in dropped)
    texts = [with_knowledge(situation.observation, entries, situation.max_words) for entries in (recalled, remaining)]
    with torch.inference_mode():
        distribution, values = policy(policy.encode(texts, [situation.task_id] * len(texts)))
    # in double precision, as the divergence of similar distributions is a small difference
    log_probs = distribution.logits[:, :actions].double().log_softmax(-1)  # (2, A)
    with_all, without = log_probs.exp().tolist()
    return Reconsidered(
        frame_id=situation.frame_id,
        actions=situation.actions,
        entries=tuple(entry for entry in recalled if entry.id in dropped),
        probabilities=tuple(with_all),
        without=tuple(without),
        values=(float(values[0]), float(values[1])),
        nats=float((log_probs[0].exp() * (log_probs[0] - log_probs[1])).sum()),
    )
