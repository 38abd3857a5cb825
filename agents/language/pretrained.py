"""A pretrained causal transformer (Hugging Face) as the agent's language model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config.agent import PretrainedConfig
from agents.language import LanguageModel, Prompts, Trace, causal_scoring
from agents.language.hf_tokenizer import HFTokenizer
from agents.language.lora_base import adapted, check_tokens, load_base_model, sharing
from agents.language.phrase_tree import PhraseTree, Trees
from agents.models.sources import fingerprint, located

LONGEST_PHRASE = 32
"""Tokens of an answer for which there must be positions after the longest prompt."""


class Pretrained(LanguageModel):
    """Reads and speaks with a model of `transformers`; what it learns here is an adapter (LoRA, Hu et al., 2022).

    With rank 0 it learns every weight instead. Dropout stays off: what was done must be
    found as likely as it was when it is learned from.
    """

    kind: ClassVar[str] = "pretrained"

    def __init__(self, config: PretrainedConfig, generator: torch.Generator, expected: str = "") -> None:
        """Raises ValueError, in one line, if the model can't be had, or is not the `expected` one."""
        super().__init__()
        folder = located(config)
        self.config, self.context = config, config.context
        self.fingerprint = fingerprint(folder)
        if expected not in ("", self.fingerprint):
            raise ValueError(
                f"model.source: {config.source!r} is not the model that this agent learned with "
                f"(fingerprint {self.fingerprint[:12]}, not {expected[:12]}); put that one back"
            )
        self._wording = HFTokenizer(folder, config)
        self.limit = self._wording.limit
        found = load_base_model(folder, self.fingerprint, config)
        _check_context(found.config, config, self._wording)
        check_tokens(found, self._wording, config.source)
        self._found = (
            found,
        )  # in a tuple, so that it is not taken for a part that learns; kept, so that others find it
        self.base: Any = adapted(found, config, generator)
        self._stays = frozenset(dict(self.base.named_buffers())) - frozenset(dict(found.named_buffers()))
        self.width = int(self._embedding.weight.shape[1])
        self._trees = Trees()

    @classmethod
    def create(cls, config: PretrainedConfig, generator: torch.Generator) -> Self:
        """Return one that has learned nothing here; its adapter is drawn from `generator`, and changes nothing yet."""
        return cls(config, generator)

    @property
    def template(self) -> str:
        """What tells its chat template from others; empty where it has none, or does not chat."""
        return self._wording.chat.fingerprint if self._wording.chat else ""

    def learn_words(self, words: Iterable[str]) -> int:
        """Learn none: its vocabulary is given."""
        return 0

    def encode(self, texts: Sequence[str]) -> Prompts:
        """Turn texts into tokens on the device of the weights, as turns of a chat if it was taught that."""
        return Prompts.padded([self._wording.prompt(text) for text in texts], self._embedding.weight.device)

    def length(self, text: str) -> int:
        """Return how many tokens a sentence has before it is cut."""
        return self._wording.length(text)

    def decode(self, tokens: Tensor) -> str:
        """Turn (T,) token ids into text."""
        return self._wording.decode(tokens.tolist())

    def tokenise(self, phrase: str) -> tuple[int, ...]:
        """Return the tokens of a phrase as it follows a sentence: as its next word, or as an answer in a chat."""
        return self._wording.phrase(phrase)

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return each word behind `tokens`, and how many of them it took."""
        return self._wording.pieces(tokens)

    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""
        hidden = self.read(prompts)
        return causal_scoring.logits(self.base, hidden), hidden

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""
        return causal_scoring.states(self.base, prompts, None)[:, 0]

    def read_with_attention(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return what `read` returns, and nothing: fast attention does not tell where it looks."""
        return self.read(prompts), torch.zeros(len(prompts), 0)

    def openings(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Return the logits (B, K) of some tokens as the next one, given the hidden state (B, D)."""
        return causal_scoring.logits(self.base, hidden)[:, tokens]

    def score_tokens(self, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> tuple[Tensor, Tensor]:
        """Score all phrases in one pass over their tree; keys and values of the prompt are computed once for all."""
        tree = self._tree(phrases)
        hidden = causal_scoring.states(self.base, prompts, tree)
        return causal_scoring.tree_log_probs(self.base, hidden, tree).sum(-1), hidden[:, 0]

    def trace(self, prompt: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Trace:
        """Do as `score_tokens` for one sentence, token by token, and so that one can ask what the sentence did."""
        tree = self._tree(phrases)
        words = self._embedding(prompt.tokens[0]).detach().requires_grad_()
        hidden = causal_scoring.states(self.base, prompt, tree, words)
        return Trace(causal_scoring.tree_log_probs(self.base, hidden, tree)[0], hidden[:, 0], words)

    def levelled(self, hidden: Tensor) -> Tensor:
        """Return hidden states with mean 0 and deviation 1: models differ a hundredfold in how large theirs are."""
        return F.layer_norm(hidden.float(), (self.width,))

    @torch.no_grad()
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample up to `limit` tokens after `prompt`, until the model says it is done."""
        tokens, past, said = self.encode([prompt]).tokens, None, list[int]()
        for _ in range(limit):
            step = self.base.base_model(input_ids=tokens, past_key_values=past, use_cache=True)
            past = step.past_key_values
            probabilities = (causal_scoring.logits(self.base, step.last_hidden_state[0, -1]) / temperature).softmax(-1)
            token = int(torch.multinomial(probabilities.to(generator.device), 1, generator=generator))
            if token == self._wording.end:
                break
            said.append(token)
            tokens = tokens.new_tensor([[token]])
        return self._wording.decode(said)

    def train(self, mode: bool = True) -> Self:
        """Train without dropout."""
        super().train(mode)
        self.base.eval()
        return self

    def description(self) -> dict[str, Any]:
        """Return, as JSON data, where the model comes from, how to know it again, and the shape of what is learned."""
        return {
            "config": self.config.model_dump(exclude={"download"}),  # being made again is no reason to fetch anything
            "fingerprint": self.fingerprint,
            "width": self.width,
            "weights": {name: list(weight.shape) for name, weight in self.state_dict().items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the model that `description` tells of. Raises ValueError if its source holds another one by now."""
        config = PretrainedConfig(**description["config"])
        return cls(config, torch.Generator().manual_seed(0), description["fingerprint"])

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy what is learned; what stays is shared."""
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        nn.Module.__init__(copied)
        shared = {"_found": self._found, "_wording": self._wording, "_trees": self._trees}
        copied.__dict__.update({**self.__dict__, **shared, "_modules": {"base": sharing(self.base)}})
        return copied

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Move once what is tied; frozen weights change their type with the device, if that is left to us."""
        stays = {id(tensor) for name, tensor in self.base.named_buffers(remove_duplicate=False) if name in self._stays}
        moved: dict[int, tuple[Tensor, Tensor]] = {}

        def once(tensor: Tensor) -> Tensor:
            if id(tensor) not in moved:
                result = fn(tensor)
                if id(tensor) in stays and self.config.dtype == "auto":
                    result = result.to(torch.bfloat16 if result.is_cuda else torch.float32)
                moved[id(tensor)] = (tensor, result)
            return moved[id(tensor)][1]

        applied: Self = super()._apply(once, recurse)  # type: ignore[no-untyped-call]
        return applied

    @property
    def _embedding(self) -> Any:
        return self.base.get_input_embeddings()

    def _tree(self, phrases: tuple[tuple[int, ...], ...]) -> PhraseTree:
        return self._trees.of(phrases, self._embedding.weight.device)


def _check_context(found: Any, config: PretrainedConfig, wording: HFTokenizer) -> None:
    most = getattr(found, "max_position_embeddings", None)
    wording.limit.largest = None if most is None else most - LONGEST_PHRASE
    if most is not None and config.context + LONGEST_PHRASE > most:
        raise ValueError(
            f"model.context: {config.source!r} has {most:,} places, and {LONGEST_PHRASE} are for answers; "
            f"set model.context to {most - LONGEST_PHRASE} or less"
        )
