"""Import an untrusted event log: validate it, then copy it row by row into a new file."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from agents import codec
from agents.config.error_text import explain
from agents.events import Event, KnowledgeChanged, KnowledgeEntry, MemoryChanged, MemoryEntry
from agents.runtime.strict_json import parse
from agents.store.event_log import LogWriter

_MAGIC = b"SQLite format 3\0"
_LARGEST_BODY = 32 << 20
"""Maximum bytes of an event, unpacked."""
_INVALID_EPISODES = """
SELECT count(*) FROM episodes WHERE typeof(step) != 'integer' OR typeof(length) != 'integer'
OR typeof("index") != 'integer' OR typeof(task_id) != 'integer' OR typeof(seconds) NOT IN ('real', 'null')
OR typeof(reward) NOT IN ('real', 'null') OR typeof(score) NOT IN ('real', 'null')
OR step NOT BETWEEN 0 AND 1000000000000000
"""
_INVALID_EVENTS = """
SELECT count(*) FROM events WHERE typeof(step) != 'integer' OR typeof(seconds) NOT IN ('real', 'null')
OR typeof(kind) != 'text' OR typeof(body) NOT IN ('text', 'blob') OR step NOT BETWEEN 0 AND 1000000000000000
"""
_ENDS = "SELECT count(*), min(seq), max(seq) FROM {}"
_TYPES: Mapping[str, Mapping[str, TypeAdapter[Any]]] = {
    kind.__name__: {name: TypeAdapter(hint) for name, hint in get_type_hints(kind).items()}
    for kind in (*codec.KINDS.values(), MemoryEntry, KnowledgeEntry)
}
"""Validators of each field of each kind of event and entry."""
_SHARED = "SELECT count(*) FROM episodes JOIN events USING (seq)"


def copy_out(source: Path, target: Path) -> None:
    """Copy the events of a run into one file without a WAL, even while they are being written."""
    running = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    with closing(running), closing(sqlite3.connect(target)) as copy:
        running.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def copy_in(source: Path, target: Path) -> int:
    """Copy the rows of an untrusted event log into a new one; return the number of events.

    Raises ValueError unless it has exactly the tables of a run, and valid rows only.
    """
    with source.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise ValueError("the events are not an SQLite file")
    writer = LogWriter(target)
    try:
        with _distrusted(source) as database:
            _check_layout(database, target)
            length = _check_order(database)
            _check_bodies(database)
        writer.copy(source, length)
    except (sqlite3.Error, OverflowError) as error:
        raise ValueError(f"the events cannot be read ({error})") from error
    finally:
        writer.close()
    return length


@contextmanager
def _distrusted(path: Path) -> Iterator[sqlite3.Connection]:
    """Open read-only, with every feature of SQLite disabled that a malicious file could use."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_BODY)
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        yield database


def _check_layout(database: sqlite3.Connection, reference: Path) -> None:
    """Compare the schema with that of a new log, which rules out views, triggers and other columns."""
    with closing(sqlite3.connect(reference)) as new:
        expected = _layout(new)
    if _layout(database) != expected:
        raise ValueError("the events have other tables than those of a run")
    verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise ValueError(f"the events are damaged ({verdict})")


def _layout(database: sqlite3.Connection) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    objects = database.execute("SELECT type, name FROM sqlite_master LIMIT 20").fetchall()
    columns = "SELECT name, type, hidden, pk FROM pragma_table_xinfo(?)"
    return {(kind, name): database.execute(columns, (name,)).fetchall() for kind, name in objects}


def _check_order(database: sqlite3.Connection) -> int:
    """Return the number of events. Raises ValueError unless they are numbered from 0 without gaps."""
    for query in (_INVALID_EPISODES, _INVALID_EVENTS, _SHARED):
        if database.execute(query).fetchone()[0]:
            raise ValueError("the events have rows of a wrong type, or two with the same number")
    tables = [database.execute(_ENDS.format(table)).fetchone() for table in ("episodes", "events")]
    length = sum(count for count, _, _ in tables)
    if any(count and (first < 0 or last >= length) for count, first, last in tables):
        raise ValueError("the events are not numbered from 0 without gaps")
    return int(length)


def _check_bodies(database: sqlite3.Connection) -> None:
    for seq, step, seconds, kind, body in database.execute("SELECT seq, step, seconds, kind, body FROM events"):
        try:
            data = parse(_text(body), largest=_LARGEST_BODY, finite=False)
            row = {"kind": kind, "step": step, "seconds": seconds}
            if row.keys() & data.keys():
                raise ValueError("has fields of its row in its body, too")
            _check_types(codec.from_json({**row, **data}))
        except codec.UnreadableError:
            continue  # of another version: readers skip it with a fault
        except ValidationError as error:
            raise ValueError(f"event {seq} cannot be read ({kind}: {explain(error)})") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error) as error:
            raise ValueError(f"event {seq} cannot be read ({type(error).__name__}: {error})") from error


def _check_types(record: Event | MemoryEntry | KnowledgeEntry) -> None:
    """Validate the type of every field, since readers trust them. Raises pydantic's ValidationError."""
    for name, adapter in _TYPES[type(record).__name__].items():
        adapter.validate_python(getattr(record, name), strict=True)
    entries: tuple[MemoryEntry | KnowledgeEntry, ...] = ()
    if isinstance(record, MemoryChanged):
        entries = record.added
    elif isinstance(record, KnowledgeChanged):
        entries = record.added + record.changed
    for entry in entries:
        _check_types(entry)


def _text(body: str | bytes) -> str | bytes:
    if isinstance(body, str):
        return body
    decompressor = zlib.decompressobj()
    text = decompressor.decompress(body, _LARGEST_BODY)
    if decompressor.unconsumed_tail or not decompressor.eof:
        raise ValueError(f"unpacks to more than {_LARGEST_BODY:,} bytes, or is cut off")
    return text
