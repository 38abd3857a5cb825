"""Export a run as CSV, JSON and TOML."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.config import config_file
from agents.errors import BadInput
from agents.store.event_log import LogReader
from agents.store.run import Run
from agents.story import Story
from agents.story.columns import Column
from app.runs import knowledge_tables
from envs.task import Task

Row = Sequence[Any]
FILES = ("episodes.csv", "evaluations.csv", "matrix.csv", "knowledge.csv", "config.toml", "summary.json")
"""The files that `export` may write."""


def export(run: Run, folder: Path) -> list[Path]:
    """Write the run's tables into `folder` and return the files. Raises `BadInput` if they can't be written."""
    story, episodes = run.story(), LogReader(run.folder / "events.sqlite").episodes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = [_write(folder / name, header, rows) for name, (header, rows) in tables(story, episodes).items()]
        summary = folder / "summary.json"
        summary.write_text(json.dumps(run.summary(), indent=2), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror}); choose another folder") from error
    config = folder / "config.toml"
    config_file.save(config, story.config)
    return [*files, config, summary]


def tables(story: Story, episodes: Mapping[str, Column]) -> Mapping[str, tuple[Row, Iterable[Row]]]:
    """Return the header and the rows of each table, by file name; `episodes` holds unrounded columns."""
    titles = column_titles(story.tasks)
    matrix, _, rows = story.until().matrix()
    after = ["untrained" if not title else f"after {title}" for title in rows]
    known = knowledge_tables.rows(story.until().knowledge(), titles)
    knowledge = {"knowledge.csv": (knowledge_tables.HEADER, [tuple(row.values()) for row in known])} if known else {}
    return {
        "episodes.csv": (
            ("step", "seconds", "stage", "task", "reward", "score", "length"),
            zip(
                *(episodes[name].tolist() for name in ("step", "seconds", "index")),
                [titles[task_id] if task_id < len(titles) else task_id for task_id in episodes["task_id"].tolist()],
                *(episodes[name].tolist() for name in ("reward", "score", "length")),
                strict=True,
            ),
        ),
        "evaluations.csv": (
            ("step", "stage", "final", *titles),
            [
                (score.step, score.index, int(score.final), *("" if value is None else value for value in score.scores))
                for score in story.evaluations
            ],
        ),
        "matrix.csv": (
            ("row", *titles),
            [
                (row, *("" if value != value else value for value in scores))
                for row, scores in zip(after, matrix.tolist(), strict=True)
            ],
        ),
        **knowledge,
    }


def column_titles(tasks: Sequence[Task]) -> list[str]:
    """Return one title per task; tasks with the same title also show their options."""
    plain = [task.title for task in tasks]
    return [_title(task) if plain.count(task.title) > 1 else task.title for task in tasks]


def _title(task: Task) -> str:
    options = ", ".join(f"{key} {value}" for key, value in task.options.items())
    return f"{task.title} ({options})" if options else task.title


def _write(path: Path, header: Row, rows: Iterable[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return path
