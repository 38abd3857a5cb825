"""The longest sentence that fits a model's context: checked before a run and during it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from agents.config.agent import AnyModelConfig, ModelConfig

CUT = (
    "A sentence of {length} tokens does not fit into model.context = {most}: words after its first clause are left "
    "out, of longer ones too; {remedy}."
)
"""What is told of the first sentence that is cut in a run."""
_RECALLED = ("you", "know", ":")
"""How sentences begin before which something is recalled: of that, the first words are left out first."""


class ContextLimit:
    """How many tokens of a sentence are read, and how long the longest one was so far."""

    def __init__(self, most: int, largest: int | None = None) -> None:
        self.limit = most
        self.largest = largest
        """What `model.context` could be set to at most; None: all that the settings allow."""
        self.longest = 0
        """Tokens of the longest sentence that was read, before it was cut."""

    def fitted(self, text: str, size: Callable[[str], int]) -> str:
        """Return `text` without the fewest words that make its `size` fit, those after its first clause.

        That clause names the world. Where even it is too long, the text comes back as it is.
        """
        self.longest = max(self.longest, length := size(text))
        if length <= self.limit:
            return text
        words = text.split()
        first = _first_clause(words, self.limit // 2)
        rest = words[len(first) :]
        dropped = bisect_left(range(len(rest)), True, key=lambda k: size(" ".join(first + rest[k:])) <= self.limit)
        return " ".join(first + rest[dropped:]) if dropped < len(rest) else text

    def remedy(self, config: AnyModelConfig, length: int) -> str:
        """Return what to set so that a sentence of `length` tokens is read whole."""
        field = type(config).model_fields["context"]
        allowed = [limit for limit in (getattr(rule, "le", None) for rule in field.metadata) if limit is not None]
        largest = min(allowed if self.largest is None else [*allowed, self.largest])
        if length > largest:
            return "choose a model that reads more"
        enough = min(1 << (length - 1).bit_length(), largest)
        is_fixed = isinstance(config, ModelConfig) and config.start == "pretrained"
        return f"set {'model.start = scratch and ' if is_fixed else ''}model.context = {enough}"


def _first_clause(words: list[str], most: int) -> list[str]:
    """Return the words up to the first full stop; none if there are more than `limit`."""
    if tuple(words[: len(_RECALLED)]) == _RECALLED:
        return words[: len(_RECALLED)]
    place = words.index(".") + 1 if "." in words else 0
    return words[:place] if place <= most else []
