"""The language model as a policy: an action's logit is the log-probability of its phrase.

Shapes: B decisions, U distinct sentences, A actions in the longest action set, K distinct first tokens, width D.
"""

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
    """Scores each action phrase as the continuation of the sentence; a linear head on the hidden state is the value.

    A phrase's logit is its log-probability plus the model's bonus for each of its tokens.
    Trained from scratch, the bonus is the log of the initial vocabulary size, so that
    phrases of any length are equally likely at first; of a pretrained model it is 0, so
    that actions are as likely as their texts (Carta et al., 2023).
    """

    def __init__(self, model: LanguageModel, generator: torch.Generator) -> None:
        super().__init__()
        self.model = model
        self.value = DrawnLinear(model.width, 1, UNBIASED, generator)
        self.action_sets: dict[int, tuple[str, ...]] = {}
        """The action phrases of each task, by task id."""
        self._action_sets = self._action_tables()

    @classmethod
    def create(cls, config: Any, generator: torch.Generator) -> Self:
        """Return an untrained policy drawn from `generator`. Raises ValueError if its model cannot be loaded."""
        return cls(_kind(type(config)).create(config, generator), generator)

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Register a task, and add its words and those of its action phrases to the vocabulary."""
        self.model.learn_words([*words, *actions])
        self.action_sets[task_id] = tuple(actions)
        self._action_sets = self._action_tables()

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Encode one sentence per decision; distinct ones once, sorted, so that neighbours share prefixes."""
        return Observations.read(texts, task_ids, self.model.encode)

    @property
    def limit(self) -> ContextLimit:
        """The maximum length of a sentence."""
        return self.model.limit

    @property
    def template(self) -> str:
        """Fingerprint of the chat template around sentences; empty without one."""
        return self.model.template

    def length(self, text: str) -> int:
        """Return the number of tokens of a sentence, with all its words known."""
        return self.model.length(text)

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution with logits (B, A) over each decision's action set, and values (B,)."""
        self._action_sets = self._action_sets.to(self.value.weight.device)
        if self._action_sets.are_single_token(observations.task_ids):
            return self._score_tokens(self.model.read(observations.prompts), observations)
        return self._mask(*self._score_phrases(observations), observations)

    def consider(self, text: str, task_id: int) -> tuple[Categorical, Tensor, Attention]:
        """Return logits (1, A) and value (1,) of one sentence, and the last layer's attention to each of its words."""
        observations = self.encode([text], [task_id])
        self._action_sets = self._action_sets.to(self.value.weight.device)
        hidden, attention = self.model.read_with_attention(observations.prompts)
        are_single_token = self._action_sets.are_single_token(observations.task_ids)
        distribution, value = self._score_tokens(hidden, observations) if are_single_token else self(observations)
        return distribution, value, self._attention_by_word(observations.prompts, attention)

    def _score_tokens(self, hidden: Tensor, observations: Observations) -> tuple[Categorical, Tensor]:
        """Score single-token actions from hidden states (U, D): a softmax over them needs no other logits."""
        scores = self.model.next_logits(hidden, self._action_sets.tokens)  # (U, K)
        # (B, A): row of each decision's sentence, column of each of its actions' tokens
        logits = scores[observations.rows[:, None], self._action_sets.first_tokens[observations.task_ids]]
        return self._mask(logits, self.state_value(hidden)[observations.rows], observations)

    def state_value(self, hidden: Tensor) -> Tensor:
        """Return the values (U,) of sentences from their hidden states (U, D)."""
        value: Tensor = self.value(self.model.normalise_hidden(hidden)).squeeze(-1)
        return value

    def _mask(self, logits: Tensor, values: Tensor, observations: Observations) -> tuple[Categorical, Tensor]:
        """Mask the logits (B, A) of the actions that a decision does not have."""
        logits = logits.masked_fill(self._action_sets.unavailable(observations), torch.finfo(logits.dtype).min)
        return Categorical(logits=logits, validate_args=False), values

    def _attention_by_word(self, prompts: Prompts, attention: Tensor) -> Attention:
        weights = attention[0].tolist()
        if not weights:
            return ()
        by_word: list[tuple[str, float]] = []
        for word, size in self.model.pieces(prompts.tokens[0].tolist()):
            by_word.append((word, sum(weights[:size])))
            weights = weights[size:]
        return tuple(by_word)

    def description(self) -> dict[str, Any]:
        """Return everything but the weights, as JSON data."""
        return {
            "kind": self.model.kind,
            "model": self.model.description(),
            "action_sets": {str(task_id): list(phrases) for task_id, phrases in self.action_sets.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the policy of a `description`; its weights are loaded afterwards."""
        kind = names(LANGUAGE_MODELS)[description["kind"]]
        policy = cls(_kind(kind).from_description(description["model"]), torch.Generator().manual_seed(0))
        for task_id, phrases in description["action_sets"].items():
            policy.add_task(int(task_id), phrases, ())
        return policy

    def _score_phrases(self, observations: Observations) -> tuple[Tensor, Tensor]:
        """Return logits (B, A) and values (B,), task by task: each sentence is scored with its task's phrases only."""
        orders, logits, values = [], [], []
        for task_id in observations.task_ids.unique().tolist():
            order = (observations.task_ids == task_id).nonzero().squeeze(1)
            own = observations[order]
            phrases = self.action_sets[task_id]
            scores, hidden = self.model.score(own.prompts, phrases)  # one row per distinct sentence of the task
            bonus = self.model.bonus * scores.new_tensor(self.model.phrase_lengths(phrases))
            padding = self._action_sets.offered.shape[1] - len(phrases)
            orders.append(order)
            logits.append(F.pad(scores + bonus, (0, padding))[own.rows])
            values.append(self.state_value(hidden)[own.rows])
        restore_order = torch.cat(orders).argsort()  # (B,) from grouped by task to the order of the observations
        return torch.cat(logits)[restore_order], torch.cat(values)[restore_order]

    def _action_tables(self) -> ActionSets:
        phrases = {
            task_id: [self.model.tokenise(phrase) for phrase in action_set]
            for task_id, action_set in self.action_sets.items()
        }
        return ActionSets.of(phrases, self.value.weight.device)


def _kind(settings: type) -> type[LanguageModel]:
    """Return the model class of these settings, imported only now, since `transformers` takes seconds."""
    try:
        kind: type[LanguageModel] = resolve_name(LANGUAGE_MODELS[settings])
    except ModuleNotFoundError as error:
        raise ValueError(
            f"model.name: a pretrained model needs {error.name}; install it with pip install 'palimpsest[llm]'"
        ) from error
    return kind
