"""Write to the terminal: text in any encoding, and JSON for other programs."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from agents import codec
from agents.runtime.escaping import visible

SPELLINGS: Mapping[str, str] = {
    **{"–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "←": "<-", "×": "x", "·": "-", "•": "-"},
    **{"≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "±": "+-", "“": '"', "”": '"', "‘": "'", "’": "'"},
    **{"✓": "+", "✗": "x", "α": "alpha", "β": "beta", "γ": "gamma", "ε": "epsilon", "λ": "lambda"},
}
"""What stands for a character where the encoding has none for it; for all others, a question mark."""
_ERRORS = "palimpsest.spelled"
_ASIDE: ContextVar[TextIO | None] = ContextVar("_ASIDE", default=None)
"""Where `print_json` writes while everybody else is kept from stdout."""


class PlainConsole(Console):
    """A console on which names from elsewhere can steer nothing: `print` is for texts and tables of them."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return `text` as it is printed, its control characters spelled out."""
        return super().render_str(visible(text), **options)


def wide(*, stderr: bool = False) -> Console:
    """Return a console that doesn't squeeze tables when it writes into a file."""
    console = PlainConsole(stderr=stderr, highlight=False, soft_wrap=True)
    return console if console.is_terminal else PlainConsole(stderr=stderr, highlight=False, soft_wrap=True, width=160)


def claim_stdout() -> TextIO:
    """Return stdout as a stream of its own; from here on what anybody writes there, C code too, comes out on stderr.

    It is never given back: C code may write when the process ends.
    """
    sys.stdout.flush()
    claimed = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return claimed


@contextmanager
def kept_for_json(claimed: TextIO | None = None) -> Iterator[None]:
    """Let `print_json` alone write to `claimed`, or else to stdout; all else that is printed goes to stderr."""
    before = _ASIDE.set(claimed or sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _ASIDE.reset(before)


def print_json(data: Mapping[str, Any]) -> None:
    """Print one JSON object, in ASCII; what is no number is null."""
    out = _ASIDE.get() or sys.stdout
    out.write(json.dumps(json.loads(codec.dumps(dict(data)), parse_constant=lambda _: None), indent=2) + "\n")
    out.flush()


def tolerate_encodings() -> None:
    """Write what stdout and stderr have no character for in its place as ASCII, and never fail at it."""
    codecs.register_error(_ERRORS, _spelled)
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors=_ERRORS)


def _spelled(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError), "it is for writing"
    said = error.object[error.start : error.end]
    return "".join(SPELLINGS.get(character, "?") for character in said), error.end
