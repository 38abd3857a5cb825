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

ENV_EVIDENCE = 1.0
"""Evidence that each statement of a fact by an environment adds."""
USER_EVIDENCE = 4.0
"""Evidence that a statement by the user adds."""
SCORE_RATE = 0.05
"""Step size of the moving average of a task's scores."""
_EVICTION_DIVISOR = 16
"""A full base evicts its capacity divided by this at once."""


_Key = tuple[str, bool]
"""A sentence or a subject, and whether it holds only within an episode (`passing`)."""


@dataclass(slots=True)
class EpisodeContext:
    """Where new entries come from. The trainer sets step and stage, the environment wrapper the episode."""

    step: int = 0
    stage: int = -1
    episode: int = 0


class KnowledgeBase:
    """Stores up to `config.max_entries` distinct sentences; when it is full, unpinned ones of little use are evicted.

    Copies share all tables until one of them changes (copy on write).
    """

    def __init__(self, config: KnowledgeConfig, encoder: Encoder) -> None:
        self.config, self.encoder = config, encoder
        self.context = EpisodeContext()
        self.version = 0
        """Incremented with every change by the user, so that environments repeat their retrieval."""
        self._entries: dict[int, KnowledgeEntry] = {}
        self._ids: dict[_Key, int] = {}
        self._subjects: dict[_Key, tuple[int, ...]] = {}
        """By subject: ids of the entries that exclude each other, ascending."""
        self._index = VectorIndex(encoder.size)
        self._templates = Templates()
        self._mean_scores: dict[int, float] = {}
        """By task id: moving average of the scores of its episodes."""
        self._is_shared = False
        """Whether a copy uses the same tables, which must be copied before the next change."""
        self._next_id = 0
        self._reported: dict[int, KnowledgeEntry] = {}
        """The entries as they were reported by the events so far, by id."""
        self._touched: set[int] = set()
        """Ids of the entries that may have changed since the last report."""
        self._former: dict[_Key, int] = {}
        """Ids that sentences had before a rollback, to be used again."""

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, id_: int) -> KnowledgeEntry:
        return self._entries[id_]

    def known(self, ids: Iterable[int]) -> tuple[KnowledgeEntry, ...]:
        """Return the entries with these ids, without those that no longer exist."""
        return tuple(self._entries[id_] for id_ in ids if id_ in self._entries)

    def entries(self, query: Query | None = None) -> tuple[KnowledgeEntry, ...]:
        """Return the entries that match the query, or all entries, oldest first."""
        entries = (entry for _, entry in sorted(self._entries.items()))
        return tuple(entry for entry in entries if query is None or query.matches(entry))

    def nearest(self, sentence: str, limit: int) -> list[tuple[KnowledgeEntry, float]]:
        """Return up to `limit` entries nearest to `sentence` with their cosines, refuted ones included."""
        near = self._index.nearest(self.encoder.embed(sentence), limit, every=True)
        return [(self._entries[id_], cosine) for id_, cosine in near]

    def recall(self, query: str, valid: Collection[int] = ()) -> tuple[KnowledgeEntry, ...]:
        """Return the entries to prepend to an observation: believed, and similar to `query`, nearest first.

        Of entries that hold only within an episode, those with ids in `valid` are searched, too.
        """
        near = self._index.nearest(self.encoder.embed(query), self.config.top_k, valid)
        return tuple(self._entries[id_] for id_, cosine in near if cosine >= self.config.min_similarity)

    def add_fact(self, fact: Fact, task_id: int) -> int:
        """Add a fact that an environment states, or evidence for it if it is known; return the entry's id."""
        self._templates = self._templates.with_template(fact.template, fact.open_slot)
        return self._add(
            fact.sentence, "environment", ENV_EVIDENCE, subject=fact.subject, passing=fact.passing, task_id=task_id
        )

    def add_summary(self, instruction: str, score: float, task_id: int) -> None:
        """Count an episode's score, from 0 to 1, as evidence on the sentence “I can …” of its instruction."""
        id_ = self._add(f"I can {instruction}", "episode", 0.0, task_id=task_id)
        self._add_evidence(id_, score, 1 - score)

    def add_sentence(self, sentence: str) -> int:
        """Add a sentence of the user; return the entry's id."""
        self.version += 1
        return self._add(sentence, "person", USER_EVIDENCE, subject=self._subject(sentence))

    def add_distilled(self, sentence: str, evidence: float, task_id: int) -> int:
        """Add a sentence of a teacher with its evidence; return the entry's id."""
        return self._add(sentence, "distilled", evidence, subject=self._subject(sentence), task_id=task_id)

    def count_use(self, ids: Iterable[int]) -> None:
        """Increment the number of episodes in which these entries were retrieved."""
        for entry in self.known(ids):
            self._put(replace(entry, uses=entry.uses + 1))

    def add_outcome(self, ids: Iterable[int], task_id: int, score: float) -> None:
        """Count an episode's score, from 0 to 1, as evidence on the entries that were retrieved in it.

        Success counts 1 − m, failure m, where m is the mean score of the task. A sentence without effect therefore
        gathers equal evidence for and against, and failures of an untrained agent (m = 0) count nothing.
        """
        mean = self._mean_scores.get(task_id, 0.0)
        for entry in self.known(ids):
            self._add_evidence(entry.id, score * (1 - mean), (1 - score) * mean)
        self._unshare()
        self._mean_scores[task_id] = mean + SCORE_RATE * (score - mean)

    def edit(self, id_: int, sentence: str) -> None:
        """Replace an entry by a sentence of the user; task id and pin are kept."""
        old = self._entries[id_]
        self.erase([id_])
        new = self._entries[self.add_sentence(sentence)]
        self._put(replace(new, task_id=old.task_id, pinned=old.pinned or new.pinned))

    def erase(self, ids: Iterable[int]) -> None:
        """Delete these entries."""
        self.version += 1
        for entry in self.known(ids):
            self._drop(entry)

    def pin(self, ids: Iterable[int], pinned: bool) -> None:
        """Protect these entries from eviction and believe them regardless of evidence, or stop doing so."""
        self.version += 1
        for entry in self.known(ids):
            self._put(replace(entry, pinned=pinned))
            self._resolve(entry)

    def drain(self, step: int) -> KnowledgeChanged | None:
        """Return the changes since the last call as an event; None if there are none."""
        added, changed, removed = [], [], []
        for id_ in sorted(self._touched):
            old, new = self._reported.pop(id_, None), self._entries.get(id_)
            if new is not None:
                self._reported[id_] = new
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
        """Return an independent copy, for example for evaluation.

        Both use the same tables until one of them changes, so copying takes constant time.
        """
        self._is_shared = True
        copy = KnowledgeBase(self.config, self.encoder)
        copy.context, copy.version, copy._next_id = replace(self.context), self.version, self._next_id
        copy._entries, copy._ids, copy._subjects, copy._mean_scores = (
            self._entries,
            self._ids,
            self._subjects,
            self._mean_scores,
        )
        copy._index, copy._templates, copy._is_shared = self._index.copy(), self._templates, True
        return copy

    def _unshare(self) -> None:
        """Copy the tables before a change, if another base uses them."""
        if self._is_shared:
            self._entries, self._ids, self._subjects = dict(self._entries), dict(self._ids), dict(self._subjects)
            self._mean_scores, self._is_shared = dict(self._mean_scores), False

    @contextmanager
    def discarding_changes(self) -> Iterator[None]:
        """Undo all changes on exit from the context, ids and events included."""
        saved = {**vars(self.copy()), "_reported": dict(self._reported), "_touched": set(self._touched)}
        yield
        vars(self).update(saved)

    def state(self) -> State:
        """Return the entries in the order of the index rows, and all counters."""
        return {
            "entries": Plain(asdict(self._entries[id_]) for id_ in self._index.ids),
            "templates": Plain(self._templates.known),
            "mean_scores": dict(self._mean_scores),
            "next": self._next_id,
            "version": self.version,
            "episode": self.context.episode,
        }

    def restore(self, state: State) -> None:
        """Restore the state that `state()` returned; after a rollback, the next `drain` reports what differs."""
        is_new = not self._reported and not self._touched
        self._former = {(entry.sentence, entry.passing): entry.id for entry in self._entries.values()}
        self._touched |= set(self._entries)
        self._entries, self._ids, self._subjects, self._is_shared = {}, {}, {}, False
        self._index = VectorIndex(self.encoder.size)
        self._templates = Templates(state["templates"])
        for row in state["entries"]:
            self._put(KnowledgeEntry(**row))
        self._mean_scores = {int(task_id): mean for task_id, mean in state["mean_scores"].items()}
        # an id never refers to two sentences: the event log already refers to the first one
        self._next_id = max(state["next"], self._next_id)
        self.version, self.context.episode = state["version"], state["episode"]
        if is_new:  # a resumed run: the event log already has these entries
            self._reported, self._touched, self._former = dict(self._entries), set(), {}

    def _subject(self, sentence: str) -> str:
        fact = self._templates.fact(sentence)
        return "" if fact is None else fact.subject

    def _add(self, sentence: str, source: Any, evidence: float, *, passing: bool = False, **fields: Any) -> int:
        """Add a sentence, or evidence for it if it exists, and resolve its contradictions."""
        if (id_ := self._ids.get((sentence, passing))) is None:
            if len(self) >= self.config.max_entries:
                self._evict()
            id_ = self._new_id(sentence, passing)
            origin = {name: getattr(self.context, name) for name in ("step", "stage", "episode")}
            self._put(KnowledgeEntry(id=id_, sentence=sentence, source=source, passing=passing, **origin, **fields))
        self._add_evidence(id_, evidence, 0.0)
        return id_

    def _new_id(self, sentence: str, passing: bool) -> int:
        """Return an id for a new entry: its id from before a rollback, so that repeated commands of the user apply."""
        if (former := self._former.pop((sentence, passing), None)) is not None and former not in self._entries:
            return former
        self._next_id += 1
        return self._next_id - 1

    def _add_evidence(self, id_: int, for_: float, against: float) -> None:
        entry = self._entries[id_]
        for_, against = entry.evidence_for + for_, entry.evidence_against + against
        self._put(replace(entry, evidence_for=for_, evidence_against=against))
        self._resolve(entry)

    def _resolve(self, changed: KnowledgeEntry) -> None:
        """Mark all entries that contradict the believed one as its rivals; they stay stored as refuted."""
        rivals = self.known(self._subjects.get((changed.subject, changed.passing), ()))
        if not rivals or changed.passing:  # which of these holds depends on the episode
            return
        best = believed(rivals)
        for entry in rivals:
            rival = None if entry is best else best.id
            if entry.rival != rival:
                self._put(replace(entry, rival=rival))

    def _put(self, entry: KnowledgeEntry) -> None:
        is_searchable = (
            not entry.passing and entry.source != "episode" and (entry.pinned or entry.standing != "refuted")
        )
        self._unshare()
        if entry.id in self._entries:
            self._index.set_searchable(entry.id, is_searchable)
        else:
            self._ids[entry.sentence, entry.passing] = entry.id
            self._index.put(entry.id, self.encoder.embed(entry.sentence), is_searchable)
            if entry.subject:
                rivals = {*self._subjects.get((entry.subject, entry.passing), ()), entry.id}
                self._subjects[entry.subject, entry.passing] = tuple(sorted(rivals))
        self._entries[entry.id] = entry
        self._touched.add(entry.id)

    def _drop(self, entry: KnowledgeEntry) -> None:
        self._unshare()
        del self._entries[entry.id], self._ids[entry.sentence, entry.passing]
        self._index.drop(entry.id)
        self._touched.add(entry.id)
        if entry.subject:
            rivals = self._subjects[entry.subject, entry.passing]
            self._subjects[entry.subject, entry.passing] = tuple(id_ for id_ in rivals if id_ != entry.id)
            self._resolve(entry)

    def _evict(self) -> None:
        """Drop unpinned entries: refuted ones first, then the least used, then the oldest."""
        unpinned = [entry for entry in self._entries.values() if not entry.pinned]
        unpinned.sort(key=lambda entry: (entry.standing != "refuted", entry.uses, entry.id))
        for entry in unpinned[: max(self.config.max_entries // _EVICTION_DIVISOR, 1)]:
            self._drop(entry)
