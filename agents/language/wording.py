"""Sentences and phrases as a pretrained model's own tokeniser writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from transformers import AutoTokenizer

from agents.config import PretrainedConfig

_REMEMBERED = 100_000
_STARTS = "Ġ▁ "
"""How tokenisers mark that a token begins a word."""
_PLAIN, _CHAT = (":", " "), ("\n", "")
"""What stands before an answer, and between the two: an answer is a word of the text, or a turn of its own."""


class Wording:
    """Turns texts into tokens and back; equal sentences are taken apart once."""

    def __init__(self, folder: Path, config: PretrainedConfig) -> None:
        try:
            self._tokeniser: Any = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_fast=True
            )
        except (OSError, ValueError, KeyError, TypeError, ImportError, RecursionError) as error:
            said = str(error).strip().splitlines()[0][:200]
            raise ValueError(f"model.source: the tokeniser of {config.source!r} cannot be read ({said})") from error
        self._context = config.context
        has_template = bool(getattr(self._tokeniser, "chat_template", None))
        if config.chat == "on" and not has_template:
            raise ValueError(f"model.chat: {config.source!r} has no chat template; set model.chat = 'off'")
        self.is_chat = has_template and config.chat != "off"
        self._encoded: dict[str, tuple[int, ...]] = {}
        self._worded("probe")  # a template that cannot be filled in is told at once

    @property
    def end(self) -> int | None:
        """The token that ends what the model says."""
        end: int | None = self._tokeniser.eos_token_id
        return end

    def prompt(self, text: str) -> tuple[int, ...]:
        """Return the tokens of a sentence, its last `context` ones; what a text must begin with is kept."""
        if (tokens := self._encoded.get(text)) is None:
            tokens = self._cut(self._worded(text))
            if len(self._encoded) >= _REMEMBERED:
                self._encoded.clear()
            self._encoded[text] = tokens
        return tokens

    def phrase(self, text: str) -> tuple[int, ...]:
        """Return the tokens of an answer, as they follow a sentence."""
        lead, gap = _CHAT if self.is_chat else _PLAIN
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

    def _worded(self, text: str) -> tuple[int, ...]:
        """Return all tokens of a sentence: as what a user says, where the model was taught to chat."""
        if not self.is_chat:
            return tuple(self._tokeniser(text).input_ids)
        turns = [{"role": "user", "content": text}]
        try:
            written = self._tokeniser.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        except (TemplateError, ValueError, TypeError) as error:
            raise ValueError(
                f"model.chat: the chat template cannot be filled in ({error}); set model.chat = 'off'"
            ) from error
        return self._ids(written)

    def _cut(self, tokens: tuple[int, ...]) -> tuple[int, ...]:
        if len(tokens) <= self._context:
            return tokens or (self.end or 0,)
        is_led = tokens[0] == self._tokeniser.bos_token_id
        return (tokens[0], *tokens[1 - self._context :]) if is_led else tokens[-self._context :]

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokeniser(text, add_special_tokens=False).input_ids)
