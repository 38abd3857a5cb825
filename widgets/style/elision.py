"""Elision of the beginning of a sentence: observations of one task differ mostly at their end."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics


def elide_start(sentence: str, metrics: QFontMetrics, width: int) -> str:
    """Return as many of the last words as fit into `width` pixels, after an ellipsis if some are left out."""
    words = sentence.removesuffix(" .").split()
    for first in range(len(words)):
        shown = ("… " if first else "") + " ".join(words[first:])
        if metrics.horizontalAdvance(shown) <= width:
            return shown.replace("… . ", "… ")
    return "…" if words else ""
