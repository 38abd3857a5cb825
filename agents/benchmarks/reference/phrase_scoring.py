"""Are phrases scored exactly, and how much sooner when all of them share the sentence before them?"""

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

APART, GAIN = 1e-5, 2.5
LENGTH, PHRASES = 60, 12
SIZE: Mapping[str, int] = {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 4}
Phrases = tuple[tuple[int, ...], ...]


def measure(rounds: int = 15) -> list[Figure]:
    """Score with the built-in model and with one of each family, drawn at random; time the one of Llama."""
    figures = _exact("built-in", Transformer(ModelConfig(), torch.Generator().manual_seed(0), TEXT))
    with TemporaryDirectory() as folder:
        for family in FAMILIES:
            figures += _exact(family, _drawn(Path(folder) / family, family))
        figures.append(_sooner(_drawn(Path(folder) / "timed", "llama", SIZE), rounds))
    return figures


def _drawn(folder: Path, family: str, size: Mapping[str, int] | None = None) -> Pretrained:
    source = draw_model(folder, family, size=size)
    return Pretrained(PretrainedConfig(source=str(source), context=128), torch.Generator().manual_seed(0))


@torch.no_grad()
def _exact(name: str, model: LanguageModel) -> list[Figure]:
    prompts, phrases = _prompts(model), _phrases(model)
    apart = float((model.score_tokens(prompts, phrases)[0] - token_by_token(model, prompts, phrases)).abs().max())
    total = model.score_tokens(prompts, complete_tree(model))[0].exp().double().sum(-1)
    missing = float((total - 1).abs().max())
    told = f"{PHRASES} phrases of 1 to 4 tokens after {LENGTH} and after 7, float32"
    tree = "every token as a phrase, but one, and that one followed by every token"
    return [
        at_most(f"{name}: difference of log-probabilities from token by token", apart, "", APART, told),
        at_most(f"{name}: difference of a complete tree's sum from 1", missing, "", APART, tree),
    ]


@torch.no_grad()
def _sooner(model: Pretrained, rounds: int) -> Figure:
    prompts, phrases = _prompts(model)[torch.tensor([0])], _phrases(model)
    contenders = {
        "shared": lambda: model.score_tokens(prompts, phrases),
        "alone": lambda: plain_score(model.base, prompts, phrases),
        "batch": lambda: _in_one_batch(model, prompts, phrases),
    }
    with torch.inference_mode():
        seconds = medians(contenders, rounds)
    gain, batch = (seconds[name] / seconds["shared"] for name in ("alone", "batch"))
    told = (
        f"{PHRASES} phrases after {LENGTH} tokens, Llama of {SIZE['num_hidden_layers']} layers of width "
        f"{SIZE['hidden_size']}, medians of {rounds} rounds: {1e3 * seconds['shared']:.1f} ms"
    )
    figure = at_least("one pass for all phrases against one pass per phrase", gain, "×", GAIN, told)
    return figure.beside(batch, "against all phrases in one batch, each after a prompt of its own")


def _in_one_batch(model: Pretrained, prompts: Prompts, phrases: Phrases) -> Tensor:
    """Read the prompt anew for each phrase, all of them in one batch."""
    rows = [[*prompts.tokens[0].tolist(), *phrase] for phrase in phrases]
    whole = Prompts.padded(rows, prompts.tokens.device)
    logits: Tensor = model.base(input_ids=whole.tokens, use_cache=False).logits
    return logits.log_softmax(-1)


def token_by_token(model: LanguageModel, prompts: Prompts, phrases: Phrases) -> Tensor:
    """Return log p(phrase | prompt), (B, A), asking for one token at a time, each from the very beginning."""
    told = []
    for row, length in zip(prompts.tokens.tolist(), prompts.lengths.tolist(), strict=True):
        for phrase in phrases:
            known, score = row[:length], 0.0
            for token in phrase:
                logits, _ = model(Prompts.padded([known], prompts.tokens.device))
                score += float(logits[0].double().log_softmax(-1)[token])
                known = [*known, token]
            told.append(score)
    return torch.tensor(told, dtype=torch.double).view(len(prompts), len(phrases))


def complete_tree(model: LanguageModel) -> Phrases:
    """Return phrases of which exactly one comes next, whatever the model says."""
    vocabulary = model(_prompts(model))[0].shape[1]
    return (*((token,) for token in range(1, vocabulary)), *((0, token) for token in range(vocabulary)))


def _prompts(model: LanguageModel) -> Prompts:
    device = model.encode(["go"]).tokens.device
    return Prompts.padded([_drawn_tokens(model, 0, LENGTH), _drawn_tokens(model, 1, 7)], device)


def _phrases(model: LanguageModel) -> Phrases:
    """Return phrases that begin alike now and then, as actions do."""
    tokens = _drawn_tokens(model, 2, PHRASES)
    return tuple((tokens[place // 4], *tokens[place : place + place % 4]) for place in range(PHRASES))


def _drawn_tokens(model: LanguageModel, seed: int, count: int) -> list[int]:
    known = model.encode([" ".join(TEXT)]).tokens[0]
    chosen = torch.randint(len(known), (count,), generator=torch.Generator().manual_seed(seed))
    tokens: list[int] = known[chosen].tolist()
    return tokens
