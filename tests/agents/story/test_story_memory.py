import pytest

from agents.events import MemoryChanged, MemoryEntry
from agents.story import Story


def entry(id_, task_id=0):
    return MemoryEntry(id=id_, task_id=task_id, text="house . go", action="go north", reward=1.0, step=id_)


@pytest.fixture
def story():
    return Story(
        [
            MemoryChanged(step=10, added=(entry(1), entry(2, task_id=1), entry(3))),
            MemoryChanged(step=20, removed=(1,), pinned=(2,)),
            MemoryChanged(step=30, added=(entry(4),), unpinned=(2,)),
        ]
    )


@pytest.mark.parametrize(
    ("step", "version", "held", "counts", "pinned"),
    [
        (9, 0, [], {}, set()),
        (10, 1, [1, 2, 3], {0: 2, 1: 1}, set()),
        (25, 2, [2, 3], {0: 1, 1: 1}, {2}),
        (None, 3, [2, 3, 4], {0: 2, 1: 1}, set()),
    ],
)
def test_the_memory_at_every_step_can_be_read(story, step, version, held, counts, pinned):
    view = story.until(step)
    assert view.memory_version == version
    assert [entry.id for entry in view.memory()] == held
    assert view.memory_counts() == counts
    assert view.pinned() == pinned


def test_the_newest_memory_is_that_after_all_changes(story):
    assert story.until(None).memory() == story.until(10**9).memory()
    story.fold(MemoryChanged(step=30, removed=(4,)))
    assert story.until(None).memory_version == 4
    assert [entry.id for entry in story.until(None).memory()] == [2, 3]
