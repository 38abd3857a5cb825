"""A knowledge base: sentences with evidence, retrieved by embedding; each change is reported as an event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from agents.config.agent import KnowledgeConfig
from agents.events import KnowledgeChanged, KnowledgeEntry
from agents.knowledge import Encoder
from agents.knowledge.contradictions import Templates, believed
from agents.knowledge.query import Query
from agents.knowledge.vector_index import VectorIndex
from agents.state_tree import Plain, State
from envs import Fact

TOLD = 1.0
"""Evidence that a world's word is worth, each time."""
SAID = 4.0
"""Evidence that a person's word is worth."""
PACE = 0.05
"""How fast the score that is usual in a task follows."""
_SPARE = 16
"""When it is full, one entry in so many makes room at once."""


_Key = tuple[str, bool]
"""A sentence or a subject, and whether it is one of an episode."""


@dataclass(slots=True)
class EpisodeContext:
    """Where something is learned: filled in by who drives the run and by the worlds that are lived in."""

    step: int = 0
    stage: int = -1
    episode: int = 0


class KnowledgeBase:
    """Keeps up to `config.entries` sentences, each once; those of no use make room for new ones, never pinned ones."""

    def __init__(self, config: KnowledgeConfig, encoder: Encoder) -> None:
        self.config, self.encoder = config, encoder
        self.occasion = EpisodeContext()
        self.edition = 0
        """Grows whenever a person changes something: what was recalled before is to be asked for again."""
        self._entries: dict[int, KnowledgeEntry] = {}
        self._ids: dict[_Key, int] = {}
        self._subjects: dict[_Key, tuple[int, ...]] = {}
        """Ids of those that exclude each other, in order."""
        self._index = VectorIndex(encoder.size)
        self._templates = Templates()
        self._usual: dict[int, float] = {}
        self._is_shared = False
        """Whether a copy reads the same tables: before the next change they are copied."""
        self._next_id = 0
        self._told: dict[int, KnowledgeEntry] = {}
        """What the story holds, where that may differ from what is known now."""
        self._touched: set[int] = set()
        self._former: dict[_Key, int] = {}
        """Ids that sentences had before all was set back."""

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, id_: int) -> KnowledgeEntry:
        return self._entries[id_]

    def known(self, ids: Iterable[int]) -> tuple[KnowledgeEntry, ...]:
        """Return the entries of these ids, leaving out those that are gone."""
        return tuple(self._entries[id_] for id_ in ids if id_ in self._entries)

    def entries(self, query: Query | None = None) -> tuple[KnowledgeEntry, ...]:
        """Return what the query asks for exactly, or everything, oldest first."""
        found = (entry for _, entry in sorted(self._entries.items()))
        return tuple(entry for entry in found if query is None or query.fits(entry))

    def alike(self, meaning: str, limit: int) -> list[tuple[KnowledgeEntry, float]]:
        """Return the entries nearest in meaning whatever speaks against them, with their cosines."""
        near = self._index.nearest(self.encoder.embed(meaning), limit, every=True)
        return [(self._entries[id_], cosine) for id_, cosine in near]

    def recall(self, cue: str, holding: Collection[int] = ()) -> tuple[KnowledgeEntry, ...]:
        """Return what to read before a decision: believed, near to the cue, and valid or among the ids `holding`."""
        near = self._index.nearest(self.encoder.embed(cue), self.config.top_k, holding)
        return tuple(self._entries[id_] for id_, cosine in near if cosine >= self.config.min_similarity)

    def add_fact(self, fact: Fact, task_id: int) -> int:
        """Write down what a world tells, or that it tells it again; return the entry's id."""
        self._templates = self._templates.knowing(fact.template, fact.open_slot)
        return self._note(fact.sentence, "told", TOLD, subject=fact.subject, passing=fact.passing, task_id=task_id)

    def sum_up(self, instruction: str, score: float, task_id: int) -> None:
        """Write down how an episode went, as evidence for or against being able to do what was asked."""
        id_ = self._note(f"I can {instruction}", "episode", 0.0, task_id=task_id)
        self._weigh(id_, score, 1 - score)

    def add_sentence(self, sentence: str) -> int:
        """Write down what a person says; return the entry's id."""
        self.edition += 1
        return self._note(sentence, "person", SAID, subject=self._subject(sentence))

    def hand_on(self, sentence: str, evidence: float, task_id: int) -> int:
        """Write down what a teacher hands on with so much evidence; return the entry's id."""
        return self._note(sentence, "distilled", evidence, subject=self._subject(sentence), task_id=task_id)

    def use(self, ids: Iterable[int]) -> None:
        """Count that these were put before the agent in one more episode."""
        for entry in self.known(ids):
            self._put(replace(entry, uses=entry.uses + 1))

    def judge(self, ids: Iterable[int], task_id: int, score: float) -> None:
        """Take an episode's score, from 0 to 1, as evidence on what was used in it.

        It counts by how much it surprises: success by how rare it is in the task, failure by how rare that is. A
        sentence that makes no difference gathers as much for as against, and a beginner's failures refute nothing.
        """
        usual = self._usual.get(task_id, 0.0)
        for entry in self.known(ids):
            self._weigh(entry.id, score * (1 - usual), (1 - score) * usual)
        self._own()
        self._usual[task_id] = usual + PACE * (score - usual)

    def edit(self, id_: int, sentence: str) -> None:
        """Put a person's sentence in the place of this entry's."""
        old = self._entries[id_]
        self.erase([id_])
        new = self._entries[self.add_sentence(sentence)]
        self._put(replace(new, task_id=old.task_id, pinned=old.pinned or new.pinned))

    def erase(self, ids: Iterable[int]) -> None:
        """Forget these entries for good."""
        self.edition += 1
        for entry in self.known(ids):
            self._drop(entry)

    def pin(self, ids: Iterable[int], pinned: bool) -> None:
        """Keep these entries and believe them whatever comes, or let them go again."""
        self.edition += 1
        for entry in self.known(ids):
            self._put(replace(entry, pinned=pinned))
            self._settle(entry)

    def drain(self, step: int) -> KnowledgeChanged | None:
        """Return how it differs from what was told last; None if it does not."""
        added, changed, removed = [], [], []
        for id_ in sorted(self._touched):
            old, new = self._told.pop(id_, None), self._entries.get(id_)
            if new is not None:
                self._told[id_] = new
            if old is None and new is not None:
                added.append(new)
            elif old is not None and new is None:
                removed.append(id_)
            elif old is not None and new is not None and old != new:
                changed.append(new)
        self._touched.clear()
        if not (added or changed or removed):
            return None
        return KnowledgeChanged(step=step, added=tuple(added), changed=tuple(changed), removed=tuple(removed))

    def copy(self) -> KnowledgeBase:
        """Return another that knows the same, to be lived with aside: what it learns there is its own.

        Both read the same tables until one of them changes, so a copy costs nothing while nothing is learned.
        """
        self._is_shared = True
        twin = KnowledgeBase(self.config, self.encoder)
        twin.occasion, twin.edition, twin._next_id = replace(self.occasion), self.edition, self._next_id
        twin._entries, twin._ids, twin._subjects, twin._usual = self._entries, self._ids, self._subjects, self._usual
        twin._index, twin._templates, twin._is_shared = self._index.copy(), self._templates, True
        return twin

    def _own(self) -> None:
        """Have tables of its own from here on: others may still read those it shares."""
        if self._is_shared:
            self._entries, self._ids, self._subjects = dict(self._entries), dict(self._ids), dict(self._subjects)
            self._usual, self._is_shared = dict(self._usual), False

    @contextmanager
    def unimpressed(self) -> Iterator[None]:
        """Forget, to the last number, all that is heard meanwhile."""
        kept = {**vars(self.copy()), "_told": dict(self._told), "_touched": set(self._touched)}
        yield
        vars(self).update(kept)

    def state(self) -> State:
        """Return everything that is known, in the order in which it is searched."""
        return {
            "entries": Plain(asdict(self._entries[id_]) for id_ in self._index.ids),
            "templates": Plain(self._templates.known),
            "usual": dict(self._usual),
            "next": self._next_id,
            "edition": self.edition,
            "episode": self.occasion.episode,
        }

    def restore(self, state: State) -> None:
        """Know what was known where `state` was taken."""
        is_new = not self._told and not self._touched
        self._former = {(entry.sentence, entry.passing): entry.id for entry in self._entries.values()}
        self._touched |= set(self._entries)
        self._entries, self._ids, self._subjects, self._is_shared = {}, {}, {}, False
        self._index = VectorIndex(self.encoder.size)
        self._templates = Templates(state["templates"])
        for row in state["entries"]:
            self._put(KnowledgeEntry(**row))
        self._usual = {int(task_id): usual for task_id, usual in state["usual"].items()}
        # an id never stands for two sentences: the story has told what it stood for
        self._next_id = max(state["next"], self._next_id)
        self.edition, self.occasion.episode = state["edition"], state["episode"]
        if is_new:  # a run that goes on: its story was told up to here
            self._told, self._touched, self._former = dict(self._entries), set(), {}

    def _subject(self, sentence: str) -> str:
        fact = self._templates.fact(sentence)
        return "" if fact is None else fact.subject

    def _note(self, sentence: str, source: Any, evidence: float, *, passing: bool = False, **what: Any) -> int:
        """Write a sentence down once, or add to its evidence; settle what it contradicts."""
        if (id_ := self._ids.get((sentence, passing))) is None:
            if len(self) >= self.config.max_entries:
                self._make_room()
            id_ = self._number(sentence, passing)
            now = {name: getattr(self.occasion, name) for name in ("step", "stage", "episode")}
            self._put(KnowledgeEntry(id=id_, sentence=sentence, source=source, passing=passing, **now, **what))
        self._weigh(id_, evidence, 0.0)
        return id_

    def _number(self, sentence: str, passing: bool) -> int:
        """Return the id of a new entry: the one it had before all was set back, so that a person's words stay true."""
        if (former := self._former.pop((sentence, passing), None)) is not None and former not in self._entries:
            return former
        self._next_id += 1
        return self._next_id - 1

    def _weigh(self, id_: int, for_: float, against: float) -> None:
        entry = self._entries[id_]
        for_, against = entry.evidence_for + for_, entry.evidence_against + against
        self._put(replace(entry, evidence_for=for_, evidence_against=against))
        self._settle(entry)

    def _settle(self, about: KnowledgeEntry) -> None:
        """Believe the one with most evidence of all that exclude each other; the others are kept as refuted by it."""
        rivals = self.known(self._subjects.get((about.subject, about.passing), ()))
        if not rivals or about.passing:  # of what holds in one episode, the episode says which
            return
        winner = believed(rivals)
        for entry in rivals:
            rival = None if entry is winner else winner.id
            if entry.rival != rival:
                self._put(replace(entry, rival=rival))

    def _put(self, entry: KnowledgeEntry) -> None:
        is_offered = not entry.passing and entry.source != "episode" and (entry.pinned or entry.standing != "refuted")
        self._own()
        if entry.id in self._entries:
            self._index.offer(entry.id, is_offered)
        else:
            self._ids[entry.sentence, entry.passing] = entry.id
            self._index.put(entry.id, self.encoder.embed(entry.sentence), is_offered)
            if entry.subject:
                rivals = {*self._subjects.get((entry.subject, entry.passing), ()), entry.id}
                self._subjects[entry.subject, entry.passing] = tuple(sorted(rivals))
        self._entries[entry.id] = entry
        self._touched.add(entry.id)

    def _drop(self, entry: KnowledgeEntry) -> None:
        self._own()
        del self._entries[entry.id], self._ids[entry.sentence, entry.passing]
        self._index.drop(entry.id)
        self._touched.add(entry.id)
        if entry.subject:
            rivals = self._subjects[entry.subject, entry.passing]
            self._subjects[entry.subject, entry.passing] = tuple(id_ for id_ in rivals if id_ != entry.id)
            self._settle(entry)

    def _make_room(self) -> None:
        """Drop what is refuted, then what was used least, then what is oldest; never what is pinned."""
        loose = [entry for entry in self._entries.values() if not entry.pinned]
        loose.sort(key=lambda entry: (entry.standing != "refuted", entry.uses, entry.id))
        for entry in loose[: max(self.config.max_entries // _SPARE, 1)]:
            self._drop(entry)
