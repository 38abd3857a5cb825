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

_CACHE_SIZE = 100_000
_STARTS = "Ġ▁ "
"""Characters with which tokenisers mark the first token of a word."""
_PLAIN, _CHAT = (":", " "), ("\n", "")
"""Text before an answer, and separator: an answer is the next word of a text, or a turn of its own in a chat."""


class HFTokenizer:
    """Encodes sentences and phrases with a tokeniser of `transformers`; encoded sentences are cached."""

    def __init__(self, folder: Path, config: PretrainedConfig) -> None:
        try:
            self._tokeniser: Any = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_fast=True
            )
        except Exception as error:  # the files are third-party: a damaged one may raise anything
            reason = f"{type(error).__name__}: {one_line(str(error))[:200]}"
            raise ValueError(
                f"model.source: the tokeniser of {config.source!r} cannot be read ({reason}); get the model again"
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
        """Number of embedding rows that a model needs for every token that this tokeniser can produce.

        Special tokens that no sentence contains are left out: transformers adds some that the model has no row for.
        """
        added = self._tokeniser.added_tokens_decoder
        unset = {number for number, token in added.items() if token.special} - set(self.sentence_tokens("north"))
        return max(set(self._tokeniser.get_vocab().values()) - unset, default=-1) + 1

    @property
    def end(self) -> int | None:
        """The end-of-sequence token."""
        end: int | None = self._tokeniser.eos_token_id
        return end

    def prompt(self, text: str) -> tuple[int, ...]:
        """Return the tokens of a sentence, at most `context`; a start token stays."""
        if (tokens := self._encoded.get(text)) is None:
            tokens = self._cut(self.sentence_tokens(self.limit.fitted(text, self.length)))
            if len(self._encoded) >= _CACHE_SIZE:
                self._encoded.clear()
            self._encoded[text] = tokens
        return tokens

    def length(self, text: str) -> int:
        """Return the number of tokens of a sentence before it is shortened, including the chat template's."""
        return len(self.sentence_tokens(text))

    def phrase(self, text: str) -> tuple[int, ...]:
        """Return the tokens of an answer that follows a sentence."""
        lead, gap = _CHAT if self.chat else _PLAIN
        lead_tokens, with_answer = self._ids(lead), self._ids(f"{lead}{gap}{text}")
        # tokens depend on the text before: encode both, and cut the lead off, if it is encoded separately
        parts = len(lead_tokens) < len(with_answer) and with_answer[: len(lead_tokens)] == lead_tokens
        return with_answer[len(lead_tokens) :] if parts else self._ids(f"{gap}{text}")

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of `tokens`, without special tokens."""
        text: str = self._tokeniser.decode(list(tokens), skip_special_tokens=True)
        return text.strip()

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return the words that `tokens` encode, each with its number of tokens."""
        special = set(self._tokeniser.all_special_ids)
        groups: list[list[int]] = []
        for token, written in zip(tokens, self._tokeniser.convert_ids_to_tokens(list(tokens)), strict=True):
            begins = not groups or token in special or groups[-1][-1] in special or str(written)[:1] in _STARTS
            if begins:
                groups.append([])
            groups[-1].append(token)
        return [(self._tokeniser.decode(group).strip(), len(group)) for group in groups]

    def sentence_tokens(self, text: str) -> tuple[int, ...]:
        """Return all tokens of a sentence, as a user's turn if there is a chat template.

        End tokens behind it are removed, since the answer comes next.
        """
        if self.chat is None:
            encoded = self._tokeniser(text, return_special_tokens_mask=True)
            tokens, special = list(encoded.input_ids), list(encoded.special_tokens_mask)
        else:
            tokens = list(self._ids(self.chat.filled(text)))
            special = [token == self.end for token in tokens]
        while tokens and special.pop():
            tokens.pop()
        return tuple(tokens)

    def _check(self) -> None:
        """Raise ValueError, in one line, if sentences cannot be encoded, or if the chat template fills the context."""
        try:
            overhead = self.length("")
            probe = self._ids("north")
        except ValueError:
            raise
        except Exception as error:  # as above
            reason = f"{type(error).__name__}: {one_line(str(error))[:200]}"
            raise ValueError(
                f"model.source: the tokeniser cannot encode a sentence ({reason}); get the model again"
            ) from error
        if not probe:
            raise ValueError("model.source: the tokeniser makes no tokens of words; get the model again")
        if overhead >= self.limit.limit:
            raise ValueError(
                f"model.context: {self.limit.limit} tokens, and what stands around each sentence has {overhead}; "
                f"{self.limit.remedy(PretrainedConfig(), 2 * overhead)}, or model.chat = 'off'"
            )

    def _cut(self, tokens: tuple[int, ...]) -> tuple[int, ...]:
        limit = self.limit.limit
        if len(tokens) <= limit:
            return tokens or (self.end or 0,)
        has_start = tokens[0] == self._tokeniser.bos_token_id
        return (tokens[0], *tokens[1 - limit :]) if has_start else tokens[-limit:]

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokeniser(text, add_special_tokens=False).input_ids)
