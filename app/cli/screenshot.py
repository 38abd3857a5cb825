"""`screenshot`: paint a stored run to a picture file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name

from agents.errors import BadInput
from agents.store.run import Run
from agents.store.run_store import RunStore


def painter() -> Callable[..., Path]:
    """Return what paints a run. By name, for this module must not know Qt, and a picture needs it."""
    try:
        take: Callable[..., Path] = resolve_name("app.window.screenshot:take")
    except ImportError as error:
        raise BadInput(resolve_name("app.process.display_check:lacking")(str(error))) from error
    return take


def newest(store: RunStore) -> Run:
    """Return the run that was made last. Raises `BadInput` if there is none."""
    runs = list(store)
    if not runs:
        raise BadInput(f"{store.root} holds no runs yet; make one with: palimpsest run demo")
    return runs[-1]


def pixels(size: str) -> tuple[int, int]:
    """Read a width and a height. Raises `BadInput` if that is not what is written."""
    match = re.fullmatch(r"(\d{2,5})x(\d{2,5})", size)
    if match is None:
        raise BadInput(f"--size {size!r}: write it like 1280x800")
    return int(match[1]), int(match[2])
