"""The event log of a run: one SQLite file with one writer and many readers.

Episodes, hundreds of thousands a run, are rows of numbers; any other event is a row with a
JSON body. Both tables share one sequence number, which is the order of events.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from agents import codec
from agents.errors import BadInput
from agents.events import TRANSIENT, EpisodeFinished, Event, Fault, KnowledgeChanged, MemoryChanged, Updated
from agents.story.columns import Column

EPISODE = {
    "step": np.int64,
    "seconds": np.float64,
    "index": np.int32,
    "task_id": np.int32,
    "reward": np.float64,
    "score": np.float64,
    "length": np.int64,
}
"""The columns of the episodes table, named as the event's fields."""

_SCHEMA = """
BEGIN;
CREATE TABLE IF NOT EXISTS episodes (
    seq INTEGER PRIMARY KEY, step INTEGER, seconds REAL, "index" INTEGER, task_id INTEGER,
    reward REAL, score REAL, length INTEGER);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, step INTEGER, seconds REAL, kind TEXT, body BLOB);
COMMIT;
"""
_EPISODES = ", ".join(f'"{name}"' for name in EPISODE)
_ROWS = 1_000
_SECONDS = 1.0
_FREQUENT = (EpisodeFinished, Updated, MemoryChanged, KnowledgeChanged)
_PACK_FROM = 1_024
"""Bodies of at least so many characters are compressed; memory entries are very repetitive."""


class LogWriter:
    """Appends events in batches of at most 1,000 events or one second.

    Infrequent kinds are written at once, since a run may pause right after one. Events that can't be
    written, as on a full disk, wait in memory for the next attempt: none is lost or written twice.
    """

    def __init__(self, path: Path, factory: type[sqlite3.Connection] = sqlite3.Connection) -> None:
        # the generator that owns this may be closed by another thread
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, factory=factory)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._sequence = _length(self._database)
        self._episodes: list[tuple[Any, ...]] = []
        self._others: list[tuple[Any, ...]] = []
        self._flushed = monotonic()
        self.write_error = ""
        """Why events wait to be written; empty if the last write succeeded."""

    def append(self, event: Event) -> None:
        """Append an event; transient kinds are ignored."""
        if isinstance(event, TRANSIENT):
            return
        if isinstance(event, EpisodeFinished):
            self._episodes.append((self._sequence, *_episode_row(event)))
        else:
            self._others.append((self._sequence, *_storable_row(event)))
        self._sequence += 1
        full = self.waiting >= _ROWS or not isinstance(event, _FREQUENT)
        if (full and not self.write_error) or monotonic() - self._flushed >= _SECONDS:
            # `write_error` reports a failure; raising here would end the run
            with suppress(OSError):
                self.flush()

    @property
    def event_count(self) -> int:
        """Number of events, written or waiting."""
        return self._sequence

    @property
    def waiting(self) -> int:
        """Number of events that are not written yet."""
        return len(self._episodes) + len(self._others)

    def flush(self) -> None:
        """Write all waiting events. Raises OSError if the write fails; they then wait for the next attempt."""
        self._flushed = monotonic()
        if self.waiting:
            with self._written():
                self._database.execute("BEGIN")
                # a commit that reported an error may have succeeded: the retry then finds its rows in the table
                self._database.executemany("INSERT OR IGNORE INTO episodes VALUES (?,?,?,?,?,?,?,?)", self._episodes)
                self._database.executemany("INSERT OR IGNORE INTO events VALUES (?,?,?,?,?)", self._others)
                self._database.execute("COMMIT")
            self._episodes.clear()
            self._others.clear()
        self.write_error = ""

    def settle(self) -> int:
        """Write all waiting events through the WAL to the database; return the number of events. Raises OSError."""
        self.flush()
        with self._written():
            self._database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return self._sequence

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Roll back a failed transaction and set `write_error`. Raises OSError."""
        try:
            yield
        except sqlite3.Error as error:
            self.write_error = str(error)
            if self._database.in_transaction:
                with suppress(sqlite3.Error):  # SQLite may have undone it by itself
                    self._database.execute("ROLLBACK")
            raise OSError(f"events.sqlite: {error}") from error

    def cut(self, length: int) -> None:
        """Delete all but the first `length` events, before training continues from there."""
        self._database.execute("BEGIN")
        for table in ("episodes", "events"):
            self._database.execute(f"DELETE FROM {table} WHERE seq >= ?", (length,))
        self._database.execute("COMMIT")
        self._sequence = length

    def copy(self, source: Path, length: int) -> None:
        """Copy the first `length` events of another run into this empty log."""
        with closing(_connect(source)) as other:
            for table, width in (("episodes", 8), ("events", 5)):
                rows = other.execute(f"SELECT * FROM {table} WHERE seq < ? ORDER BY seq", (length,))
                self._database.execute("BEGIN")
                self._database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * width)})", rows)
                self._database.execute("COMMIT")
        self._sequence = length

    def close(self) -> None:
        """Write the waiting events and close the file. Raises OSError."""
        try:
            self.flush()
        finally:
            self._database.close()


class LogReader:
    """Reads the events of a run, even while another process writes them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def events(self, leaving_out: Sequence[type[Event]] = ()) -> Iterator[Event]:
        """Yield all events but the episodes and `leaving_out`, in order."""
        for _, event in self._others([kind.__name__ for kind in leaving_out]):
            yield event

    def event_data(self, kind: type[Event]) -> Iterator[tuple[int, float, Any]]:
        """Yield (step, seconds, fields as JSON data) of every event of one kind, which is faster than event objects."""
        query = "SELECT step, seconds, body FROM events WHERE kind = ? ORDER BY seq"
        with self._open() as database:
            for step, seconds, body in database.execute(query, (kind.__name__,)):
                yield step, seconds, json.loads(_text(body))

    def __len__(self) -> int:
        with self._open() as database:
            return _length(database)

    def replay(self, since: int = 0) -> Iterator[Event]:
        """Yield all events in order, without the first `since`."""
        merged = heapq.merge(self._episode_events(since), self._others((), since), key=lambda pair: pair[0])
        for _, event in merged:
            yield event

    def episodes(self) -> dict[str, Column]:
        """Return the episodes by column; each has shape (N,) for N episodes."""
        with self._open() as database:
            count = database.execute("SELECT count(*) FROM episodes").fetchone()[0]
            rows = database.execute(f"SELECT {_EPISODES} FROM episodes ORDER BY seq LIMIT {count}")
            table = np.fromiter(rows, dtype=list(EPISODE.items()), count=count)
        return {name: table[name] for name in EPISODE}

    def latest(self) -> tuple[int, float]:
        """Return the step and the seconds of the last event."""
        query = "SELECT step, seconds FROM {} ORDER BY seq DESC LIMIT 1"
        with self._open() as database:
            ends = [database.execute(query.format(table)).fetchone() for table in ("episodes", "events")]
        rows = [end for end in ends if end is not None]
        return max((step for step, _ in rows), default=0), max((seconds for _, seconds in rows), default=0.0)

    def _episode_events(self, since: int) -> Iterator[tuple[int, Event]]:
        query = f"SELECT seq, {_EPISODES} FROM episodes WHERE seq >= ? ORDER BY seq"
        with self._open() as database:
            for seq, *values in database.execute(query, (since,)):
                # SQLite has no NaN and stores NULL instead
                row: list[Any] = [float("nan") if value is None else value for value in values]
                yield seq, EpisodeFinished(**dict(zip(EPISODE, row, strict=True)))

    def _others(self, leaving_out: Sequence[str], since: int = 0) -> Iterator[tuple[int, Event]]:
        reported: set[str] = set()
        placeholders = ",".join("?" * len(leaving_out))
        condition = f"seq >= ? AND kind NOT IN ({placeholders})"
        query = f"SELECT seq, step, seconds, kind, body FROM events WHERE {condition} ORDER BY seq"
        with self._open() as database:
            for seq, step, seconds, kind, body in database.execute(query, (since, *leaving_out)):
                try:
                    yield seq, _event(step, seconds, kind, body)
                except codec.UnreadableError as reason:
                    if kind not in reported:
                        yield seq, unread(step, seconds, kind, str(reason))
                    reported.add(kind)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(_connect(self.path)) as database:
                yield database
        except sqlite3.DatabaseError as error:
            raise BadInput(f"{self.path}: cannot be read as the events of a run ({error})") from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open read-only: a reader must not recover the WAL that a crashed writer left behind."""
    if not path.exists():
        return _empty()
    try:
        database = _opened(path, "mode=ro")
    except sqlite3.OperationalError:
        # in a read-only folder, SQLite can't create the shared-memory index that WAL mode needs
        database = _opened(path, "immutable=1")
    if database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]:
        return database
    database.close()  # the writer has not created the tables yet
    return _empty()


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False)
    try:
        database.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _empty() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.executescript(_SCHEMA)
    return database


def _length(database: sqlite3.Connection) -> int:
    ends = [database.execute(f"SELECT max(seq) FROM {table}").fetchone()[0] for table in ("episodes", "events")]
    return max((end + 1 for end in ends if end is not None), default=0)


def _episode_row(event: EpisodeFinished) -> tuple[Any, ...]:
    # SQLite would store NumPy scalars as blobs
    return (
        int(event.step),
        float(event.seconds),
        int(event.index),
        int(event.task_id),
        float(event.reward),
        float(event.score),
        int(event.length),
    )


def _storable_row(event: Event) -> tuple[int, float, str, str | bytes]:
    try:
        return _event_row(event)
    except (TypeError, ValueError, RecursionError) as error:
        # an external environment may put objects into events that are not JSON data; the run must continue
        kind = type(event).__name__
        message = "{kind} was not recorded: {error}. Environments must return plain JSON data in it."
        arguments = {"kind": kind, "error": str(error)}
        return _event_row(Fault(step=event.step, seconds=event.seconds, index=-1, message=message, arguments=arguments))


def _event_row(event: Event) -> tuple[int, float, str, str | bytes]:
    data = codec.to_json(event)
    kind, step, seconds = data.pop("kind"), data.pop("step"), data.pop("seconds")
    body = codec.dumps(data)
    packed = zlib.compress(body.encode(), 1) if len(body) >= _PACK_FROM else body
    return int(step), float(seconds), kind, packed


def _event(step: int, seconds: float, kind: str, body: str | bytes) -> Event:
    return codec.from_json({"kind": kind, "step": step, "seconds": seconds, **json.loads(_text(body))})


def _text(body: str | bytes) -> str | bytes:
    return zlib.decompress(body) if isinstance(body, bytes) else body


def unread(step: int, seconds: float, kind: str, reason: str) -> Fault:
    """Return the fault that reports a kind of event as unreadable by this version."""
    return Fault(
        step=step,
        seconds=seconds,
        index=-1,
        message="Skipped events of kind {kind}: another version of the lab recorded them.",
        arguments={"kind": kind},
        detail=reason,
    )
