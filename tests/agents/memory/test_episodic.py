import numpy as np
import pytest
import torch

from agents.config.learning import EpisodicConfig
from agents.events import MemoryEntry
from agents.memory.episodic import EpisodicMemory


def entry(step):
    return MemoryEntry(id=-1, task_id=0, text=f"t{step}", action="north", reward=0.0, step=step)


def collect(memory, count, batch=50):
    for start in range(0, count, batch):
        chosen = memory.choose(0, batch, 1)[:, 0]
        memory.write(0, [entry(start + int(i)) for i in np.flatnonzero(chosen)], step=start)


def test_every_decision_is_stored_equally_often():
    counts = np.zeros(200)
    for seed in range(300):
        memory = EpisodicMemory(EpisodicConfig(buffer_size=20), np.random.default_rng(seed))
        collect(memory, 200)
        counts[[entry.step for entry in memory.entries(0)]] += 1
    first, last = counts[:100].mean(), counts[100:].mean()
    assert first == pytest.approx(30, rel=0.1)
    assert last == pytest.approx(30, rel=0.1)


def test_the_reported_changes_add_up_to_the_entries():
    memory, mirrored = EpisodicMemory(EpisodicConfig(buffer_size=10), np.random.default_rng(0)), set()
    for start in range(0, 500, 50):
        chosen = memory.choose(0, 50, 1)[:, 0]
        change = memory.write(0, [entry(start + int(i)) for i in np.flatnonzero(chosen)], step=start)
        mirrored |= {entry.id for entry in change.added}
        mirrored -= set(change.removed)
    assert mirrored == {entry.id for entry in memory.entries()}
    assert len(memory) == 10


def test_a_pinned_entry_is_never_evicted():
    memory = EpisodicMemory(EpisodicConfig(buffer_size=5), np.random.default_rng(0))
    collect(memory, 50)
    (first, *_) = memory.entries(0)
    memory.pin([first.id], True, step=50)
    collect(memory, 20_000)
    assert first in memory.entries(0)


def test_what_is_erased_is_not_rehearsed():
    memory = EpisodicMemory(EpisodicConfig(buffer_size=8), np.random.default_rng(0))
    collect(memory, 50)
    memory.store_targets(0, torch.eye(8), torch.arange(8.0))
    erased, remaining = memory.entries(0)[:3], memory.entries(0)[3:]
    version = memory.version
    memory.erase([entry.id for entry in erased], step=60)
    targets = memory.consolidated(without=1)[0]
    assert targets.entries == remaining
    assert targets.values.tolist() == [3, 4, 5, 6, 7]
    assert memory.version > version


def test_a_task_being_learned_is_not_rehearsed():
    memory = EpisodicMemory(EpisodicConfig(buffer_size=8), np.random.default_rng(0))
    collect(memory, 50)
    memory.store_targets(0, torch.eye(8), torch.zeros(8))
    assert not memory.consolidated(without=0)
