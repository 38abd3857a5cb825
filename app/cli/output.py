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

ASCII_REPLACEMENTS: Mapping[str, str] = {
    **{"–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "←": "<-", "×": "x", "·": "-", "•": "-"},
    **{"≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "±": "+-", "“": '"', "”": '"', "‘": "'", "’": "'"},
    **{"✓": "+", "✗": "x", "α": "alpha", "β": "beta", "γ": "gamma", "ε": "epsilon", "λ": "lambda"},
}
"""ASCII replacements for characters that the encoding of a stream lacks; all others become a question mark."""
_ERROR_HANDLER = "palimpsest.ascii"
_JSON_STREAM: ContextVar[TextIO | None] = ContextVar("_JSON_STREAM", default=None)
"""The stream of `print_json` while `reserve_for_json` redirects all other output to stderr."""


class PlainConsole(Console):
    """A console that escapes control characters, so that no printed name can send commands to the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return `text` with its control characters escaped."""
        return super().render_str(visible(text), **options)


def wide(*, stderr: bool = False) -> Console:
    """Return a console of the terminal's width, or 160 columns wide when its output goes to a file or pipe."""
    console = PlainConsole(stderr=stderr, highlight=False, soft_wrap=True)
    return console if console.is_terminal else PlainConsole(stderr=stderr, highlight=False, soft_wrap=True, width=160)


def claim_stdout() -> TextIO:
    """Return a private stream to stdout; from now on other output to stdout, from C code too, goes to stderr.

    This is never undone, because C code may flush its buffers when the process ends.
    """
    sys.stdout.flush()
    claimed = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return claimed


@contextmanager
def reserve_for_json(claimed: TextIO | None = None) -> Iterator[None]:
    """Let only `print_json` write to `claimed`, or stdout if that is None; other output goes to stderr."""
    before = _JSON_STREAM.set(claimed or sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _JSON_STREAM.reset(before)


def print_json(data: Mapping[str, Any]) -> None:
    """Print one JSON object in ASCII; NaN and infinities become null."""
    out = _JSON_STREAM.get() or sys.stdout
    out.write(json.dumps(json.loads(codec.dumps(dict(data)), parse_constant=lambda _: None), indent=2) + "\n")
    out.flush()


def tolerate_encodings() -> None:
    """Make stdout and stderr replace characters that they cannot encode by ASCII, instead of raising."""
    codecs.register_error(_ERROR_HANDLER, _replace_unencodable)
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors=_ERROR_HANDLER)


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError), "this handler is only for encoding"
    unencodable = error.object[error.start : error.end]
    return "".join(ASCII_REPLACEMENTS.get(character, "?") for character in unencodable), error.end
