"""A small decoder transformer, trained from scratch or from the shipped pretrained weights.

Shapes: B prompts of T tokens, width D, vocabulary V, H heads; A phrases of at most L tokens, in a tree of M nodes.
"""

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
from agents.language.phrase_tree import PhraseTree, PhraseTreeCache
from agents.language.prefix_sharing import distinct_cells, distinct_embeddings, share_prefixes
from agents.language.tokenizer import END, FIRST_WORD, PAD, SPECIALS, START, Tokenizer
from envs.words import split

LONGEST_PHRASE = 32
"""Maximum tokens of a phrase: this many positions are added to `context`, for phrases after the longest prompt."""


class Transformer(LanguageModel):
    """A GPT with learned positions, pre-norm blocks, and an output head tied to the embedding.

    The last block computes only the states that are wanted. The embedding of a new word is
    drawn from the model's seed and the word itself, so that it does not depend on when or
    in which order words are learned.
    """

    kind: ClassVar[str] = "transformer"
    initial_vocabulary_size: int
    """Vocabulary size when the weights were drawn."""

    def __init__(self, config: ModelConfig, generator: torch.Generator, words: Iterable[str] = ()) -> None:
        super().__init__()
        self.config = config
        self.context, self.width = config.context, config.width
        self.limit = ContextLimit(config.context)
        self.tokenizer = Tokenizer(words)
        self.initial_vocabulary_size = len(self.tokenizer)
        self.seed = int(torch.randint(2**31, (1,), generator=generator))
        positions = torch.empty(config.context + LONGEST_PHRASE, config.width)
        self.positions = nn.Parameter(positions.normal_(0.0, INIT_STD, generator=generator))  # (positions, D)
        self.blocks = nn.ModuleList(Block(config, generator) for _ in range(config.layers))
        self.final = nn.LayerNorm(config.width)
        names = [*SPECIALS, *(f"<{byte}>" for byte in range(FIRST_WORD - len(SPECIALS))), *self.tokenizer.words]
        self.tokens = nn.Parameter(self._draw(names))  # (V, D) embedding, and output head
        self.share = True
        self._trees = PhraseTreeCache()

    @classmethod
    def create(cls, config: ModelConfig, generator: torch.Generator) -> Self:
        """Return an untrained model drawn from `generator`, or one with the shipped pretrained weights.

        Raises ValueError if the shipped weights cannot be read.
        """
        model = cls(config, generator)
        if config.start == "pretrained":
            start = shipped_weights.read()
            model.learn_words(start.words)
            model.load_state_dict(dict(start.weights))
        return model

    @property
    def bonus(self) -> float:
        """Log of the initial vocabulary size, which makes untrained phrases of any length equally likely.

        0 for a pretrained model, whose probabilities of phrases are meaningful as they are.
        """
        return math.log(self.initial_vocabulary_size) if self.config.start == "scratch" else 0.0

    @property
    def words(self) -> tuple[str, ...]:
        """The words with a token of their own, in the order in which they were learned."""
        return self.tokenizer.words

    @property
    def layers(self) -> list[Block]:
        """The blocks, in order."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def learn_words(self, words: Iterable[str]) -> int:
        """Append an embedding row for each unknown word, and return their number; old rows do not change."""
        new = self.tokenizer.learn(words)
        if new:
            rows = self._draw(new).to(self.tokens)
            self.tokens = nn.Parameter(torch.cat([self.tokens.detach(), rows]), self.tokens.requires_grad)
        return len(new)

    def encode(self, texts: Sequence[str]) -> Prompts:
        """Tokenise texts to prompts (B, T) on the device of the weights, with at most `context` tokens each."""
        return Prompts.padded([self._prompt(text) for text in texts], self.tokens.device)

    def length(self, text: str) -> int:
        """Return the number of tokens of a sentence whose words are all known: one per word."""
        return len(split(text))

    def decode(self, tokens: Tensor) -> str:
        """Decode (T,) token ids to text."""
        return self.tokenizer.decode(tokens.tolist())

    def tokenise(self, phrase: str) -> tuple[int, ...]:
        """Return the token ids of a phrase, at least one."""
        return self.tokenizer.encode(phrase)

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return the words that `tokens` encode, each with its number of tokens."""
        return self.tokenizer.pieces(tokens)

    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""
        hidden = self.read(prompts)
        return hidden @ self.tokens.T, hidden

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""
        return self._run(prompts, None)[0].squeeze(1)

    def next_logits(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Return the next-token logits (B, K) of K `tokens` only, from hidden states (B, D)."""
        return hidden @ self.tokens[tokens].T

    def score_tokens(self, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> tuple[Tensor, Tensor]:
        """Return log p(phrase | prompt), (B, A), and hidden states (B, D), in one pass over the tree of phrases."""
        tree = self._tree(phrases)
        hidden, _ = self._run(prompts, tree)  # (B, 1 + M, D)
        return self._token_log_probs(hidden, tree).sum(-1), hidden[:, 0]

    def trace(self, prompt: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Trace:
        """Score phrases after one prompt, token by token, with its embeddings as a leaf to differentiate by."""
        tree = self._tree(phrases)
        words = F.embedding(prompt.tokens[0], self.tokens).detach().requires_grad_()
        hidden, _ = self._run(prompt, tree, words)
        return Trace(self._token_log_probs(hidden, tree)[0], hidden[:, 0], words)

    def read_with_attention(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return hidden states (B, D), and the attention of the last token to each token, (B, T).

        It is the attention of the last block, averaged over heads.
        """
        hidden, attention = self._run(prompts, None)  # (B, 1, D), (B, 1, H, T)
        return hidden.squeeze(1), attention[:, 0].mean(1)

    @torch.no_grad()
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample up to `limit` tokens after `prompt`, or until the end token."""
        tokens = list(self.tokenizer.encode(prompt))
        sampled: list[int] = []
        for _ in range(limit):
            window = torch.tensor([(tokens + sampled)[-self.context :]], device=self.tokens.device)  # (1, T)
            logits, _ = self.forward(Prompts(window, torch.tensor([window.shape[1]], device=window.device)))
            logits[:, [PAD, START]] = torch.finfo(logits.dtype).min
            probabilities = (logits[0] / temperature).softmax(-1).to(generator.device)
            token = int(torch.multinomial(probabilities, 1, generator=generator))
            if token == END:
                break
            sampled.append(token)
        return self.tokenizer.decode(sampled)

    def description(self) -> dict[str, Any]:
        """Return everything but the weights, as JSON data."""
        return {
            "config": self.config.model_dump(),
            "tokenizer": self.tokenizer.state(),
            "initial_vocabulary_size": self.initial_vocabulary_size,
            "seed": self.seed,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the model of a `description`; its weights are loaded afterwards."""
        config = ModelConfig(**description["config"])
        model = cls(config, torch.Generator().manual_seed(0))
        model.seed, model.initial_vocabulary_size = description["seed"], description["initial_vocabulary_size"]
        model.learn_words(description["tokenizer"]["words"])
        return model

    def _prompt(self, text: str) -> tuple[int, ...]:
        encode = self.tokenizer.encode
        return encode(self.limit.fitted(text, lambda shorter: len(encode(shorter))))[-self.context :]

    def _token_log_probs(self, hidden: Tensor, tree: PhraseTree) -> Tensor:
        """Return the log-probability of each phrase's tokens, (B, A, L), 0 for padding, from states (B, 1 + M, D)."""
        log_probs = (hidden @ self.tokens.T).log_softmax(-1)  # (B, 1 + M, V)
        return log_probs[:, tree.queries, tree.targets] * tree.real

    def _run(self, prompts: Prompts, tree: PhraseTree | None, words: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the hidden states (B, Q, D) of Q = 1 + M queries, and their last attention (B, Q, H, S).

        The queries are the prompt's last token and each node of the tree. `words` (T, D) replace the token
        embeddings of a single prompt.
        """
        layout = BatchLayout.build(prompts, tree, self.config.heads)
        # before the first block a state depends only on token and position: compute each distinct pair once
        tokens, positions, cells = distinct_embeddings(layout.tokens, layout.positions, len(self.positions))
        states = F.embedding(tokens, self.tokens) + F.embedding(positions, self.positions)  # (R, D)
        if words is not None:
            # tree nodes have later positions than the prompt, so they read none of the replaced rows
            states = states.index_copy(0, cells.rows[0, : len(words)], words + self.positions[: len(words)])
        # after it, a state depends on the whole prefix: compute each distinct prefix once
        distinct = distinct_cells(layout.tokens, layout.real, share=self.share)
        prefixes, spans = share_prefixes(distinct, layout.mask, self.config.heads)
        *blocks, last_block = self.layers
        for block in blocks:
            states = block(states, cells, spans)  # (N, D)
            cells = prefixes
        hidden, attention = last_block.last(states, cells, layout.query_cells, layout.query_mask)
        return self.final(hidden), attention

    def _tree(self, phrases: tuple[tuple[int, ...], ...]) -> PhraseTree:
        longest = max(phrases, key=len)
        if len(longest) > LONGEST_PHRASE:
            text = self.tokenizer.decode(longest)
            raise ValueError(f"{text!r} is {len(longest)} tokens, at most {LONGEST_PHRASE}: teach its words")
        return self._trees.of(phrases, self.tokens.device)

    def _draw(self, words: Sequence[str]) -> Tensor:
        """Draw an embedding row for each word, (words, D)."""
        rows = torch.empty(len(words), self.width)
        for row, word in zip(rows, words, strict=True):
            row.normal_(0.0, INIT_STD, generator=torch.Generator().manual_seed(self.seed ^ zlib.crc32(word.encode())))
        return rows
