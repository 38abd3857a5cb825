"""The language model as a policy: an action's logit is the log-probability of its phrase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pkgutil import resolve_name
from typing import Any, Self

import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.nn import functional as F

from agents.language import LanguageModel, Prompts
from agents.language.block import UNBIASED, DrawnLinear
from agents.language.context_limit import ContextLimit
from agents.policies import AgentPolicy, Attention, Observations
from agents.policies.action_sets import ActionSets
from agents.registry import LANGUAGE_MODELS, names


class LanguagePolicy(AgentPolicy):
    """Scores each action's phrase as the continuation of the sentence, and values the sentence.

    A phrase's logit is its log-probability plus, for every token, the model's bonus: of a
    model trained from scratch the log of its vocabulary's size at birth, so that short and
    long phrases start equal; of a pretrained one 0, so that actions are as likely as what
    it would say (Carta et al., 2023).
    """

    def __init__(self, model: LanguageModel, generator: torch.Generator) -> None:
        super().__init__()
        self.model = model
        self.value = DrawnLinear(model.width, 1, UNBIASED, generator)
        self.action_sets: dict[int, tuple[str, ...]] = {}
        """The phrases that each column offers."""
        self._action_sets = self._tabulate()

    @classmethod
    def create(cls, config: Any, generator: torch.Generator) -> Self:
        """Return an untrained one, drawn from `generator`. Raises ValueError if its model can't be had."""
        return cls(_kind(type(config)).create(config, generator), generator)

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task: the phrases it offers, and the words its world uses."""
        self.model.learn_words([*words, *actions])
        self.action_sets[task_id] = tuple(actions)
        self._action_sets = self._tabulate()

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Prepare sentences; equal ones are encoded once, in an order that lets neighbours share their beginnings."""
        return Observations.read(texts, task_ids, self.model.encode)

    @property
    def limit(self) -> ContextLimit:
        """How much of a sentence the model reads."""
        return self.model.limit

    @property
    def template(self) -> str:
        """What tells the chat template from others in which it reads sentences; empty where there is none."""
        return self.model.template

    def length(self, text: str) -> int:
        """Return how many tokens a sentence has, once its words were met."""
        return self.model.length(text)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over each decision's own actions, and its value (B,)."""
        self._action_sets = self._action_sets.to(self.value.weight.device)
        at_once = self._action_sets.read_at_once(observations.task_ids)
        if at_once:
            return self._choose(self.model.read(observations.prompts), observations)
        return self._offer(*self._score(observations), observations)

    def consider(self, text: str, task_id: int) -> tuple[Categorical, Tensor, Attention]:
        """Return what `forward` returns for one sentence, and how much the last layer looked at each of its words."""
        observations = self.encode([text], [task_id])
        self._action_sets = self._action_sets.to(self.value.weight.device)
        hidden, attention = self.model.read_with_attention(observations.prompts)
        at_once = self._action_sets.read_at_once(observations.task_ids)
        distribution, value = self._choose(hidden, observations) if at_once else self(observations)
        return distribution, value, self._by_word(observations.prompts, attention)

    def _choose(self, hidden: Tensor, observations: Observations) -> tuple[Categorical, Tensor]:
        """Score actions of one token: their softmax needs no other word of the vocabulary."""
        scores = self.model.openings(hidden, self._action_sets.tokens)  # (U, K)
        logits = scores[observations.rows[:, None], self._action_sets.places[observations.task_ids]]
        return self._offer(logits, self.worth(hidden)[observations.rows], observations)

    def worth(self, hidden: Tensor) -> Tensor:
        """Return the value (U,) of sentences by their hidden state (U, D)."""
        value: Tensor = self.value(self.model.levelled(hidden)).squeeze(-1)
        return value

    def _offer(self, logits: Tensor, values: Tensor, observations: Observations) -> tuple[Categorical, Tensor]:
        """Bar the actions that a decision does not have."""
        logits = logits.masked_fill(self._action_sets.barred(observations), torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), values

    def _by_word(self, prompts: Prompts, attention: Tensor) -> Attention:
        weights = attention[0].tolist()
        if not weights:
            return ()
        found: list[tuple[str, float]] = []
        for word, size in self.model.pieces(prompts.tokens[0].tolist()):
            found.append((word, sum(weights[:size])))
            weights = weights[size:]
        return tuple(found)

    def description(self) -> dict[str, Any]:
        """Return, as JSON data, all but the weights."""
        return {
            "kind": self.model.kind,
            "model": self.model.description(),
            "action_sets": {str(task_id): list(phrases) for task_id, phrases in self.action_sets.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy that `description` tells of; its weights are to be loaded next."""
        kind = names(LANGUAGE_MODELS)[description["kind"]]
        policy = cls(_kind(kind).from_description(description["model"]), torch.Generator().manual_seed(0))
        for task_id, phrases in description["action_sets"].items():
            policy.add_task(int(task_id), phrases, ())
        return policy

    def _score(self, observations: Observations) -> tuple[Tensor, Tensor]:
        """Score phrases, task by task: a sentence is continued by its own task's phrases only."""
        orders, logits, values = [], [], []
        for task_id in observations.task_ids.unique().tolist():
            order = (observations.task_ids == task_id).nonzero().squeeze(1)
            own = observations[order]
            phrases = self.action_sets[task_id]
            scores, hidden = self.model.score(own.prompts, phrases)
            bonus = self.model.bonus * scores.new_tensor(self.model.phrase_lengths(phrases))
            missing = self._action_sets.offered.shape[1] - len(phrases)
            orders.append(order)
            logits.append(F.pad(scores + bonus, (0, missing))[own.rows])
            values.append(self.worth(hidden)[own.rows])
        back = torch.cat(orders).argsort()
        return torch.cat(logits)[back], torch.cat(values)[back]

    def _tabulate(self) -> ActionSets:
        phrases = {
            task_id: [self.model.tokenise(phrase) for phrase in action_set]
            for task_id, action_set in self.action_sets.items()
        }
        return ActionSets.of(phrases, self.value.weight.device)


def _kind(settings: type) -> type[LanguageModel]:
    """Return the class of models that has these settings, importing it only now."""
    try:
        kind: type[LanguageModel] = resolve_name(LANGUAGE_MODELS[settings])
    except ModuleNotFoundError as error:
        raise ValueError(
            f"model.name: a pretrained model needs {error.name}; install it with pip install 'palimpsest[llm]'"
        ) from error
    return kind
