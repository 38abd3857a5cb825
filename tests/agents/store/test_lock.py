import sqlite3
import threading
from contextlib import closing

import pytest

from agents.errors import BadInput
from agents.store.lock import is_locked, locked


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "lock"


def test_a_test_of_the_lock_neither_creates_nor_acquires_it(lock):
    assert not is_locked(lock)
    assert not lock.exists()


def test_a_lock_is_held_until_the_work_is_done(lock):
    with locked(lock):
        assert is_locked(lock)
    assert not is_locked(lock)


def test_a_lock_is_released_when_the_work_fails(lock):
    with pytest.raises(RuntimeError), locked(lock):
        raise RuntimeError
    assert not is_locked(lock)


def test_only_one_holder_gets_a_lock(lock, monkeypatch):
    monkeypatch.setattr("agents.store.lock._PATIENCE", 0.05)
    with locked(lock), pytest.raises(BadInput, match="is already being written; stop that first"), locked(lock):
        pass


def test_concurrent_tests_of_the_lock_agree_and_any_thread_may_release_it(lock):
    with locked(lock) as unlock:
        thread = threading.Thread(target=unlock)
        thread.start()
        thread.join()
        assert not is_locked(lock)
        with closing(sqlite3.connect(lock)) as another:  # a concurrent `is_locked`
            another.execute("BEGIN")
            another.execute("SELECT 1 FROM sqlite_master")
            assert not is_locked(lock)


def test_a_folder_that_is_gone_is_refused_in_one_line(tmp_path):
    with pytest.raises(BadInput, match="gone: cannot be written"), locked(tmp_path / "gone" / "lock"):
        pass
