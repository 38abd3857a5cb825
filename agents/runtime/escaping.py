"""Escape control and bidirectional characters in untrusted text."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls, except tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides and isolates
    "\u2028\u2029\ud800-\udfff\ufeff\U000e0000-\U000e007f]"  # line separators, surrogates, byte order mark, tags
)
_LINES = re.compile(r"[\t\n]")


def visible(text: str) -> str:
    r"""Return `text` with control and bidirectional characters escaped, such as `\x1b`; the same object if none.

    Tabs and line feeds stay. Escaping twice changes nothing more.
    """
    return _UNSAFE.sub(_escape, text)


def visible_name(text: str) -> str:
    """Escape as `visible` does, tabs and line feeds included."""
    return _LINES.sub(_escape, visible(text))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
