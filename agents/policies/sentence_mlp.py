"""An MLP policy on sums of learned word vectors, as the model of a run.

Shapes: B decisions, U distinct sentences of at most P words, vocabulary V, width D, K actions of all tasks together.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn import functional as F

from agents.config.agent import MLPConfig
from agents.language import Prompts
from agents.language.block import INIT_STD, UNBIASED, DrawnLinear
from agents.language.context_limit import ContextLimit
from agents.policies import AgentPolicy, Observations
from agents.policies.action_sets import ActionSets
from envs.words import split

UNKNOWN = 0
"""Row of all unknown words."""
WORD_STD = 0.25
"""Standard deviation of a word's initial vector, so that the sum of about 16 words has one of about 1."""


class SentenceMLP(AgentPolicy):
    """An MLP whose first layer sums a learned vector for each pair of word and position: a layer on their one-hot code.

    Each action of each task has an output of its own: unlike a language model, it does not
    share what it learns about "left" between tasks. New words and tasks append rows; old
    rows do not change.
    """

    def __init__(self, config: MLPConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self._limit = ContextLimit(config.context)
        self.seed = int(torch.randint(2**31, (1,), generator=generator))
        width = config.width
        self.vectors = nn.Parameter(self._draw([""], config.context * width, WORD_STD))  # (V, P * D)
        self.offset = nn.Parameter(torch.zeros(width))
        self.hidden = nn.ModuleList(DrawnLinear(width, width, width**-0.5, generator) for _ in range(config.layers - 1))
        self.choices = nn.Parameter(torch.empty(0, width))  # (every task's actions, D)
        self.value = DrawnLinear(width, 1, UNBIASED, generator)
        self.action_sets: dict[int, tuple[str, ...]] = {}
        self._words: dict[str, int] = {}
        self._outputs: dict[int, list[tuple[int, ...]]] = {}
        """The row in `choices` of each action, by task id."""
        self._action_sets = ActionSets.of({}, self.offset.device)

    @classmethod
    def create(cls, config: MLPConfig, generator: torch.Generator) -> Self:
        """Return an untrained policy drawn from `generator`."""
        return cls(config, generator)

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Register a task: append an output for each of its actions, and a row for each new word."""
        self._learn_words(words)
        first, width = len(self.choices), self.config.width
        new = self._draw([f"{task_id}/{index}" for index in range(len(actions))], width, INIT_STD)
        self.choices = nn.Parameter(torch.cat([self.choices.detach(), new.to(self.choices)]))
        self.action_sets[task_id] = tuple(actions)
        self._outputs[task_id] = [(first + index,) for index in range(len(actions))]
        self._action_sets = ActionSets.of(self._outputs, self.offset.device)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Encode sentences as word ids, at most `context` per sentence."""
        return Observations.read(texts, task_ids, self._encode)

    @property
    def limit(self) -> ContextLimit:
        """The maximum number of words in a sentence."""
        return self._limit

    def length(self, text: str) -> int:
        """Return the number of words in a sentence."""
        return len(split(text))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution with logits (B, A) over each decision's action set, and values (B,)."""
        self._action_sets = self._action_sets.to(self.offset.device)
        hidden = self._read(observations.prompts)  # (U, D)
        # an output's row serves as the "token" of its action, so that the tables of action sets apply
        scores = hidden @ self.choices[self._action_sets.tokens].T  # (U, K)
        logits = scores[observations.rows[:, None], self._action_sets.first_tokens[observations.task_ids]]
        logits = logits.masked_fill(self._action_sets.unavailable(observations), torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), self.value(hidden).squeeze(-1)[observations.rows]

    def description(self) -> dict[str, Any]:
        """Return everything but the weights, as JSON data."""
        return {
            "kind": "mlp",
            "config": self.config.model_dump(),
            "seed": self.seed,
            "words": list(self._words),
            "action_sets": {str(task_id): list(phrases) for task_id, phrases in self.action_sets.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy of a `description`; its weights are loaded afterwards."""
        policy = cls(MLPConfig(**description["config"]), torch.Generator().manual_seed(0))
        policy.seed = description["seed"]
        policy._learn_words(description["words"])
        for task_id, phrases in description["action_sets"].items():
            policy.add_task(int(task_id), phrases, ())
        return policy

    def word_vectors(self, prompts: Prompts) -> Tensor:
        """Return the vector of each word at its position, (W, D) for the W words of all sentences in turn."""
        return F.embedding(self._vector_rows(prompts), self.vectors.view(-1, self.config.width))

    def _vector_rows(self, prompts: Prompts) -> Tensor:
        """Return each word's row in the vectors (V * P, D), (W,) for the W words of all sentences in turn."""
        positions = torch.arange(prompts.tokens.shape[1], device=prompts.tokens.device)  # (P,)
        real = positions < prompts.lengths[:, None]  # (U, P)
        return (prompts.tokens * self.config.context + positions)[real]

    def _read(self, prompts: Prompts) -> Tensor:
        """Return the last hidden layer (U, D)."""
        offsets = prompts.lengths.cumsum(0) - prompts.lengths
        vectors = self.vectors.view(-1, self.config.width)  # (V * P, D)
        # embedding_bag sums each sentence's vectors without storing them one by one
        hidden = torch.tanh(F.embedding_bag(self._vector_rows(prompts), vectors, offsets, mode="sum") + self.offset)
        for layer in self.hidden:
            hidden = torch.tanh(layer(hidden))
        return hidden

    def _encode(self, texts: Sequence[str]) -> Prompts:
        word_lists = [split(self.limit.fitted(text, self.length))[-self.config.context :] for text in texts]
        rows = [[self._words.get(word, UNKNOWN) for word in words] for words in word_lists]
        return Prompts.padded(rows, self.offset.device)

    def _learn_words(self, words: Sequence[str]) -> None:
        distinct = dict.fromkeys(word for text in words for word in split(text))
        new = [word for word in distinct if word not in self._words]
        for word in new:
            self._words[word] = len(self._words) + 1
        if new:
            rows = self._draw(new, self.vectors.shape[1], WORD_STD).to(self.vectors)
            self.vectors = nn.Parameter(torch.cat([self.vectors.detach(), rows]))

    def _draw(self, names: Sequence[str], width: int, std: float) -> Tensor:
        """Draw a row for each name, (names, width), from the seed and the name: the order of learning has no effect."""
        rows = torch.empty(len(names), width)
        for row, name in zip(rows, names, strict=True):
            own = torch.Generator().manual_seed(self.seed ^ zlib.crc32(name.encode()))
            row.normal_(0.0, std, generator=own)
        return rows
