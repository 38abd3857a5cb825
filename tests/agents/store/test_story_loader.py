import sqlite3
from contextlib import closing

import numpy as np
import pytest

from agents.benchmarks.speed.million_events import record
from agents.events import Fault
from agents.store.run import Run
from agents.story import Story


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return record(tmp_path_factory.mktemp("runs"), 8_000)


def test_a_stored_run_is_the_same_story_as_its_events_one_by_one(run):
    quick, slow = run.story(), Story(run.replay())
    assert (quick.step, quick.seconds, quick.rate, quick.tasks) == (slow.step, slow.seconds, slow.rate, slow.tasks)
    for ours, theirs in [(quick.episodes, slow.episodes), (quick.remembered, slow.remembered)]:
        for name in theirs.names:
            np.testing.assert_array_equal(ours[name], theirs[name])
    assert quick.updates.keys() == slow.updates.keys()
    for term, table in slow.updates.items():
        np.testing.assert_array_equal(quick.updates[term]["value"], table["value"])
        np.testing.assert_array_equal(quick.updates[term]["step"], table["step"])


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.77, 1.0])
def test_the_stories_agree_until_any_step(run, share):
    quick, slow = run.story(), Story(run.replay())
    step = round(share * slow.step)
    ours, theirs = quick.until(step), slow.until(step)
    assert ours.memory() == theirs.memory()
    assert ours.memory_version == theirs.memory_version
    assert ours.evaluations == theirs.evaluations
    np.testing.assert_array_equal(ours.matrix()[0], theirs.matrix()[0])


@pytest.mark.parametrize("kind", ["Updated", "MemoryChanged"])
def test_unreadable_events_are_skipped_and_reported_once(run, tmp_path, kind):
    folder = tmp_path / "unreadable"
    folder.mkdir()
    (folder / "meta.json").write_text("{}")
    (folder / "events.sqlite").write_bytes((run.folder / "events.sqlite").read_bytes())
    with closing(sqlite3.connect(folder / "events.sqlite")) as database:
        database.execute("UPDATE events SET body = '{\"strange\":1}' WHERE kind = ?", (kind,))
        database.commit()
    story = Run(folder).story()
    notes = [note for note in story.notes if isinstance(note, Fault)]
    assert [note.arguments["kind"] for note in notes] == [kind]
    assert len(story.episodes) == len(run.story().episodes)
