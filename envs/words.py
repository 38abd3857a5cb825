"""Words that several worlds share, and how text is split into words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gymnasium import spaces

UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
NUMBERS = (*UNITS, *TEENS, "twenty", *(f"twenty-{unit}" for unit in UNITS[1:5]))
"""The whole numbers from 0 to 24 as words."""


def distinct_words(*phrases: str) -> tuple[str, ...]:
    """Return every word of `phrases` once, in order of first appearance."""
    return tuple(dict.fromkeys(word for phrase in phrases for word in phrase.split()))


def sentence_space(words: Iterable[str], max_length: int) -> spaces.Text:
    """Return the Gymnasium space of texts with the letters of `words`, of at most `max_length` characters."""
    return spaces.Text(max_length, charset=frozenset(" ").union(*words))


_PIECE = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+|[^\w\s]")
"""A Chinese character, a run of letters and digits, or one mark of punctuation."""


def split(text: str) -> list[str]:
    """Return the lower-case words and punctuation marks of `text`."""
    return _PIECE.findall(text.lower())
