"""The knowledge base at any earlier step is what it was then, despite snapshots."""

import numpy as np
import pytest

from agents.events import KnowledgeChanged, KnowledgeEntry
from agents.story.knowledge import KnowledgeHistory


def collected(seed, changes=300):
    """Make random changes; yield the history after each, and the expected entries by id."""
    rng, known, table = np.random.default_rng(seed), KnowledgeHistory(), {}
    for step in range(changes):
        removed = tuple(id_ for id_ in table if rng.random() < 0.02)
        changed = {id_ for id_ in table if rng.random() < 0.1} - {*removed}
        entries = [
            KnowledgeEntry(id=id_, sentence=f"{id_}", source="environment", evidence_against=float(rng.integers(4)))
            for id_ in (*changed, step)
        ]
        event = KnowledgeChanged(step=step, added=(entries[-1],), changed=tuple(entries[:-1]), removed=removed)
        table = {id_: entry for id_, entry in table.items() if id_ not in removed} | {e.id: e for e in entries}
        known.fold(event)
        yield known, table


@pytest.mark.parametrize("seed", range(3))
def test_every_earlier_state_is_reproduced(seed):
    states = [table for _, table in collected(seed)]
    *_, (known, _) = collected(seed)
    for step, table in enumerate(states):
        assert known.at(step) == [table[id_] for id_ in sorted(table)]
    assert known.at(-1) == []


def test_counts_follow_each_change():
    for known, table in collected(1):
        assert known.counts["known"][-1] == len(table)
        assert known.counts["refuted"][-1] == sum(entry.standing == "refuted" for entry in table.values())


def test_a_state_between_snapshots_is_not_folded_from_the_start():
    *_, (known, _) = collected(0)
    assert len(known._snapshots) > 5
    assert max(np.diff([count for count, _ in known._snapshots])) < 100
