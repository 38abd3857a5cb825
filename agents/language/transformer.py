"""A small decoder transformer of our own, trained from scratch, sized for a laptop."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config import ModelConfig
from agents.language import LanguageModel, Prompts
from agents.language.block import INIT_STD, Block
from agents.language.phrases import PhraseTree
from agents.language.tokenizer import END, FIRST_WORD, PAD, SPECIALS, START, Tokenizer

LONGEST_PHRASE = 32
"""Tokens of an answer that have positions of their own after the longest prompt."""


class Transformer(LanguageModel):
    """Learned positions, pre-norm blocks, and a head tied to the embedding.

    The last block answers only for the tokens that are asked about. A new word's row is
    drawn from the model's seed and the word itself, so it does not depend on when or in
    which order words are met.
    """

    def __init__(self, config: ModelConfig, generator: torch.Generator, words: Iterable[str] = ()) -> None:
        super().__init__()
        self.config = config
        self.context, self.width = config.context, config.width
        self.tokenizer = Tokenizer(words)
        self.born_with = len(self.tokenizer)
        self.seed = int(torch.randint(2**31, (1,), generator=generator))
        positions = torch.empty(config.context + LONGEST_PHRASE, config.width)
        self.positions = nn.Parameter(positions.normal_(0.0, INIT_STD, generator=generator))
        self.blocks = nn.ModuleList(Block(config, generator) for _ in range(config.layers))
        self.final = nn.LayerNorm(config.width)
        names = [*SPECIALS, *(f"<{byte}>" for byte in range(FIRST_WORD - len(SPECIALS))), *self.tokenizer.words]
        self.tokens = nn.Parameter(self._draw(names))
        self._trees: dict[tuple[str, ...], PhraseTree] = {}

    def learn_words(self, words: Iterable[str]) -> int:
        """Append a row to the embedding for each unknown word; old rows stay as they are."""
        new = self.tokenizer.learn(words)
        if new:
            rows = self._draw(new).to(self.tokens)
            self.tokens = nn.Parameter(torch.cat([self.tokens.detach(), rows]), self.tokens.requires_grad)
            self._trees.clear()
        return len(new)

    def encode(self, texts: Sequence[str]) -> Prompts:
        """Turn texts into tokens on the device of the weights, cut to the last `context` of them."""
        rows = [self.tokenizer.encode(text)[-self.context :] for text in texts]
        lengths = [len(row) for row in rows]
        longest = max(lengths, default=1)
        padded = [row + (PAD,) * (longest - len(row)) for row in rows]
        device = self.tokens.device
        return Prompts(
            torch.tensor(padded, dtype=torch.long, device=device).view(-1, longest),
            torch.tensor(lengths, dtype=torch.long, device=device),
        )

    def decode(self, tokens: Tensor) -> str:
        """Turn (T,) token ids into text."""
        return self.tokenizer.decode(tokens.tolist())

    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""
        hidden = self.read(prompts)
        return hidden @ self.tokens.T, hidden

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""
        return self._run(prompts, None)[0].squeeze(1)

    def score(self, prompts: Prompts, phrases: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return log p(phrase | prompt), (B, A), summed over each phrase's tokens, and the hidden state (B, D)."""
        tree = self._tree(tuple(phrases))
        hidden, _ = self._run(prompts, tree)  # (B, 1 + M, D)
        log_probs = (hidden @ self.tokens.T).log_softmax(-1)  # (B, 1 + M, V)
        scored = log_probs[:, tree.places, tree.targets] * tree.real  # (B, A, L)
        return scored.sum(-1), hidden[:, 0]

    def look(self, prompts: Prompts) -> Tensor:
        """Return how much the last token looks at each token in the last block, (B, T), averaged over heads."""
        _, attention = self._run(prompts, None)
        return attention[:, 0].mean(1)

    @torch.no_grad()
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample up to `limit` tokens after `prompt`, until the model says it is done."""
        tokens = list(self.tokenizer.encode(prompt))
        said: list[int] = []
        for _ in range(limit):
            seen = torch.tensor([(tokens + said)[-self.context :]], device=self.tokens.device)
            logits, _ = self(Prompts(seen, torch.tensor([seen.shape[1]], device=seen.device)))
            logits[:, [PAD, START]] = torch.finfo(logits.dtype).min
            odds = (logits[0] / temperature).softmax(-1).to(generator.device)
            token = int(torch.multinomial(odds, 1, generator=generator))
            if token == END:
                break
            said.append(token)
        return self.tokenizer.decode(said)

    def phrase_lengths(self, phrases: Sequence[str]) -> list[int]:
        """Return how many tokens each phrase has."""
        return [len(self.tokenizer.encode(phrase)) for phrase in phrases]

    def description(self) -> dict[str, Any]:
        """Return, as JSON data, all but the weights."""
        return {
            "config": self.config.model_dump(),
            "tokenizer": self.tokenizer.state(),
            "born_with": self.born_with,
            "seed": self.seed,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Transformer:
        """Rebuild the model that `description` tells of; its weights are to be loaded next."""
        config = ModelConfig(**description["config"])
        model = cls(config, torch.Generator().manual_seed(0))
        model.seed, model.born_with = description["seed"], description["born_with"]
        model.learn_words(description["tokenizer"]["words"])
        return model

    def _run(self, prompts: Prompts, tree: PhraseTree | None) -> tuple[Tensor, Tensor]:
        """Return the hidden states at the prompt's end and at each node of the tree (B, Q, D), and attention."""
        tokens, places, asked, causal, sight = _layout(prompts, tree)
        rows = (F.embedding(tokens, self.tokens) + F.embedding(places, self.positions)).flatten(0, 1)
        cells = torch.arange(tokens.numel(), device=tokens.device).view_as(tokens)
        *others, last = self.blocks
        for block in others:
            rows = block(rows, cells, None, causal)
        hidden, attention = last.last(rows, cells, asked, sight)
        return self.final(hidden), attention

    def _tree(self, phrases: tuple[str, ...]) -> PhraseTree:
        if (tree := self._trees.get(phrases)) is None or tree.places.device != self.tokens.device:
            encoded = [self.tokenizer.encode(phrase) for phrase in phrases]
            for phrase, tokens in zip(phrases, encoded, strict=True):
                if len(tokens) > LONGEST_PHRASE:
                    raise ValueError(f"{phrase!r} is {len(tokens)} tokens, at most {LONGEST_PHRASE}: teach its words")
            tree = self._trees[phrases] = PhraseTree.grow(encoded, self.tokens.device)
        return tree

    def _draw(self, words: Sequence[str]) -> Tensor:
        rows = torch.empty(len(words), self.width)
        for row, word in zip(rows, words, strict=True):
            row.normal_(0.0, INIT_STD, generator=torch.Generator().manual_seed(self.seed ^ zlib.crc32(word.encode())))
        return rows


def _layout(prompts: Prompts, tree: PhraseTree | None) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Lay prompts (B, T) and the tree's nodes (M) side by side.

    Returns tokens and places (B, S) with S = T + M; the cells that are asked about (B, Q)
    with Q = 1 + M; and what may be seen, as 0 or -inf: by all, and by those asked (B, Q, S).
    """
    tokens, lengths = prompts.tokens, prompts.lengths[:, None]
    size, length = tokens.shape
    places = torch.arange(length, device=tokens.device)
    real = places < lengths  # (B, T)
    blind = torch.full((length, length), float("-inf"), device=tokens.device).triu(1)
    if tree is None:
        return tokens, places.expand_as(tokens), lengths - 1, blind, hidden_where(~real)[:, None]
    nodes = len(tree.tokens)
    tokens = torch.cat([tokens, tree.tokens.expand(size, -1)], 1)
    asked = torch.cat([lengths - 1, (length + torch.arange(nodes, device=tokens.device)).expand(size, -1)], 1)
    places = torch.cat([places.expand(size, -1), lengths - 1 + tree.depths], 1)
    visible = F.pad(tree.visible, (0, 0, 1, 0)).expand(size, -1, -1)  # (B, 1 + M, M): the prompt sees no node
    sight = hidden_where(~torch.cat([real[:, None].expand(-1, nodes + 1, -1), visible], 2))
    blind = F.pad(blind, (0, nodes), value=float("-inf")).expand(size, -1, -1)
    return tokens, places, asked, torch.cat([blind, sight[:, 1:]], 1), sight


def hidden_where(unseen: Tensor) -> Tensor:
    """Return what to add to attention scores: -inf where `unseen`, 0 elsewhere."""
    return torch.zeros(unseen.shape, device=unseen.device).masked_fill(unseen, float("-inf"))
