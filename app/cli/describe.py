"""`describe`: set the name, tags and note of a stored run."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.store.run_store import RunStore
from app.cli.options import Json, RunName, Runs
from app.cli.output import print_json


def describe(
    run_name: RunName,
    name: Annotated[str | None, typer.Option(help="New name of the run; its id does not change.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Tag for searches; repeatable, and replaces all tags.")] = None,
    note: Annotated[str | None, typer.Option(help="Note about the run.")] = None,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Set a run's name, tags and note; fields that are left out do not change."""
    stored = RunStore(runs).find(run_name)
    overview = stored.overview()
    stored.describe(name or "", overview["tags"] if tag is None else tag, overview["note"] if note is None else note)
    if as_json:
        print_json(stored.overview())
