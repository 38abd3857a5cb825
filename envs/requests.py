"""What a person can ask of the agent in the goal's place: read in any language of the lab, or not match_request."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

READ = "en"
"""The language in which the agent reads."""
UNCHECKED = "This world can't check instructions; those of the household can"
_NEAREST = 3
_FIRST_IDEOGRAPH = "\u2e80"


@dataclass(frozen=True, slots=True)
class Request:
    """Something to bring about, of which its world sees whether it is so."""

    sayings: Mapping[str, str]
    """How it is said in each language, by the language's code."""
    is_fulfilled: bool = False
    """Whether it is so already."""

    @property
    def text(self) -> str:
        """What the agent reads."""
        return self.sayings[READ]

    def translated(self, language: str) -> str:
        """Return it in a language of the window; in English where nobody has translated it."""
        return self.sayings.get(language, self.text)


class NotUnderstood(ValueError):
    """What was asked for can't be checked here and now: `reason.format(**arguments)`."""

    def __init__(self, reason: str, **arguments: Any) -> None:
        super().__init__(reason.format(**arguments))
        self.reason = reason
        self.arguments: Mapping[str, Any] = arguments


def match_request(text: str, requests: Sequence[Request]) -> Request:
    """Return which of `requests` is meant. Raises NotUnderstood, naming what was not and the three nearest."""
    if not requests:
        raise NotUnderstood(UNCHECKED)
    wanted = _plain(text)
    for request in requests:
        if wanted in map(_plain, request.sayings.values()):
            return request
    language = "zh_CN" if any(letter >= _FIRST_IDEOGRAPH for letter in text) else READ
    known = [request.translated(language) for request in requests]
    raise NotUnderstood(
        "“{words}” is not match_request here. Try: {nearest}",
        words=_strange(wanted, known),
        nearest=" · ".join(nearest(wanted, known)),
    )


def nearest(wanted: str, known: Sequence[str], number: int = _NEAREST) -> list[str]:
    """Return the sentences that look most like `wanted`, however far they are."""
    return difflib.get_close_matches(wanted, dict.fromkeys(known), n=number, cutoff=0.0)


def _plain(text: str) -> str:
    """Return it without what makes no difference: capitals, blanks, the full stop."""
    return " ".join(text.lower().rstrip(".。!！ ").split())


def _strange(wanted: str, known: Sequence[str]) -> str:
    """Return the words that nothing here is called; all of them where each is known and only their sum is not."""
    words = {word for sentence in known for word in sentence.split()}
    strange = [word for word in wanted.split() if word not in words]
    return " ".join(strange or [wanted])
