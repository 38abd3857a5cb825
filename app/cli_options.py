"""The options that many commands take, each told once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Runs = Annotated[Path | None, typer.Option("--runs", metavar="DIR", help="Folder that runs are kept in.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id or name of a run, or how it begins.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing on the way.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY.PATH=VALUE", help="Change any setting, such as strategy.rows=64."),
]
