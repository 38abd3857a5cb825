"""Word tokeniser: one token a word, and bytes for unknown words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from envs.words import split

SPECIALS = ("<pad>", "<start>", "<end>")
PAD, START, END = range(3)
FIRST_BYTE = len(SPECIALS)
FIRST_WORD = FIRST_BYTE + 256
_CLOSE = FIRST_BYTE + ord(" ")
"""A spelled word ends with a space, so that two in a row stay two."""
_TIGHT = frozenset(".,:;!?'")
_REMEMBERED = 100_000


class Tokenizer:
    """A vocabulary that only grows: a word keeps its number for life."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words: list[str] = []
        self._ids: dict[str, int] = {}
        self._encoded: dict[str, tuple[int, ...]] = {}
        self.learn(words)

    def __len__(self) -> int:
        return FIRST_WORD + len(self._words)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that have a token of their own, in the order they were learned."""
        return tuple(self._words)

    def learn(self, words: Iterable[str]) -> list[str]:
        """Give each unknown word a token; return the new words in order."""
        new = [word for text in words for word in split(text)]
        new = [word for word in dict.fromkeys(new) if word not in self._ids]
        for word in new:
            self._ids[word] = len(self)
            self._words.append(word)
        if new:
            self._encoded.clear()
        return new

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the tokens of `text`, at least one. Equal texts are taken apart once."""
        if (tokens := self._encoded.get(text)) is None:
            tokens = tuple(token for word in split(text) for token in self._spell(word)) or (START,)
            if len(self._encoded) >= _REMEMBERED:
                self._encoded.clear()
            self._encoded[text] = tokens
        return tokens

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text that `tokens` stand for; special tokens are left out."""
        text = ""
        for word, _ in self.pieces(tokens):
            text += word if not text or word in _TIGHT else f" {word}"
        return text

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return each word behind `tokens`, and how many of the tokens it took."""
        found: list[tuple[str, int]] = []
        spelled = bytearray()
        for place, token in enumerate(tokens):
            if FIRST_BYTE <= token < FIRST_WORD:
                spelled.append(token - FIRST_BYTE)
                if token != _CLOSE and place + 1 < len(tokens):
                    continue
                found.append((spelled.decode(errors="replace").strip(), len(spelled)))
                spelled = bytearray()
            elif token >= FIRST_WORD:
                found.append((self._words[token - FIRST_WORD], 1))
        return found

    def state(self) -> dict[str, Any]:
        """Return the vocabulary as JSON data."""
        return {"words": list(self._words)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Tokenizer:
        """Rebuild what `state` describes, every word with its old number."""
        return cls(state["words"])

    def _spell(self, word: str) -> tuple[int, ...]:
        known = self._ids.get(word)
        return (known,) if known is not None else (*(FIRST_BYTE + byte for byte in word.encode()), _CLOSE)
