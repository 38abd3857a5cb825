"""Numbers as text: formatted with all their digits, and parsed with a message for invalid text."""

from __future__ import annotations

import math
import re

from widgets.style.translation import tr

_REAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_REAL_PREFIX = re.compile(r"[+-]?\d*\.?\d*([eE][+-]?\d*)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_MAX_CHARACTERS = 40
"""Characters of an invalid text that a message quotes."""


def number_text(value: float) -> str:
    """Return the shortest text that parses to exactly this number: 0.9123456, 5, 1e-05."""
    return repr(value).removesuffix(".0")


def real(text: str) -> float | None:
    """Parse a number; None if the text is none."""
    value = float(text) if _REAL.fullmatch(text.strip()) else math.inf
    return value if math.isfinite(value) else None


def real_problem(text: str) -> str:
    """Return why a text is no number, and what is allowed; empty if it is one."""
    if real(text) is not None:
        return ""
    if "," in text:
        return tr(
            "{entered} is refused: write a point before the fraction, as in 0.5, and nothing between thousands.",
            entered=_quoted(text),
        )
    return tr("{entered} is refused. Allowed: a number such as 5, 0.5 or 1e-3.", entered=_quoted(text))


def may_become_real(text: str) -> bool:
    """Return whether a text is the beginning of a number."""
    return _REAL_PREFIX.fullmatch(text.strip()) is not None


def whole(text: str, separator: str) -> int | None:
    """Parse a whole number, whose thousands may be separated by `separator`; None if the text is none."""
    text = text.strip()
    grouped = re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(separator)}\d{{3}})*", text, re.ASCII) if separator else None
    text = text.replace(separator, "") if grouped else text
    return int(text) if _WHOLE.fullmatch(text) and len(text) <= _MAX_CHARACTERS else None


def may_become_whole(text: str, separator: str, *, signed: bool) -> bool:
    """Return whether a text is the beginning of a whole number, but not yet one."""
    prefix = rf"\d{{1,3}}({re.escape(separator)}\d{{3}})*{re.escape(separator)}\d{{0,2}}" if separator else ""
    return re.fullmatch(rf"{'[+-]' if signed else '[+]'}?({prefix})?", text.strip(), re.ASCII) is not None


def whole_problem(text: str, low: int, high: int) -> str:
    """Return the message for a text that is no whole number from `low` to `high`."""
    allowed = {"low": f"{low:,}", "high": f"{high:,}"}
    if not text.strip():
        return tr("Nothing is entered. Allowed: whole numbers from {low} to {high}.", **allowed)
    return tr("{entered} is refused. Allowed: whole numbers from {low} to {high}.", entered=_quoted(text), **allowed)


def _quoted(text: str) -> str:
    return f"‘{text}’" if len(text) <= _MAX_CHARACTERS else f"‘{text[: _MAX_CHARACTERS - 1]}…’"
