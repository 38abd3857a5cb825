"""`describe`: set the name, tags and note of a stored run."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.store.run_store import RunStore
from app.cli.options import Json, RunName, Runs
from app.cli.output import print_json


def describe(
    run_name: RunName,
    name: Annotated[str | None, typer.Option(help="What to call it from now on; its id stays.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A word to find it by; repeatable.")] = None,
    note: Annotated[str | None, typer.Option(help="What to remember about it.")] = None,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Call a run otherwise, tag it, note something; what is not given stays."""
    stored = RunStore(runs).find(run_name)
    known = stored.overview()
    stored.describe(name or "", known["tags"] if tag is None else tag, known["note"] if note is None else note)
    if as_json:
        print_json(stored.overview())
