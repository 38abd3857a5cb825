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
"""What is told of each sentence, in order."""


def rows(entries: Sequence[KnowledgeEntry], titles: Sequence[str]) -> list[Row]:
    """Return a row a sentence; `titles` name the tasks, by column. What is unknown is None."""
    sentences = {entry.id: entry.sentence for entry in entries}
    return [_row(entry, titles, sentences) for entry in entries]


def write(path: Path, told: Sequence[Row]) -> None:
    """Write rows as the end of the file's name says. Raises `BadInput` where that can't be done."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise BadInput(f"{path}: what is known is written as .csv or .json{suggestion(kind, KINDS)}")
    try:
        write_whole(path, KINDS[kind](told).encode())
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror}); choose another place") from error


def _row(entry: KnowledgeEntry, titles: Sequence[str], sentences: Mapping[int, str]) -> Row:
    is_titled = entry.task_id is not None and entry.task_id < len(titles)
    more = {
        "state": entry.standing,
        "confidence": round(entry.confidence, 4),
        "refuted_by": None if entry.rival is None else sentences.get(entry.rival),
        "task": titles[entry.task_id] if is_titled and entry.task_id is not None else None,
        "stage": entry.stage if entry.stage >= 0 else None,
    }
    return {key: more[key] if key in more else getattr(entry, key) for key in HEADER}


def _csv(told: Sequence[Row]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, HEADER)
    writer.writeheader()
    writer.writerows(told)
    return stream.getvalue()


def _json(told: Sequence[Row]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


KINDS: Mapping[str, Callable[[Sequence[Row]], str]] = {".csv": _csv, ".json": _json}
"""How rows are written, by the end of the file's name."""
