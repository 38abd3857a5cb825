"""A pretrained causal transformer (Hugging Face) as the agent's language model.

Shapes: B prompts of T tokens, width D, vocabulary V; A phrases of at most L tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.config.agent import PretrainedConfig
from agents.language import LanguageModel, Prompts, Trace, causal_scoring
from agents.language.hf_tokenizer import HFTokenizer
from agents.language.lora_base import check_tokens, copy_sharing_frozen, load_base_model, with_adapters
from agents.language.phrase_tree import PhraseTree, PhraseTreeCache
from agents.models.sources import fingerprint, located

LONGEST_PHRASE = 32
"""Maximum tokens of a phrase, for which the model needs positions after the longest prompt."""


class Pretrained(LanguageModel):
    """A model of `transformers` that is trained through an adapter (LoRA, Hu et al., 2022), or with rank 0 as a whole.

    Dropout stays off: the probability of an action must be the same when it is taken and
    when it is learned from.
    """

    kind: ClassVar[str] = "pretrained"

    def __init__(self, config: PretrainedConfig, generator: torch.Generator, expected: str = "") -> None:
        """Load the model. Raises ValueError, in one line, if that fails, or if its fingerprint is not `expected`."""
        super().__init__()
        folder = located(config)
        self.config, self.context = config, config.context
        self.fingerprint = fingerprint(folder)
        if expected not in ("", self.fingerprint):
            raise ValueError(
                f"model.source: {config.source!r} is not the model that this agent learned with "
                f"(fingerprint {self.fingerprint[:12]}, not {expected[:12]}); put that one back"
            )
        self._tokenizer = HFTokenizer(folder, config)
        self.limit = self._tokenizer.limit
        base_model = load_base_model(folder, self.fingerprint, config)
        _check_context(base_model.config, config, self._tokenizer)
        check_tokens(base_model, self._tokenizer, config.source)
        # referenced, so that other instances find it loaded; in a tuple, so that it does not become a submodule
        self._base_model = (base_model,)
        self.base: Any = with_adapters(base_model, config, generator)
        self._frozen_names = frozenset(dict(self.base.named_buffers())) - frozenset(dict(base_model.named_buffers()))
        self.width = int(self._embedding.weight.shape[1])
        self._trees = PhraseTreeCache()

    @classmethod
    def create(cls, config: PretrainedConfig, generator: torch.Generator) -> Self:
        """Return the pretrained model with an untrained adapter drawn from `generator`, which changes nothing yet."""
        return cls(config, generator)

    @property
    def template(self) -> str:
        """Fingerprint of the chat template; empty if there is none or it is not used."""
        return self._tokenizer.chat.fingerprint if self._tokenizer.chat else ""

    def learn_words(self, words: Iterable[str]) -> int:
        """Return 0: the vocabulary is fixed."""
        return 0

    def encode(self, texts: Sequence[str]) -> Prompts:
        """Tokenise texts to prompts (B, T) on the device of the weights, as user turns if there is a chat template."""
        return Prompts.padded([self._tokenizer.prompt(text) for text in texts], self._embedding.weight.device)

    def length(self, text: str) -> int:
        """Return the number of tokens of a sentence before it is shortened."""
        return self._tokenizer.length(text)

    def decode(self, tokens: Tensor) -> str:
        """Decode (T,) token ids to text."""
        return self._tokenizer.decode(tokens.tolist())

    def tokenise(self, phrase: str) -> tuple[int, ...]:
        """Return the token ids of a phrase that follows a sentence: as its next word, or as an answer in a chat."""
        return self._tokenizer.phrase(phrase)

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Return the words that `tokens` encode, each with its number of tokens."""
        return self._tokenizer.pieces(tokens)

    def forward(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return next-token logits (B, V) and the hidden state (B, D) at each prompt's last token."""
        hidden = self.read(prompts)
        return causal_scoring.logits(self.base, hidden), hidden

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""
        return causal_scoring.states(self.base, prompts, None)[:, 0]

    def read_with_attention(self, prompts: Prompts) -> tuple[Tensor, Tensor]:
        """Return hidden states (B, D) and no attention, (B, 0): fused attention kernels do not return weights."""
        return self.read(prompts), torch.zeros(len(prompts), 0)

    def next_logits(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Return the next-token logits (B, K) of K `tokens` only, from hidden states (B, D)."""
        return causal_scoring.logits(self.base, hidden)[:, tokens]

    def score_tokens(self, prompts: Prompts, phrases: tuple[tuple[int, ...], ...]) -> tuple[Tensor, Tensor]:
        """Return log p(phrase | prompt), (B, A), and hidden states (B, D), in one pass over the tree of phrases."""
        tree = self._tree(phrases)
        hidden = causal_scoring.states(self.base, prompts, tree)  # (B, 1 + M, D) with M nodes in the tree
        return causal_scoring.tree_log_probs(self.base, hidden, tree).sum(-1), hidden[:, 0]

    def trace(self, prompt: Prompts, phrases: tuple[tuple[int, ...], ...]) -> Trace:
        """Score phrases after one prompt, token by token, with its embeddings as a leaf to differentiate by."""
        tree = self._tree(phrases)
        words = self._embedding(prompt.tokens[0]).detach().requires_grad_()
        hidden = causal_scoring.states(self.base, prompt, tree, words)
        return Trace(causal_scoring.tree_log_probs(self.base, hidden, tree)[0], hidden[:, 0], words)

    def normalise_hidden(self, hidden: Tensor) -> Tensor:
        """Return hidden states (B, D) with mean 0 and deviation 1, since their scale differs a hundredfold by model."""
        return F.layer_norm(hidden.float(), (self.width,))

    @torch.no_grad()
    def generate(self, prompt: str, generator: torch.Generator, limit: int = 32, temperature: float = 1.0) -> str:
        """Sample up to `limit` tokens after `prompt`, or until the end token."""
        tokens, past, sampled = self.encode([prompt]).tokens, None, list[int]()
        for _ in range(limit):
            step = self.base.base_model(input_ids=tokens, past_key_values=past, use_cache=True)
            past = step.past_key_values
            probabilities = (causal_scoring.logits(self.base, step.last_hidden_state[0, -1]) / temperature).softmax(-1)
            token = int(torch.multinomial(probabilities.to(generator.device), 1, generator=generator))
            if token == self._tokenizer.end:
                break
            sampled.append(token)
            tokens = tokens.new_tensor([[token]])
        return self._tokenizer.decode(sampled)

    def train(self, mode: bool = True) -> Self:
        """Set the training mode, but leave the base model in evaluation mode: without dropout."""
        super().train(mode)
        self.base.eval()
        return self

    def description(self) -> dict[str, Any]:
        """Return the model's source, fingerprint, width and trained shapes, as JSON data."""
        return {
            "config": self.config.model_dump(exclude={"download"}),  # rebuilding an agent must not download anything
            "fingerprint": self.fingerprint,
            "width": self.width,
            "weights": {name: list(weight.shape) for name, weight in self.state_dict().items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the model of a `description`. Raises ValueError if its source now holds another model."""
        config = PretrainedConfig(**description["config"])
        return cls(config, torch.Generator().manual_seed(0), description["fingerprint"])

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the trained weights, and share the frozen ones."""
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        nn.Module.__init__(copied)
        shared = {"_base_model": self._base_model, "_tokenizer": self._tokenizer, "_trees": self._trees}
        copied.__dict__.update({**self.__dict__, **shared, "_modules": {"base": copy_sharing_frozen(self.base)}})
        return copied

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Apply `fn` once per tensor, so that tied weights stay tied.

        With `dtype = auto`, frozen weights are bfloat16 on a GPU and float32 on the CPU.
        """
        frozen = {
            id(tensor) for name, tensor in self.base.named_buffers(remove_duplicate=False) if name in self._frozen_names
        }
        results: dict[int, tuple[Tensor, Tensor]] = {}

        def apply_once(tensor: Tensor) -> Tensor:  # any shape; keeps the input alive, so that its id stays unique
            if id(tensor) not in results:
                result = fn(tensor)
                if id(tensor) in frozen and self.config.dtype == "auto":
                    result = result.to(torch.bfloat16 if result.is_cuda else torch.float32)
                results[id(tensor)] = (tensor, result)
            return results[id(tensor)][1]

        applied: Self = super()._apply(apply_once, recurse)  # type: ignore[no-untyped-call]
        return applied

    @property
    def _embedding(self) -> Any:
        return self.base.get_input_embeddings()

    def _tree(self, phrases: tuple[tuple[int, ...], ...]) -> PhraseTree:
        return self._trees.of(phrases, self._embedding.weight.device)


def _check_context(base_model: Any, config: PretrainedConfig, tokenizer: HFTokenizer) -> None:
    positions = getattr(base_model, "max_position_embeddings", None)
    tokenizer.limit.largest = None if positions is None else positions - LONGEST_PHRASE
    if positions is not None and config.context + LONGEST_PHRASE > positions:
        raise ValueError(
            f"model.context: {config.source!r} has {positions:,} positions, and {LONGEST_PHRASE} are for answers; "
            f"set model.context to {positions - LONGEST_PHRASE} or less"
        )
