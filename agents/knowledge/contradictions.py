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
    """Return the one to believe: what is pinned, then what has more evidence, then what was learned later."""
    return max(entries, key=lambda entry: (entry.pinned, entry.confidence, entry.id))


class Templates:
    """The forms in which facts were told: what a person says in one of them is about the same things. Never changes."""

    def __init__(self, known: Iterable[Sequence[str]] = ()) -> None:
        self._forms: dict[tuple[str, str], re.Pattern[str]] = {}
        for template, open_slot in known:
            pattern = _SLOT.sub(r"(?P<\1>.+?)", re.escape(template))
            self._forms[template, open_slot] = re.compile(pattern, re.IGNORECASE)

    @property
    def known(self) -> list[list[str]]:
        """Each template and its open slot, in the order they were met."""
        return [list(form) for form in self._forms]

    def knowing(self, template: str, open_slot: str) -> Templates:
        """Return those that know this form, too."""
        return self if (template, open_slot) in self._forms else Templates([*self.known, (template, open_slot)])

    def fact(self, sentence: str) -> Fact | None:
        """Return what `sentence` says in a known form; None if it has none. It holds beyond an episode."""
        for (template, open_slot), form in self._forms.items():
            if match := form.fullmatch(sentence):
                slots = {name: value.lower() for name, value in match.groupdict().items()}
                return Fact(template, slots, open_slot, passing=False)
        return None


Ground = Literal["pinned", "evidence", "later"]
"""Why one sentence is believed and not another: it is pinned, has more evidence, or of equals was told later."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sentences that exclude each other."""

    believed: KnowledgeEntry
    refuted: KnowledgeEntry
    ground: Ground

    @property
    def id(self) -> int:
        """The refuted one's: it stands against one other only."""
        return self.refuted.id


def contradictions(entries: Iterable[KnowledgeEntry]) -> list[Contradiction]:
    """Return every refuted sentence beside the one that is believed in its place."""
    known = {entry.id: entry for entry in entries}
    pairs = [(known.get(entry.rival), entry) for entry in known.values() if entry.rival is not None]
    return [Contradiction(other, entry, _ground(other, entry)) for other, entry in pairs if other is not None]


def _ground(one: KnowledgeEntry, other: KnowledgeEntry) -> Ground:
    if one.pinned > other.pinned:
        return "pinned"
    return "evidence" if one.confidence > other.confidence else "later"
