"""Sentences taken apart into words: what tokenisers, embeddings and explanations count."""

from __future__ import annotations

import re

_PIECE = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+|[^\w\s]")
"""A Chinese character, a run of letters and digits, or one mark of punctuation."""


def split(text: str) -> list[str]:
    """Return the lower-case words and punctuation marks of `text`."""
    return _PIECE.findall(text.lower())
