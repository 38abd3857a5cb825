"""Everything the lab reads but does not run: icons, translations, curricula, phrases."""

from __future__ import annotations

from pathlib import Path


def path(name: str) -> Path:
    """Return where the resource `name` lies, for example `path("curricula/demo.toml")`."""
    found = Path(__file__).parent / name
    if not found.exists():
        raise FileNotFoundError(f"the lab has no resource named {name!r}")
    return found
