"""`screenshot`: write a picture of a stored run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name

from agents.errors import BadInput
from agents.store.run import Run
from agents.store.run_store import RunStore


def load_painter() -> Callable[..., Path]:
    """Return the function that writes a picture; imported by name, since the command line must not import Qt."""
    try:
        take: Callable[..., Path] = resolve_name("app.window.screenshot:take")
    except ImportError as error:
        raise BadInput(resolve_name("app.process.display_check:library_remedy")(str(error))) from error
    return take


def newest(store: RunStore) -> Run:
    """Return the newest run. Raises `BadInput` if there is none."""
    runs = list(store)
    if not runs:
        raise BadInput(f"{store.root} holds no runs yet; start one with: palimpsest run demo")
    return runs[-1]


def parse_size(size: str) -> tuple[int, int]:
    """Parse `WIDTHxHEIGHT` in pixels. Raises `BadInput` if `size` has another form."""
    match = re.fullmatch(r"(\d{2,5})x(\d{2,5})", size)
    if match is None:
        raise BadInput(f"--size {size!r}: write it like 1280x800")
    return int(match[1]), int(match[2])
