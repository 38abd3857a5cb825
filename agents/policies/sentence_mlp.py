"""An MLP policy on sums of learned word vectors, as the model of a run."""

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
"""The row that all words share which belong to no task that was met."""
WORD_STD = 0.25
"""Of a word's vector: a sentence is the sum of about sixteen, which should stir a unit by about 1."""


class SentenceMLP(AgentPolicy):
    """Sums up a learned vector for each word at its place, as a network does that is fed their one-hot code.

    Each action of each task has an output of its own: unlike the language agent it cannot
    know that "left" means in one task what it means in another. New words, and the
    outputs of new tasks, are new rows; old rows stay as they are.
    """

    def __init__(self, config: MLPConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self._limit = ContextLimit(config.context)
        self.seed = int(torch.randint(2**31, (1,), generator=generator))
        width = config.width
        self.vectors = nn.Parameter(self._drawn([""], config.context * width, WORD_STD))  # (V, P * D)
        self.offset = nn.Parameter(torch.zeros(width))
        self.hidden = nn.ModuleList(DrawnLinear(width, width, width**-0.5, generator) for _ in range(config.layers - 1))
        self.choices = nn.Parameter(torch.empty(0, width))  # (every task's actions, D)
        self.value = DrawnLinear(width, 1, UNBIASED, generator)
        self.action_sets: dict[int, tuple[str, ...]] = {}
        self._words: dict[str, int] = {}
        self._outputs: dict[int, list[tuple[int, ...]]] = {}
        """Which row of `choices` each action of a column is."""
        self._action_sets = ActionSets.of({}, self.offset.device)

    @classmethod
    def create(cls, config: MLPConfig, generator: torch.Generator) -> Self:
        """Return an untrained one, drawn from `generator`."""
        return cls(config, generator)

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task: an output for each of its actions, and a row for each word that is new."""
        self._learn_words(words)
        first, width = len(self.choices), self.config.width
        new = self._drawn([f"{task_id}/{place}" for place in range(len(actions))], width, INIT_STD)
        self.choices = nn.Parameter(torch.cat([self.choices.detach(), new.to(self.choices)]))
        self.action_sets[task_id] = tuple(actions)
        self._outputs[task_id] = [(first + place,) for place in range(len(actions))]
        self._action_sets = ActionSets.of(self._outputs, self.offset.device)

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Prepare sentences as the numbers of their words, at most `context` of each."""
        return Observations.read(texts, task_ids, self._numbered)

    @property
    def limit(self) -> ContextLimit:
        """How many words of a sentence are read."""
        return self._limit

    def length(self, text: str) -> int:
        """Return how many words a sentence has."""
        return len(split(text))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over each decision's own actions, and its value (B,)."""
        self._action_sets = self._action_sets.to(self.offset.device)
        hidden = self._read(observations.prompts)
        scores = hidden @ self.choices[self._action_sets.tokens].T  # (U, K)
        logits = scores[observations.rows[:, None], self._action_sets.places[observations.task_ids]]
        logits = logits.masked_fill(self._action_sets.barred(observations), torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), self.value(hidden).squeeze(-1)[observations.rows]

    def description(self) -> dict[str, Any]:
        """Return, as JSON data, all but the weights."""
        return {
            "kind": "mlp",
            "config": self.config.model_dump(),
            "seed": self.seed,
            "words": list(self._words),
            "action_sets": {str(task_id): list(phrases) for task_id, phrases in self.action_sets.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy that `description` tells of; its weights are to be loaded next."""
        policy = cls(MLPConfig(**description["config"]), torch.Generator().manual_seed(0))
        policy.seed = description["seed"]
        policy._learn_words(description["words"])
        for task_id, phrases in description["action_sets"].items():
            policy.add_task(int(task_id), phrases, ())
        return policy

    def word_vectors(self, prompts: Prompts) -> Tensor:
        """Return the vector of each word at its place, sentence after sentence (words, D)."""
        return F.embedding(self._cells(prompts), self.vectors.view(-1, self.config.width))

    def _cells(self, prompts: Prompts) -> Tensor:
        """Return which row of (V * P, D) vectors each word reads, sentence after sentence."""
        places = torch.arange(prompts.tokens.shape[1], device=prompts.tokens.device)
        real = places < prompts.lengths[:, None]
        return (prompts.tokens * self.config.context + places)[real]

    def _read(self, prompts: Prompts) -> Tensor:
        """Return the last hidden layer (U, D)."""
        begins = prompts.lengths.cumsum(0) - prompts.lengths
        vectors = self.vectors.view(-1, self.config.width)  # (V * P, D)
        hidden = torch.tanh(F.embedding_bag(self._cells(prompts), vectors, begins, mode="sum") + self.offset)
        for layer in self.hidden:
            hidden = torch.tanh(layer(hidden))
        return hidden

    def _numbered(self, texts: Sequence[str]) -> Prompts:
        read = [split(self.limit.fitted(text, self.length))[-self.config.context :] for text in texts]
        rows = [[self._words.get(word, UNKNOWN) for word in words] for words in read]
        return Prompts.padded(rows, self.offset.device)

    def _learn_words(self, words: Sequence[str]) -> None:
        found = dict.fromkeys(word for text in words for word in split(text))
        new = [word for word in found if word not in self._words]
        for word in new:
            self._words[word] = len(self._words) + 1
        if new:
            rows = self._drawn(new, self.vectors.shape[1], WORD_STD).to(self.vectors)
            self.vectors = nn.Parameter(torch.cat([self.vectors.detach(), rows]))

    def _drawn(self, names: Sequence[str], width: int, deviation: float) -> Tensor:
        """Draw a row for each name, from the seed and the name itself: when it is met makes no difference."""
        rows = torch.empty(len(names), width)
        for row, name in zip(rows, names, strict=True):
            own = torch.Generator().manual_seed(self.seed ^ zlib.crc32(name.encode()))
            row.normal_(0.0, deviation, generator=own)
        return rows
