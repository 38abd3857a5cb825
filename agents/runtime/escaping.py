"""Escape control and bidirectional characters in untrusted text."""

from __future__ import annotations

import re

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # the controls of C0 and C1, but for tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings and overrides of the direction of writing
    "\u2028\u2029\ud800-\udfff\ufeff\U000e0000-\U000e007f]"  # separators, halves of characters, what is never seen
)
_LINES = re.compile(r"[\t\n]")


def visible(text: str) -> str:
    r"""Return `text` with every character that steers what shows it spelled out, such as `\x1b`; else the same object.

    Tabs and line feeds stay. What was spelled out once stays as it is.
    """
    return _STEERING.sub(_spelled, text)


def visible_name(text: str) -> str:
    """Do as `visible`, in one line."""
    return _LINES.sub(_spelled, visible(text))


def _spelled(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
