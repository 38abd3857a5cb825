"""The maximum number of tokens in a sentence: shorten longer ones, and advise which setting to raise."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from agents.config.agent import AnyModelConfig, ModelConfig

CUT = (
    "A sentence of {length} tokens does not fit into model.context = {limit}: words after its first clause are left "
    "out, of longer ones too; {remedy}."
)
"""Message for the first sentence of a run that is shortened."""
_RECALLED = ("you", "know", ":")
"""First words of a sentence that begins with retrieved knowledge, whose first words are then dropped first."""


class ContextLimit:
    """The maximum tokens of a sentence, and the longest sentence so far."""

    def __init__(self, limit: int, largest: int | None = None) -> None:
        self.limit = limit
        self.largest = largest
        """Maximum of `model.context` for this model; None: the maximum of the settings."""
        self.longest = 0
        """Tokens of the longest sentence so far, before it was shortened."""

    def fitted(self, text: str, size: Callable[[str], int]) -> str:
        """Return `text` without the first words after its first clause, as few as needed for its `size` to fit.

        The first clause names the environment. If even that is too long, `text` is returned unchanged.
        """
        self.longest = max(self.longest, length := size(text))
        if length <= self.limit:
            return text
        words = text.split()
        first = _first_clause(words, self.limit // 2)
        rest = words[len(first) :]
        # the size falls monotonically with the number of dropped words
        dropped = bisect_left(range(len(rest)), True, key=lambda k: size(" ".join(first + rest[k:])) <= self.limit)
        return " ".join(first + rest[dropped:]) if dropped < len(rest) else text

    def remedy(self, config: AnyModelConfig, length: int) -> str:
        """Return advice on which setting lets a sentence of `length` tokens fit."""
        field = type(config).model_fields["context"]
        allowed = [limit for limit in (getattr(rule, "le", None) for rule in field.metadata) if limit is not None]
        largest = min(allowed if self.largest is None else [*allowed, self.largest])
        if length > largest:
            return "choose a model that reads more"
        enough = min(1 << (length - 1).bit_length(), largest)
        is_fixed = isinstance(config, ModelConfig) and config.start == "pretrained"
        return f"set {'model.start = scratch and ' if is_fixed else ''}model.context = {enough}"


def _first_clause(words: list[str], limit: int) -> list[str]:
    """Return the words up to the first full stop; none if there are more than `limit`."""
    if tuple(words[: len(_RECALLED)]) == _RECALLED:
        return words[: len(_RECALLED)]
    end = words.index(".") + 1 if "." in words else 0
    return words[:end] if end <= limit else []
