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
"""Bytes of one event, unpacked."""
_ODD_EPISODES = """
SELECT count(*) FROM episodes WHERE typeof(step) != 'integer' OR typeof(length) != 'integer'
OR typeof("index") != 'integer' OR typeof(task_id) != 'integer' OR typeof(seconds) NOT IN ('real', 'null')
OR typeof(reward) NOT IN ('real', 'null') OR typeof(score) NOT IN ('real', 'null')
OR step NOT BETWEEN 0 AND 1000000000000000
"""
_ODD_EVENTS = """
SELECT count(*) FROM events WHERE typeof(step) != 'integer' OR typeof(seconds) NOT IN ('real', 'null')
OR typeof(kind) != 'text' OR typeof(body) NOT IN ('text', 'blob') OR step NOT BETWEEN 0 AND 1000000000000000
"""
_ENDS = "SELECT count(*), min(seq), max(seq) FROM {}"
_TYPES: Mapping[str, Mapping[str, TypeAdapter[Any]]] = {
    kind.__name__: {name: TypeAdapter(hint) for name, hint in get_type_hints(kind).items()}
    for kind in (*codec.KINDS.values(), MemoryEntry, KnowledgeEntry)
}
"""What each field of each kind of event may hold."""
_SHARED = "SELECT count(*) FROM episodes JOIN events USING (seq)"


def copy_out(source: Path, target: Path) -> None:
    """Copy the events of a run, also while it is being written, into one plain file."""
    running = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    with closing(running), closing(sqlite3.connect(target)) as copy:
        running.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def copy_in(source: Path, target: Path) -> int:
    """Copy the rows of a file that came from elsewhere into a new one; return how many events they are.

    Raises ValueError unless it holds the tables of a run, nothing else, and sound rows only.
    """
    with source.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise ValueError("the events are no SQLite file")
    writer = LogWriter(target)
    try:
        with _distrusted(source) as arrived:
            _check_layout(arrived, target)
            length = _check_order(arrived)
            _check_bodies(arrived)
        writer.copy(source, length)
    except (sqlite3.Error, OverflowError) as error:
        raise ValueError(f"the events cannot be read ({error})") from error
    finally:
        writer.close()
    return length


@contextmanager
def _distrusted(path: Path) -> Iterator[sqlite3.Connection]:
    """Open for reading, with everything off that a file could make happen."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_BODY)
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        yield database


def _check_layout(arrived: sqlite3.Connection, ours: Path) -> None:
    """Compare with a file that was just made; views, triggers and strange columns are found here."""
    with closing(sqlite3.connect(ours)) as known:
        expected = _layout(known)
    if _layout(arrived) != expected:
        raise ValueError("the events have other tables than those of a run")
    verdict = arrived.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise ValueError(f"the events are damaged ({verdict})")


def _layout(database: sqlite3.Connection) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    things = database.execute("SELECT type, name FROM sqlite_master LIMIT 20").fetchall()
    columns = "SELECT name, type, hidden, pk FROM pragma_table_xinfo(?)"
    return {(kind, name): database.execute(columns, (name,)).fetchall() for kind, name in things}


def _check_order(arrived: sqlite3.Connection) -> int:
    """Return how many events there are, if they are numbered from 0 on without a gap."""
    for query in (_ODD_EPISODES, _ODD_EVENTS, _SHARED):
        if arrived.execute(query).fetchone()[0]:
            raise ValueError("the events have rows of another type or with a number that is there twice")
    tables = [arrived.execute(_ENDS.format(table)).fetchone() for table in ("episodes", "events")]
    length = sum(count for count, _, _ in tables)
    if any(count and (first < 0 or last >= length) for count, first, last in tables):
        raise ValueError("the events are not numbered from 0 on")
    return int(length)


def _check_bodies(arrived: sqlite3.Connection) -> None:
    for seq, step, seconds, kind, body in arrived.execute("SELECT seq, step, seconds, kind, body FROM events"):
        try:
            told = parse(_text(body), largest=_LARGEST_BODY, finite=False)
            row = {"kind": kind, "step": step, "seconds": seconds}
            if row.keys() & told.keys():
                raise ValueError("says twice when it was")
            _check_types(codec.from_json({**row, **told}))
        except codec.UnreadableError:
            continue  # of another version: readers leave it out and say so
        except ValidationError as error:
            raise ValueError(f"event {seq} cannot be read ({kind}: {explain(error)})") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error) as error:
            raise ValueError(f"event {seq} cannot be read ({type(error).__name__}: {error})") from error


def _check_types(record: Event | MemoryEntry | KnowledgeEntry) -> None:
    """Hold every field against its type: what reads stories trusts them. Raises pydantic's ValidationError."""
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
    packer = zlib.decompressobj()
    text = packer.decompress(body, _LARGEST_BODY)
    if packer.unconsumed_tail or not packer.eof:
        raise ValueError(f"unpacks to more than {_LARGEST_BODY:,} bytes, or is cut off")
    return text
