"""Tokenise sentences and phrases with a pretrained model's own tokeniser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from agents.config.agent import PretrainedConfig
from agents.errors import one_line
from agents.language.chat_template import ChatTemplate
from agents.language.context_limit import ContextLimit

_REMEMBERED = 100_000
_STARTS = "Ġ▁ "
"""How tokenisers mark that a token begins a word."""
_PLAIN, _CHAT = (":", " "), ("\n", "")
"""What stands before an answer, and between the two: an answer is a word of the text, or a turn of its own."""


class HFTokenizer:
    """Turns texts into tokens and back; equal sentences are taken apart once."""

    def __init__(self, folder: Path, config: PretrainedConfig) -> None:
        try:
            self._tokeniser: Any = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_fast=True
            )
        except Exception as error:  # its files are anybody's: a damaged one may raise whatever comes to it
            said = f"{type(error).__name__}: {one_line(str(error))[:200]}"
            raise ValueError(
                f"model.source: the tokeniser of {config.source!r} cannot be read ({said}); get the model again"
            ) from error
        self.limit = ContextLimit(config.context)
        template = getattr(self._tokeniser, "chat_template", None)
        if config.chat == "on" and not template:
            raise ValueError(f"model.chat: {config.source!r} has no chat template; set model.chat = 'off'")
        self.chat = ChatTemplate(self._tokeniser, config.today) if template and config.chat != "off" else None
        self._encoded: dict[str, tuple[int, ...]] = {}
        self._check()

    @property
    def tokens(self) -> int:
        """How many rows a model's embedding needs for every token that texts lead to.

        Special ones that nothing sets are left out: transformers adds some that a tokeniser lacks, and keeps them.
        """
        added = self._tokeniser.added_tokens_decoder
        unset = {number for number, token in added.items() if token.special} - set(self.worded("north"))
        return max(set(self._tokeniser.get_vocab().values()) - unset, default=-1) + 1

    @property
    def end(self) -> int | None:
        """The token that ends what the model says."""
        end: int | None = self._tokeniser.eos_token_id
        return end

    def prompt(self, text: str) -> tuple[int, ...]:
        """Return the tokens of a sentence, at most `context`: what a text must begin with is kept."""
        if (tokens := self._encoded.get(text)) is None:
            tokens = self._cut(self.worded(self.limit.fitted(text, self.length)))
            if len(self._encoded) >= _REMEMBERED:
                self._encoded.clear()
            self._encoded[text] = tokens
        return tokens

    def length(self, text: str) -> int:
        """Return how many tokens a sentence has before it is cut, those of the chat around it included."""
        return len(self.worded(text))

    def phrase(self, text: str) -> tuple[int, ...]:
        """Return the tokens of an answer, as they follow a sentence."""
        lead, gap = _CHAT if self.chat else _PLAIN
        before, whole = self._ids(lead), self._ids(f"{lead}{gap}{text}")
        parts = len(before) < len(whole) and whole[: len(before)] == before
        return whole[len(before) :] if parts else self._ids(f"{gap}{text}")

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text that `tokens` stand for, special ones left out."""
        text: str = self._tokeniser.decode(list(tokens), skip_special_tokens=True)
        return text.strip()

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return each word behind `tokens`, and how many of them it took."""
        special = set(self._tokeniser.all_special_ids)
        groups: list[list[int]] = []
        for token, written in zip(tokens, self._tokeniser.convert_ids_to_tokens(list(tokens)), strict=True):
            begins = not groups or token in special or groups[-1][-1] in special or str(written)[:1] in _STARTS
            if begins:
                groups.append([])
            groups[-1].append(token)
        return [(self._tokeniser.decode(group).strip(), len(group)) for group in groups]

    def worded(self, text: str) -> tuple[int, ...]:
        """Return all tokens of a sentence, open at its end: as what a user says, where the model was taught to chat.

        What a tokeniser sets behind a text to end it is left out, for the answer comes next.
        """
        if self.chat is None:
            read = self._tokeniser(text, return_special_tokens_mask=True)
            tokens, special = list(read.input_ids), list(read.special_tokens_mask)
        else:
            tokens = list(self._ids(self.chat.filled(text)))
            special = [token == self.end for token in tokens]
        while tokens and special.pop():
            tokens.pop()
        return tuple(tokens)

    def _check(self) -> None:
        """Raise ValueError, in one line, if sentences cannot be written or leave no room."""
        try:
            around = self.length("")
            probe = self._ids("north")
        except ValueError:
            raise
        except Exception as error:  # as above: what a tokeniser does is written in its files
            said = f"{type(error).__name__}: {one_line(str(error))[:200]}"
            raise ValueError(
                f"model.source: the tokeniser cannot take a sentence apart ({said}); get the model again"
            ) from error
        if not probe:
            raise ValueError("model.source: the tokeniser makes no tokens of words; get the model again")
        if around >= self.limit.limit:
            raise ValueError(
                f"model.context: {self.limit.limit} tokens, and what stands around each sentence has {around}; "
                f"{self.limit.remedy(PretrainedConfig(), 2 * around)}, or model.chat = 'off'"
            )

    def _cut(self, tokens: tuple[int, ...]) -> tuple[int, ...]:
        most = self.limit.limit
        if len(tokens) <= most:
            return tokens or (self.end or 0,)
        is_led = tokens[0] == self._tokeniser.bos_token_id
        return (tokens[0], *tokens[1 - most :]) if is_led else tokens[-most:]

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokeniser(text, add_special_tokens=False).input_ids)
