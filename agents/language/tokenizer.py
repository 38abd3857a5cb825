"""Word tokeniser: one token a word, and bytes for unknown words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from envs.words import split

SPECIALS = ("<pad>", "<start>", "<end>")
PAD, START, END = range(3)
FIRST_BYTE = len(SPECIALS)
FIRST_WORD = FIRST_BYTE + 256
_WORD_END = FIRST_BYTE + ord(" ")
"""Ends a spelled word, so that two of them in a row stay two words."""
_PUNCTUATION = frozenset(".,:;!?'")
_CACHE_SIZE = 100_000


class Tokenizer:
    """A word vocabulary that only grows: the id of a word never changes."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words: list[str] = []
        self._ids: dict[str, int] = {}
        self._encoded: dict[str, tuple[int, ...]] = {}
        self.learn(words)

    def __len__(self) -> int:
        return FIRST_WORD + len(self._words)

    @property
    def words(self) -> tuple[str, ...]:
        """The words with a token of their own, in the order in which they were learned."""
        return tuple(self._words)

    def learn(self, words: Iterable[str]) -> list[str]:
        """Add a token for each unknown word, and return the new words in order."""
        new = [word for text in words for word in split(text)]
        new = [word for word in dict.fromkeys(new) if word not in self._ids]
        for word in new:
            self._ids[word] = len(self)
            self._words.append(word)
        if new:
            self._encoded.clear()  # texts that spelled a new word now encode differently
        return new

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the tokens of `text`, at least one; results are cached."""
        if (tokens := self._encoded.get(text)) is None:
            tokens = tuple(token for word in split(text) for token in self._spell(word)) or (START,)
            if len(self._encoded) >= _CACHE_SIZE:
                self._encoded.clear()
            self._encoded[text] = tokens
        return tokens

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of `tokens`, without special tokens."""
        text = ""
        for word, _ in self.pieces(tokens):
            text += word if not text or word in _PUNCTUATION else f" {word}"
        return text

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return the words that `tokens` encode, each with its number of tokens."""
        words: list[tuple[str, int]] = []
        spelled = bytearray()
        for index, token in enumerate(tokens):
            if FIRST_BYTE <= token < FIRST_WORD:
                spelled.append(token - FIRST_BYTE)
                if token != _WORD_END and index + 1 < len(tokens):
                    continue
                words.append((spelled.decode(errors="replace").strip(), len(spelled)))
                spelled = bytearray()
            elif token >= FIRST_WORD:
                words.append((self._words[token - FIRST_WORD], 1))
        return words

    def state(self) -> dict[str, Any]:
        """Return the vocabulary as JSON data."""
        return {"words": list(self._words)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Tokenizer:
        """Rebuild a tokeniser from its `state`, with the same id for every word."""
        return cls(state["words"])

    def _spell(self, word: str) -> tuple[int, ...]:
        """Return the token of a known word, or the bytes of an unknown one."""
        token = self._ids.get(word)
        return (token,) if token is not None else (*(FIRST_BYTE + byte for byte in word.encode()), _WORD_END)
