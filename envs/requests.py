"""Requests that a person can make in place of the goal: their texts by language, and how typed text is matched."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AGENT_LANGUAGE = "en"
"""Language of the sentences that the agent reads."""
UNCHECKED = "This world can't check instructions; those of the household can"
_SUGGESTIONS = 3
_FIRST_IDEOGRAPH = "\u2e80"


@dataclass(frozen=True, slots=True)
class Request:
    """A goal for the agent that its world can check."""

    texts: Mapping[str, str]
    """The request as a sentence, by language code."""
    is_fulfilled: bool = False
    """Whether it is fulfilled already."""

    @property
    def text(self) -> str:
        """The sentence that the agent reads."""
        return self.texts[AGENT_LANGUAGE]

    def translated(self, language: str) -> str:
        """Return the sentence in a language; in English if it has no translation."""
        return self.texts.get(language, self.text)


class NotUnderstood(ValueError):
    """A request can't be checked in the current state of a world: `reason.format(**arguments)`."""

    def __init__(self, reason: str, **arguments: Any) -> None:
        super().__init__(reason.format(**arguments))
        self.reason = reason
        self.arguments: Mapping[str, Any] = arguments


def match_request(text: str, requests: Sequence[Request]) -> Request:
    """Return the request whose sentence in any language is `text`.

    Raises NotUnderstood with the unknown words and the most similar requests.
    """
    if not requests:
        raise NotUnderstood(UNCHECKED)
    wanted = _normalised(text)
    for request in requests:
        if wanted in map(_normalised, request.texts.values()):
            return request
    language = "zh_CN" if any(letter >= _FIRST_IDEOGRAPH for letter in text) else AGENT_LANGUAGE
    known = [request.translated(language) for request in requests]
    raise NotUnderstood(
        "“{words}” is not understood here. Try: {nearest}",
        words=_unknown_words(wanted, known),
        nearest=" · ".join(nearest(wanted, known)),
    )


def nearest(text: str, known: Sequence[str], number: int = _SUGGESTIONS) -> list[str]:
    """Return the `number` sentences most similar to `text`, best first."""
    return difflib.get_close_matches(text, dict.fromkeys(known), n=number, cutoff=0.0)


def _normalised(text: str) -> str:
    """Return the text in lower case, without surplus blanks and a full stop at the end."""
    return " ".join(text.lower().rstrip(".。!！ ").split())


def _unknown_words(text: str, known: Sequence[str]) -> str:
    """Return the words that no known sentence has; the whole text if there are none."""
    words = {word for sentence in known for word in sentence.split()}
    unknown = [word for word in text.split() if word not in words]
    return " ".join(unknown or [text])
