"""A small decoder transformer, trained from scratch or from the shipped pretrained weights."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config.agent import ModelConfig
from agents.language import LanguageModel, Prompts, Trace, shipped_weights
from agents.language.batch_layout import BatchLayout
from agents.language.block import INIT_STD, Block
from agents.language.context_limit import ContextLimit
from agents.language.phrase_tree import PhraseTree, Trees
from agents.language.prefix_sharing import fresh_cells, shared_prefixes, words_at_places
from agents.language.tokenizer import END, FIRST_WORD, PAD, SPECIALS, START, Tokenizer
from envs.words import split

LONGEST_PHRASE = 32
"""Tokens of an answer that have positions of their own after the longest prompt."""


class Transformer(LanguageModel):
    """Learned positions, pre-norm blocks, and a head tied to the embedding.

    The last block answers only for the tokens that are asked about. A new word's row is
    drawn from the model's seed and the word itself, so it does not depend on when or in
    which order words are met.
    """

    kind: ClassVar[str] = "transformer"
    initial_vocabulary_size: int
    """Vocabulary size when the weights were drawn, V0."""

    def __init__(self, config: ModelConfig, generator: torch.Generator, words: Iterable[str] = ()) -> None:
        super().__init__()
        self.config = config
        self.context, self.width = config.context, config.width
        self.limit = ContextLimit(config.context)
        self.tokenizer = Tokenizer(words)
        self.initial_vocabulary_size = len(self.tokenizer)
        self.seed = int(torch.randint(2**31, (1,), generator=generator))
        positions = torch.empty(config.context + LONGEST_PHRASE, config.width)
        self.positions = nn.Parameter(positions.normal_(0.0, INIT_STD, generator=generator))
        self.blocks = nn.ModuleList(Block(config, generator) for _ in range(config.layers))
        self.final = nn.LayerNorm(config.width)
        names = [*SPECIALS, *(f"<{byte}>" for byte in range(FIRST_WORD - len(SPECIALS))), *self.tokenizer.words]
        self.tokens = nn.Parameter(self._draw(names))
        self.share = True
        self._trees = Trees()

    @classmethod
    def create(cls, config: ModelConfig, generator: torch.Generator) -> Self:
        """Return one drawn from `generator`, or the pretrained one that comes with the lab.

        Raises ValueError if what comes with the lab can't be read.
        """
        model = cls(config, generator)
        if config.start == "pretrained":
            start = shipped_weights.read()
            model.learn_words(start.words)
            model.load_state_dict(dict(start.weights))
        return model

    @property
    def bonus(self) -> float:
        """The log of the vocabulary's size at birth, so that short and long phrases start equal.

        0 for a pretrained one, which has an opinion on each phrase.
        """
        return math.log(self.initial_vocabulary_size) if self.config.start == "scratch" else 0.0

    @property
    def words(self) -> tuple[str, ...]:
        """The words that have a token of their own, in the order they were learned."""
        return self.tokenizer.words

    @property
    def layers(self) -> list[Block]:
        """The blocks, in order."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def learn_words(self, words: Iterable[str]) -> int:
        """Append a row to the embedding for each unknown word; old rows stay as they are."""
        new = self.tokenizer.learn(words)
        if new:
            rows = self._draw(new).to(self.tokens)
            self.tokens = nn.Parameter(torch.cat([self.tokens.detach(), rows]), self.tokens.requires_grad)
        return len(new)

    def encode(self, texts: Sequence[str]) -> Prompts:
        """Turn texts into tokens on the device of the weights, at most `context` of each."""
        return Prompts.padded([self._prompt(text) for text in texts], self.tokens.device)

    def length(self, text: str) -> int:
        """Return how many tokens a sentence has whose words were all learned: one a word."""
        return len(split(text))

    def decode(self, tokens: Tensor) -> str:
        """Turn (T,) token ids into text."""
        return self.tokenizer.decode(tokens.tolist())

    def tokenise(self, phrase: str) -> tuple[int, ...]:
        """Return the tokens of a phrase, at least one."""
        return self.tokenizer.encode(phrase)

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return each word behind `tokens`, and how many of them it took."""
        return self.tokenizer.pieces(tokens)

    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""
        hidden = self.read(prompts)
        return hidden @ self.tokens.T, hidden

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""
        return self._run(prompts, None)[0].squeeze(1)

    def openings(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Return the logits (B, K) of some tokens as the next one, given the hidden state (B, D)."""
        return hidden @ self.tokens[tokens].T

    def score_tokens(self, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> tuple[Tensor, Tensor]:
        """Do as `score` for phrases that are tokens already, all of them in one forward pass over their tree."""
        tree = self._tree(phrases)
        hidden, _ = self._run(prompts, tree)  # (B, 1 + M, D)
        return self._tell_tokens(hidden, tree).sum(-1), hidden[:, 0]

    def trace(self, prompt: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Trace:
        """Do as `score_tokens` for one sentence, token by token, and so that one can ask what the sentence did."""
        tree = self._tree(phrases)
        words = F.embedding(prompt.tokens[0], self.tokens).detach().requires_grad_()
        hidden, _ = self._run(prompt, tree, words)
        return Trace(self._tell_tokens(hidden, tree)[0], hidden[:, 0], words)

    def read_with_attention(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return what `read` returns, and how much the last token looks at each token, (B, T).

        In the last block, averaged over heads.
        """
        hidden, attention = self._run(prompts, None)
        return hidden.squeeze(1), attention[:, 0].mean(1)

    @torch.no_grad()
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample up to `limit` tokens after `prompt`, until the model says it is done."""
        tokens = list(self.tokenizer.encode(prompt))
        said: list[int] = []
        for _ in range(limit):
            seen = torch.tensor([(tokens + said)[-self.context :]], device=self.tokens.device)
            logits, _ = self.forward(Prompts(seen, torch.tensor([seen.shape[1]], device=seen.device)))
            logits[:, [PAD, START]] = torch.finfo(logits.dtype).min
            probabilities = (logits[0] / temperature).softmax(-1).to(generator.device)
            token = int(torch.multinomial(probabilities, 1, generator=generator))
            if token == END:
                break
            said.append(token)
        return self.tokenizer.decode(said)

    def description(self) -> dict[str, Any]:
        """Return, as JSON data, all but the weights."""
        return {
            "config": self.config.model_dump(),
            "tokenizer": self.tokenizer.state(),
            "initial_vocabulary_size": self.initial_vocabulary_size,
            "seed": self.seed,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the model that `description` tells of; its weights are to be loaded next."""
        config = ModelConfig(**description["config"])
        model = cls(config, torch.Generator().manual_seed(0))
        model.seed, model.initial_vocabulary_size = description["seed"], description["initial_vocabulary_size"]
        model.learn_words(description["tokenizer"]["words"])
        return model

    def _prompt(self, text: str) -> tuple[int, ...]:
        encode = self.tokenizer.encode
        return encode(self.limit.fitted(text, lambda shorter: len(encode(shorter))))[-self.context :]

    def _tell_tokens(self, hidden: Tensor, tree: PhraseTree) -> Tensor:
        """Return the log-probability of each token of each phrase (B, A, L), 0 where a phrase is over."""
        log_probs = (hidden @ self.tokens.T).log_softmax(-1)  # (B, 1 + M, V)
        return log_probs[:, tree.places, tree.targets] * tree.real

    def _run(self, prompts: Prompts, tree: PhraseTree | None, words: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the hidden states at the prompt's end and at each node of the tree (B, Q, D), and attention.

        `words` (T, D) are read in place of the embeddings of a single prompt's own tokens.
        """
        sheet = BatchLayout.lay(prompts, tree, self.config.heads)
        tokens, places, cells = words_at_places(sheet.tokens, sheet.places, len(self.positions))
        states = F.embedding(tokens, self.tokens) + F.embedding(places, self.positions)
        if words is not None:
            # a node of the tree stands behind the prompt, and shares no pair of word and place with it
            states = states.index_copy(0, cells.rows[0, : len(words)], words + self.positions[: len(words)])
        fresh = fresh_cells(sheet.tokens, sheet.real, share=self.share)
        prefixes, spans = shared_prefixes(fresh, sheet.blind, self.config.heads)
        *others, last = self.layers
        for block in others:
            states = block(states, cells, spans)
            cells = prefixes
        hidden, attention = last.last(states, cells, sheet.query_cells, sheet.sight)
        return self.final(hidden), attention

    def _tree(self, phrases: tuple[tuple[int, ...], ...]) -> PhraseTree:
        longest = max(phrases, key=len)
        if len(longest) > LONGEST_PHRASE:
            said = self.tokenizer.decode(longest)
            raise ValueError(f"{said!r} is {len(longest)} tokens, at most {LONGEST_PHRASE}: teach its words")
        return self._trees.of(phrases, self.tokens.device)

    def _draw(self, words: Sequence[str]) -> Tensor:
        rows = torch.empty(len(words), self.width)
        for row, word in zip(rows, words, strict=True):
            row.normal_(0.0, INIT_STD, generator=torch.Generator().manual_seed(self.seed ^ zlib.crc32(word.encode())))
        return rows
