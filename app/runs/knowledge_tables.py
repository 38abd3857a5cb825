"""Export a knowledge base as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.errors import BadInput
from agents.events import KnowledgeEntry
from agents.runtime.atomic_write import write_whole
from envs.task import suggestion

Row = dict[str, Any]
HEADER = (
    *("id", "sentence", "source", "state", "confidence", "evidence_for", "evidence_against", "refuted_by"),
    *("pinned", "passing", "uses", "task", "step", "stage", "episode"),
)
"""Columns of the tables, in order."""


def rows(entries: Sequence[KnowledgeEntry], titles: Sequence[str]) -> list[Row]:
    """Return one row per sentence, with None for unknown values; `titles` are the task titles by task id."""
    sentences = {entry.id: entry.sentence for entry in entries}
    return [_row(entry, titles, sentences) for entry in entries]


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV or JSON, by the suffix of `path`. Raises `BadInput`."""
    kind = path.suffix.lower()
    if kind not in WRITERS:
        raise BadInput(f"{path}: knowledge is written as .csv or .json{suggestion(kind, WRITERS)}")
    try:
        write_whole(path, WRITERS[kind](rows).encode())
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror}); choose another folder") from error


def _row(entry: KnowledgeEntry, titles: Sequence[str], sentences: Mapping[int, str]) -> Row:
    is_titled = entry.task_id is not None and entry.task_id < len(titles)
    derived = {
        "state": entry.standing,
        "confidence": round(entry.confidence, 4),
        "refuted_by": None if entry.rival is None else sentences.get(entry.rival),
        "task": titles[entry.task_id] if is_titled and entry.task_id is not None else None,
        "stage": entry.stage if entry.stage >= 0 else None,
    }
    return {key: derived[key] if key in derived else getattr(entry, key) for key in HEADER}


def _to_csv(rows: Sequence[Row]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _to_json(rows: Sequence[Row]) -> str:
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


WRITERS: Mapping[str, Callable[[Sequence[Row]], str]] = {".csv": _to_csv, ".json": _to_json}
"""The function that formats rows, by the suffix of the file."""
