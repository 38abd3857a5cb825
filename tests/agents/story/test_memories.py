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


def told(count=60):
    """Changes as a reservoir makes them, and what was held and pinned after each."""
    rng, held, pinned, fresh = random.Random(4), {}, set(), 0
    for step in range(0, 10 * count, 10):
        added = tuple(entry(fresh + place) for place in range(rng.randrange(4)))
        fresh += len(added)
        gone = tuple(rng.sample(sorted(held), min(len(held), rng.randrange(3))))
        pins = tuple(rng.sample(sorted(held), min(len(held), 1)))
        free = tuple(rng.sample(sorted(pinned), min(len(pinned), 1)))
        held = {id_: kept for id_, kept in held.items() if id_ not in gone} | {kept.id: kept for kept in added}
        pinned = (pinned | set(pins)) - set(free)
        yield MemoryChanged(step=step, added=added, removed=gone, pinned=pins, unpinned=free), dict(held), set(pinned)


@pytest.mark.parametrize("stored", [False, True], ids=["told", "read"])
def test_every_moment_holds_what_the_changes_up_to_it_leave(stored):
    memories, moments = MemoryHistory(), list(told())
    for event, _, _ in moments:
        if stored:
            memories.read(event.step, codec.to_json(event))
        else:
            memories.fold(event)
    for place, (event, held, pinned) in enumerate(moments):
        assert memories.at(event.step) == list(held.values())
        assert memories.at(event.step + 9) == list(held.values())
        assert memories.counts_at(event.step) == {
            task: number for task in range(3) if (number := sum(kept.task_id == task for kept in held.values()))
        }
        assert memories.pinned(event.step) == pinned
        assert memories.version(event.step) == place + 1
    assert sum(memories.counts["count"]) == sum(len(event.added) for event, _, _ in moments)


def test_an_entry_is_made_once_and_only_if_somebody_looks():
    memories = MemoryHistory()
    memories.read(0, codec.to_json(MemoryChanged(step=0, added=(entry(1), entry(2)))))
    assert memories.at(0)[0] is memories.at(5)[0]
    assert memories.at(-1) == []


def test_what_a_live_run_let_go_of_takes_a_tenth_of_the_room_and_is_found_again():
    moments = [
        MemoryEntry(
            id=id_, task_id=0, text=f"the ball {id_} is in the east", action="go east", reward=0.5, step=id_,
            picture_state={"walls": [[x, id_] for x in range(20)], "items": {"ball": {"at": [id_, 2], "held": False}}},
        )
        for id_ in range(200)
    ]  # fmt: skip
    memories = MemoryHistory()
    memories.fold(MemoryChanged(step=0, added=tuple(moments)))
    memories.fold(MemoryChanged(step=1, removed=tuple(range(199))))
    held, packed = (sum(map(_weight, rows)) for rows in (moments[:199], memories._rows[:199]))
    assert packed < held / 10
    assert memories.at(0) == moments
    assert memories.at(1) == moments[199:]


def _weight(value):
    """Bytes of a value and of all that it alone holds."""
    parts = {
        MemoryEntry: lambda: [value.text, value.picture_state],
        dict: lambda: value.values(),
        list: lambda: value,
    }.get(type(value), tuple)()
    return sys.getsizeof(value) + sum(map(_weight, parts))


def test_what_a_world_tells_that_is_no_json_data_is_kept_as_it_is():
    strange = replace(entry(1), picture_state={"state": {1, 2}})
    memories = MemoryHistory()
    memories.fold(MemoryChanged(step=0, added=(strange,)))
    memories.fold(MemoryChanged(step=1, removed=(1,)))
    assert memories.at(0) == [strange]


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
