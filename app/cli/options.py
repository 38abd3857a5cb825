"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from agents.errors import BadInput

Runs = Annotated[Path | None, typer.Option("--runs", metavar="DIR", help="Folder of the stored runs.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id or name of a run, or the beginning of one.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY.PATH=VALUE", help="Change any setting, such as strategy.batch_size=64."),
]


def must_be_free(paths: Iterable[Path], overwrite: bool) -> None:
    """Raise `BadInput` if one of these files exists and `overwrite` is false."""
    existing = [path for path in paths if os.path.lexists(path)]
    if existing and not overwrite:
        raise BadInput(f"{existing[0]}: exists already; choose another name, or replace it with --overwrite")
