"""What the agent would do in the same state without certain known sentences."""

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
    """A moment in which the agent decides."""

    frame_id: tuple[int, int]
    """The episode that is watched, and the time in it."""
    observation: str
    """The world's own sentence."""
    task_id: int
    actions: tuple[str, ...]
    recalled: tuple[KnowledgeEntry, ...]
    words: int
    """The most that what is recalled may take."""


def situation(frame: Frame, words: int) -> Situation | None:
    """Return the moment of a frame, apart from what is known in it; None if nothing of that stands before its text.

    `words` is the most that may stand there.
    """
    known = with_knowledge("", frame.recalled, words)
    if not known or not frame.text.startswith(known):
        return None
    observation = frame.text.removeprefix(known)
    return Situation((frame.episode, frame.time), observation, frame.task_id, frame.actions, frame.recalled, words)


def reconsider(policy: Policy, situation: Situation, dropped: Collection[int]) -> Reconsidered:
    """Return the decision with everything, and without the entries whose ids are `dropped`."""
    recalled, actions = situation.recalled, len(situation.actions)
    kept = tuple(entry for entry in recalled if entry.id not in dropped)
    texts = [with_knowledge(situation.observation, entries, situation.words) for entries in (recalled, kept)]
    with torch.inference_mode():
        distribution, values = policy(policy.encode(texts, [situation.task_id] * len(texts)))
    logs = distribution.logits[:, :actions].double().log_softmax(-1)  # (2, A)
    whole, without = logs.exp().tolist()
    return Reconsidered(
        frame_id=situation.frame_id,
        actions=situation.actions,
        entries=tuple(entry for entry in recalled if entry.id in dropped),
        probabilities=tuple(whole),
        without=tuple(without),
        values=(float(values[0]), float(values[1])),
        nats=float((logs[0].exp() * (logs[0] - logs[1])).sum()),
    )
