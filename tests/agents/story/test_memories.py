import random
import sys
from dataclasses import replace

import pytest

from agents import codec
from agents.events import MemoryChanged, MemoryEntry
from agents.story.memories import MemoryHistory


def entry(id_):
    return MemoryEntry(
        id=id_, task_id=id_ % 3, text=f"ball {id_}", action="west", reward=0.5, step=id_, picture_state={"x": id_}
    )


def random_changes(count=60):
    """Yield changes as a reservoir makes them, with the entries held and the ids pinned after each."""
    rng, held, pinned, fresh = random.Random(4), {}, set(), 0
    for step in range(0, 10 * count, 10):
        added = tuple(entry(fresh + number) for number in range(rng.randrange(4)))
        fresh += len(added)
        removed = tuple(rng.sample(sorted(held), min(len(held), rng.randrange(3))))
        pins = tuple(rng.sample(sorted(held), min(len(held), 1)))
        free = tuple(rng.sample(sorted(pinned), min(len(pinned), 1)))
        held = {id_: held[id_] for id_ in held if id_ not in removed} | {new.id: new for new in added}
        pinned = (pinned | set(pins)) - set(free)
        yield (
            MemoryChanged(step=step, added=added, removed=removed, pinned=pins, unpinned=free),
            dict(held),
            set(pinned),
        )


@pytest.mark.parametrize("stored", [False, True], ids=["folded", "read"])
def test_every_step_has_the_entries_that_the_changes_up_to_it_leave(stored):
    memories, changes = MemoryHistory(), list(random_changes())
    for event, _, _ in changes:
        if stored:
            memories.read(event.step, codec.to_json(event))
        else:
            memories.fold(event)
    for index, (event, held, pinned) in enumerate(changes):
        assert memories.at(event.step) == list(held.values())
        assert memories.at(event.step + 9) == list(held.values())
        assert memories.counts_at(event.step) == {
            task: number
            for task in range(3)
            if (number := sum(held_entry.task_id == task for held_entry in held.values()))
        }
        assert memories.pinned(event.step) == pinned
        assert memories.version(event.step) == index + 1
    assert sum(memories.counts["count"]) == sum(len(event.added) for event, _, _ in changes)


def test_an_entry_is_created_once_when_it_is_first_read():
    memories = MemoryHistory()
    memories.read(0, codec.to_json(MemoryChanged(step=0, added=(entry(1), entry(2)))))
    assert memories.at(0)[0] is memories.at(5)[0]
    assert memories.at(-1) == []


def test_removed_entries_take_a_tenth_of_the_memory_and_can_be_read_again():
    entries = [
        MemoryEntry(
            id=id_, task_id=0, text=f"the ball {id_} is in the east", action="go east", reward=0.5, step=id_,
            picture_state={"walls": [[x, id_] for x in range(20)], "items": {"ball": {"at": [id_, 2], "held": False}}},
        )
        for id_ in range(200)
    ]  # fmt: skip
    memories = MemoryHistory()
    memories.fold(MemoryChanged(step=0, added=tuple(entries)))
    memories.fold(MemoryChanged(step=1, removed=tuple(range(199))))
    held, packed = (sum(map(_weight, rows)) for rows in (entries[:199], memories._rows[:199]))
    assert packed < held / 10
    assert memories.at(0) == entries
    assert memories.at(1) == entries[199:]


def _weight(value):
    """Return the bytes of a value, including those of the parts it owns."""
    parts = {
        MemoryEntry: lambda: [value.text, value.picture_state],
        dict: lambda: value.values(),
        list: lambda: value,
    }.get(type(value), tuple)()
    return sys.getsizeof(value) + sum(map(_weight, parts))


def test_an_entry_that_is_not_json_data_stays_unpacked():
    unpackable = replace(entry(1), picture_state={"state": {1, 2}})
    memories = MemoryHistory()
    memories.fold(MemoryChanged(step=0, added=(unpackable,)))
    memories.fold(MemoryChanged(step=1, removed=(1,)))
    assert memories.at(0) == [unpackable]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"added": {"id": [1]}},
        {"added": {"id": ["a"], "task_id": [0], "text": [""], "action": [""], "reward": [0], "step": [0]}},
        {"added": {"id": [1, 2], "task_id": [0], "text": [""], "action": [""], "reward": [0], "step": [0]}},
    ],
)
def test_a_change_of_another_version_changes_nothing(data):
    memories = MemoryHistory()
    with pytest.raises((KeyError, TypeError, ValueError)):
        memories.read(3, data)
    assert memories.version(3) == 0
    assert memories.at(3) == []
