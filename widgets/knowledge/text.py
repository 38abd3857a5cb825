"""Texts for knowledge sentences: source, state, evidence."""

from __future__ import annotations

from collections.abc import Mapping

from agents.events import KnowledgeEntry
from agents.knowledge.contradictions import Ground
from widgets.style.numbers import score
from widgets.style.translation import tr


def source_texts() -> Mapping[str, str]:
    """Return the text of every source."""
    return {
        "environment": tr("from the world"),
        "episode": tr("summary of an episode"),
        "distilled": tr("from the teacher"),
        "person": tr("from a person"),
    }


def state_texts() -> Mapping[str, str]:
    """Return the text of every state; the first three exclude each other."""
    return {
        "confirmed": tr("confirmed"),
        "open": tr("open"),
        "refuted": tr("refuted"),
        "pinned": tr("pinned"),
        "passing": tr("holds for an episode"),
    }


def ground_text(ground: Ground) -> str:
    """Return why one of two contradicting sentences is believed."""
    return {
        "pinned": tr("it is pinned"),
        "evidence": tr("it has more evidence"),
        "later": tr("it is newer, with equal evidence"),
    }[ground]


def is_in_state(entry: KnowledgeEntry, state: str) -> bool:
    """Return whether a sentence is in a state; an empty `state` matches every sentence."""
    return state in ("", entry.standing) or (state in ("pinned", "passing") and bool(getattr(entry, state)))


def standing_text(entry: KnowledgeEntry) -> str:
    """Return the states of a sentence, separated by commas."""
    texts = state_texts()
    states: list[str] = [entry.standing]
    states += ["pinned"] if entry.pinned else []
    states += ["passing"] if entry.passing else []
    return ", ".join(texts[state] for state in states)


def evidence_text(entry: KnowledgeEntry) -> str:
    """Return the evidence for and against, as two numbers."""
    return f"{entry.evidence_for:.1f} : {entry.evidence_against:.1f}"


def with_confidence(entry: KnowledgeEntry) -> str:
    """Return a sentence with its confidence."""
    return f"{entry.sentence} ({score(entry.confidence)})"
