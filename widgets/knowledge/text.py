"""What is said of a sentence that an agent knows: where it is from, how it stands, and why."""

from __future__ import annotations

from collections.abc import Mapping

from agents.events import KnowledgeEntry
from agents.knowledge.contradictions import Ground
from widgets.style.numbers import score
from widgets.style.translation import tr


def source_words() -> Mapping[str, str]:
    """Return where a sentence may be from."""
    return {
        "told": tr("a world told it"),
        "episode": tr("summed up"),
        "distilled": tr("a teacher handed it on"),
        "person": tr("a person said it"),
    }


def state_words() -> Mapping[str, str]:
    """Return how a sentence may stand; the first three exclude each other."""
    return {
        "confirmed": tr("confirmed"),
        "open": tr("open"),
        "refuted": tr("refuted"),
        "pinned": tr("pinned"),
        "passing": tr("holds for an episode"),
    }


def ground_words(ground: Ground) -> str:
    """Say why one of two sentences is believed."""
    return {
        "pinned": tr("it is pinned"),
        "evidence": tr("it has more evidence"),
        "later": tr("told later, of equals"),
    }[ground]


def is_in_state(entry: KnowledgeEntry, state: str) -> bool:
    """Whether a sentence stands so; every one does if `state` is empty."""
    return state in ("", entry.standing) or (state in ("pinned", "passing") and bool(getattr(entry, state)))


def standing_words(entry: KnowledgeEntry) -> str:
    """Say how a sentence stands, in a word or two."""
    words = state_words()
    said: list[str] = [entry.standing]
    said += ["pinned"] if entry.pinned else []
    said += ["passing"] if entry.passing else []
    return ", ".join(words[one] for one in said)


def evidence_words(entry: KnowledgeEntry) -> str:
    """Return the evidence for and against, as two numbers."""
    return f"{entry.evidence_for:.1f} : {entry.evidence_against:.1f}"


def believed_words(entry: KnowledgeEntry) -> str:
    """Return a sentence with its confidence."""
    return f"{entry.sentence} ({score(entry.confidence)})"
