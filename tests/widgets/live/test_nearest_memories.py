import pytest

from agents.events import MemoryEntry
from widgets.live.nearest_memories import NearestMemories


def entry(id_, text, task_id=0, action="go north"):
    return MemoryEntry(id=id_, task_id=task_id, text=text, action=action, reward=0.0, step=id_)


@pytest.fixture
def recall():
    index = NearestMemories()
    index.update(
        [
            entry(1, "house . apple one left"),
            entry(2, "mirror . apple one left", task_id=1),
            entry(3, "house . apple two right up"),
            entry(4, "pole leans left", task_id=2),
        ]
    )
    return index


def found(recall, text, limit=4):
    return [one.id for one in recall.closest(text, limit)]


def test_the_same_sentence_comes_first_then_the_nearest_of_every_task(recall):
    assert found(recall, "house . apple one left") == [1, 2]
    assert found(recall, "mirror . apple one left") == [2, 1]


def test_what_shares_few_words_is_not_recalled(recall):
    assert found(recall, "a taxi drives") == []
    assert found(recall, "") == []


def test_no_more_than_asked_for(recall):
    assert found(recall, "house . apple one left", limit=1) == [1]


def test_what_is_erased_is_recalled_no_more(recall):
    recall.update([entry(2, "mirror . apple one left", task_id=1)])
    assert found(recall, "house . apple one left") == [2]
    assert len(recall) == 1


def test_of_equal_moments_the_newest_is_recalled(recall):
    held = [entry(5, "house . apple one left"), entry(6, "house . apple one left")]
    recall.update(held)
    assert found(recall, "house . apple one left") == [6]
    recall.update([*held, entry(7, "house . apple one left", action="go east")])
    assert found(recall, "house . apple one left") == [7, 6]
