"""Are action phrases scored exactly, and how much faster if all of them share the prompt?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from agents.benchmarks.reference.random_models import FAMILIES, TEXT, draw_model
from agents.benchmarks.report.figure import Figure, at_least, at_most
from agents.benchmarks.report.timing import medians
from agents.config.agent import ModelConfig, PretrainedConfig
from agents.language import LanguageModel, Prompts
from agents.language.causal_scoring import plain_score
from agents.language.pretrained import Pretrained
from agents.language.transformer import Transformer

TOLERANCE, SPEEDUP = 1e-5, 2.5
LENGTH, PHRASES = 60, 12
SIZE: Mapping[str, int] = {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 4}
Phrases = tuple[tuple[int, ...], ...]


def measure(rounds: int = 15) -> list[Figure]:
    """Check the built-in model and a random model of each family; time the scoring of the Llama."""
    figures = _exact("built-in", Transformer(ModelConfig(), torch.Generator().manual_seed(0), TEXT))
    with TemporaryDirectory() as folder:
        for family in FAMILIES:
            figures += _exact(family, _random_model(Path(folder) / family, family))
        figures.append(_speedup(_random_model(Path(folder) / "timed", "llama", SIZE), rounds))
    return figures


def _random_model(folder: Path, family: str, size: Mapping[str, int] | None = None) -> Pretrained:
    source = draw_model(folder, family, size=size)
    return Pretrained(PretrainedConfig(source=str(source), context=128), torch.Generator().manual_seed(0))


@torch.no_grad()
def _exact(name: str, model: LanguageModel) -> list[Figure]:
    prompts, phrases = _prompts(model), _phrases(model)
    difference = float((model.score_tokens(prompts, phrases)[0] - token_by_token(model, prompts, phrases)).abs().max())
    total = model.score_tokens(prompts, complete_tree(model))[0].exp().double().sum(-1)
    missing = float((total - 1).abs().max())
    source = f"{PHRASES} phrases of 1 to 4 tokens after {LENGTH} and after 7, float32"
    tree_source = "every token as a phrase, but one, and that one followed by every token"
    return [
        at_most(f"{name}: difference of log-probabilities from token by token", difference, "", TOLERANCE, source),
        at_most(f"{name}: difference of a complete tree's sum from 1", missing, "", TOLERANCE, tree_source),
    ]


@torch.no_grad()
def _speedup(model: Pretrained, rounds: int) -> Figure:
    prompts, phrases = _prompts(model)[torch.tensor([0])], _phrases(model)
    contenders = {
        "shared": lambda: model.score_tokens(prompts, phrases),
        "alone": lambda: plain_score(model.base, prompts, phrases),
        "batch": lambda: _in_one_batch(model, prompts, phrases),
    }
    with torch.inference_mode():
        seconds = medians(contenders, rounds)
    speedup, batch = (seconds[name] / seconds["shared"] for name in ("alone", "batch"))
    source = (
        f"{PHRASES} phrases after {LENGTH} tokens, Llama of {SIZE['num_hidden_layers']} layers of width "
        f"{SIZE['hidden_size']}, medians of {rounds} rounds: {1e3 * seconds['shared']:.1f} ms"
    )
    figure = at_least("one pass for all phrases against one pass per phrase", speedup, "×", SPEEDUP, source)
    return figure.beside(batch, "against all phrases in one batch, each after a prompt of its own")


def _in_one_batch(model: Pretrained, prompts: Prompts, phrases: Phrases) -> Tensor:
    """Score all phrases in one batch, with a copy of the prompt for each."""
    rows = [[*prompts.tokens[0].tolist(), *phrase] for phrase in phrases]
    whole = Prompts.padded(rows, prompts.tokens.device)
    logits: Tensor = model.base(input_ids=whole.tokens, use_cache=False).logits
    return logits.log_softmax(-1)


def token_by_token(model: LanguageModel, prompts: Prompts, phrases: Phrases) -> Tensor:
    """Return log p(phrase | prompt), (B, A), with a full forward pass for each token of each of A phrases."""
    scores = []
    for row, length in zip(prompts.tokens.tolist(), prompts.lengths.tolist(), strict=True):
        for phrase in phrases:
            context, score = row[:length], 0.0
            for token in phrase:
                logits, _ = model(Prompts.padded([context], prompts.tokens.device))
                score += float(logits[0].double().log_softmax(-1)[token])
                context = [*context, token]
            scores.append(score)
    return torch.tensor(scores, dtype=torch.double).view(len(prompts), len(phrases))


def complete_tree(model: LanguageModel) -> Phrases:
    """Return phrases whose probabilities sum to 1: every continuation begins with exactly one of them."""
    vocabulary = model(_prompts(model))[0].shape[1]
    return (*((token,) for token in range(1, vocabulary)), *((0, token) for token in range(vocabulary)))


def _prompts(model: LanguageModel) -> Prompts:
    device = model.encode(["go"]).tokens.device
    return Prompts.padded([_random_tokens(model, 0, LENGTH), _random_tokens(model, 1, 7)], device)


def _phrases(model: LanguageModel) -> Phrases:
    """Return phrases of which several share their first tokens, as actions do."""
    tokens = _random_tokens(model, 2, PHRASES)
    return tuple((tokens[index // 4], *tokens[index : index + index % 4]) for index in range(PHRASES))


def _random_tokens(model: LanguageModel, seed: int, count: int) -> list[int]:
    vocabulary = model.encode([" ".join(TEXT)]).tokens[0]
    chosen = torch.randint(len(vocabulary), (count,), generator=torch.Generator().manual_seed(seed))
    tokens: list[int] = vocabulary[chosen].tolist()
    return tokens
