"""Parse untrusted JSON: bounded size and depth, no duplicate keys, only finite numbers."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 32


def parse(content: bytes | str, *, largest: int, finite: bool = True) -> Any:
    """Parse JSON. Raises ValueError with one line that names the problem.

    `largest` is the maximum number of bytes. `finite` refuses NaN and Infinity, which JSON does not have.
    """
    if len(content) > largest:
        raise ValueError(f"has {len(content):,} bytes; at most {largest:,} are read")
    try:
        tree = json.loads(content, object_pairs_hook=_table, parse_constant=_refused if finite else None)
    except RecursionError as error:
        raise ValueError(f"is nested too deeply; at most {DEEPEST} levels are read") from error
    _check_depth(tree)
    return tree


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("has a duplicate key")
    return table


def _refused(word: str) -> None:
    raise ValueError(f"holds {word}, which is not a number in JSON")


def _check_depth(tree: Any) -> None:
    """Raise ValueError if the data is nested deeper than `DEEPEST`; breadth first, since a recursion could overflow."""
    level, depth = [tree], 0
    while level:
        if depth > DEEPEST:
            raise ValueError(f"is nested too deeply; at most {DEEPEST} levels are read")
        depth += 1
        parts = [part for part in level if isinstance(part, dict | list)]
        level = [child for part in parts for child in (part.values() if isinstance(part, dict) else part)]
