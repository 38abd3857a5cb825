"""Numbers as text: written with every digit that they have, and read with a word about what can't be used."""

from __future__ import annotations

import math
import re

from widgets.style.translation import tr

_REAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_REAL_BEGUN = re.compile(r"[+-]?\d*\.?\d*([eE][+-]?\d*)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_LONGEST = 40
"""Characters of a refused text that are repeated."""


def number_text(value: float) -> str:
    """Return the shortest text that is read as exactly this number: 0.9123456, 5, 1e-05."""
    return repr(value).removesuffix(".0")


def real(text: str) -> float | None:
    """Return the number that a text is, or None."""
    value = float(text) if _REAL.fullmatch(text.strip()) else math.inf
    return value if math.isfinite(value) else None


def real_problem(text: str) -> str:
    """Return why a text is no number and what is wanted; empty if it is one."""
    if real(text) is not None:
        return ""
    if "," in text:
        return tr(
            "{entered} is refused: write a point before the fraction, as in 0.5, and nothing between thousands.",
            entered=_quoted(text),
        )
    return tr("{entered} is refused. Allowed: a number such as 5, 0.5 or 1e-3.", entered=_quoted(text))


def may_become_real(text: str) -> bool:
    """Whether more characters at the end of a text could make a number of it."""
    return _REAL_BEGUN.fullmatch(text.strip()) is not None


def whole(text: str, separator: str) -> int | None:
    """Return the whole number that a text is, or None; thousands may be parted by `separator`."""
    text = text.strip()
    parted = re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(separator)}\d{{3}})*", text, re.ASCII) if separator else None
    text = text.replace(separator, "") if parted else text
    return int(text) if _WHOLE.fullmatch(text) and len(text) <= _LONGEST else None


def may_become_whole(text: str, separator: str, *, signed: bool) -> bool:
    """Whether a text that is no whole number yet could be the beginning of one."""
    begun = rf"\d{{1,3}}({re.escape(separator)}\d{{3}})*{re.escape(separator)}\d{{0,2}}" if separator else ""
    return re.fullmatch(rf"{'[+-]' if signed else '[+]'}?({begun})?", text.strip(), re.ASCII) is not None


def whole_problem(text: str, low: int, high: int) -> str:
    """Return what to say of a text that is no whole number from `low` to `high`."""
    allowed = {"low": f"{low:,}", "high": f"{high:,}"}
    if not text.strip():
        return tr("Nothing is entered. Allowed: whole numbers from {low} to {high}.", **allowed)
    return tr("{entered} is refused. Allowed: whole numbers from {low} to {high}.", entered=_quoted(text), **allowed)


def _quoted(text: str) -> str:
    return f"‘{text}’" if len(text) <= _LONGEST else f"‘{text[: _LONGEST - 1]}…’"
