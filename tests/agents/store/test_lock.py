import sqlite3
import threading
from contextlib import closing

import pytest

from agents.errors import BadInput
from agents.store.lock import is_locked, locked


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "lock"


def test_looking_neither_makes_nor_takes_a_lock(lock):
    assert not is_locked(lock)
    assert not lock.exists()


def test_a_lock_is_held_until_the_work_is_done(lock):
    with locked(lock):
        assert is_locked(lock)
    assert not is_locked(lock)


def test_a_lock_is_let_go_when_the_work_fails(lock):
    with pytest.raises(RuntimeError), locked(lock):
        raise RuntimeError
    assert not is_locked(lock)


def test_a_lock_is_held_by_one_alone(lock, monkeypatch):
    monkeypatch.setattr("agents.store.lock._PATIENCE", 0.05)
    with locked(lock), pytest.raises(BadInput, match="is being written already; stop that first"), locked(lock):
        pass


def test_who_looks_does_not_hold_up_others_who_look_and_any_thread_may_let_go(lock):
    with locked(lock) as unlock:
        thread = threading.Thread(target=unlock)
        thread.start()
        thread.join()
        assert not is_locked(lock)
        with closing(sqlite3.connect(lock)) as another:  # somebody who looks at this very moment
            another.execute("BEGIN")
            another.execute("SELECT 1 FROM sqlite_master")
            assert not is_locked(lock)


def test_a_folder_that_is_gone_is_refused_in_one_line(tmp_path):
    with pytest.raises(BadInput, match="gone: cannot be written"), locked(tmp_path / "gone" / "lock"):
        pass
