"""Decide between contradicting sentences by their evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.events import KnowledgeEntry
from envs import Fact

_SLOT = re.compile(r"\\\{(\w+)\\\}")


def believed(entries: Iterable[KnowledgeEntry]) -> KnowledgeEntry:
    """Return the entry to believe: a pinned one first, then the one of higher confidence, then the latest."""
    return max(entries, key=lambda entry: (entry.pinned, entry.confidence, entry.id))


class Templates:
    """The templates of the facts seen so far, to recognise them in the user's sentences. Immutable."""

    def __init__(self, known: Iterable[Sequence[str]] = ()) -> None:
        self._patterns: dict[tuple[str, str], re.Pattern[str]] = {}
        for template, open_slot in known:
            # each `{slot}` becomes a named group; the template is escaped before
            pattern = _SLOT.sub(r"(?P<\1>.+?)", re.escape(template))
            self._patterns[template, open_slot] = re.compile(pattern, re.IGNORECASE)

    @property
    def known(self) -> list[list[str]]:
        """Each template and its open slot, in the order of their first use."""
        return [list(key) for key in self._patterns]

    def with_template(self, template: str, open_slot: str) -> Templates:
        """Return templates that include this one."""
        return self if (template, open_slot) in self._patterns else Templates([*self.known, (template, open_slot)])

    def fact(self, sentence: str) -> Fact | None:
        """Parse `sentence` by the known templates; None if none matches. The fact is not limited to an episode."""
        for (template, open_slot), pattern in self._patterns.items():
            if match := pattern.fullmatch(sentence):
                slots = {name: value.lower() for name, value in match.groupdict().items()}
                return Fact(template, slots, open_slot, passing=False)
        return None


Ground = Literal["pinned", "evidence", "later"]
"""Why one of two sentences is believed: it is pinned, has more evidence, or has equal evidence and is later."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two entries of the same subject that exclude each other."""

    believed: KnowledgeEntry
    refuted: KnowledgeEntry
    ground: Ground

    @property
    def id(self) -> int:
        """The id of the refuted entry, which is part of one contradiction only."""
        return self.refuted.id


def contradictions(entries: Iterable[KnowledgeEntry]) -> list[Contradiction]:
    """Return every refuted entry, paired with the one that is believed instead."""
    known = {entry.id: entry for entry in entries}
    pairs = [(known.get(entry.rival), entry) for entry in known.values() if entry.rival is not None]
    return [Contradiction(rival, entry, _ground(rival, entry)) for rival, entry in pairs if rival is not None]


def _ground(believed: KnowledgeEntry, refuted: KnowledgeEntry) -> Ground:
    if believed.pinned > refuted.pinned:
        return "pinned"
    return "evidence" if believed.confidence > refuted.confidence else "later"
