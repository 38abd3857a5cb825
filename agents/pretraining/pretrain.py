"""Produce the shipped weights: corpus, training and measured perplexity, all from one seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from agents.config.agent import ModelConfig
from agents.language.transformer import Transformer
from agents.pretraining import ngrams
from agents.pretraining.corpus import every_word, lines, worlds_held_out, worlds_read
from agents.pretraining.recipe import Recipe
from agents.pretraining.training import PretrainingProgress, perplexity, tokenised, train

_APART = 10
"""One line is held out for so many that are read."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is read, and what is only foretold."""

    read: Sequence[str]
    held_out: Sequence[str]
    """Lines of the same worlds that are not among those."""
    away: Sequence[str]
    """Lines of worlds that are never read."""


def text(recipe: Recipe) -> Corpus:
    """Play every world as the recipe says."""
    first, second, third = np.random.SeedSequence(recipe.seed).spawn(3)
    read = lines(worlds_read(), recipe.lines, recipe.expert, first)
    known = frozenset(read)
    others = lines(worlds_read(), recipe.lines // _APART, recipe.expert, second)
    away = lines(worlds_held_out(), recipe.lines // _APART, recipe.expert, third)
    return Corpus(read, [line for line in others if line not in known], away)


def untrained(recipe: Recipe) -> Transformer:
    """Return a built-in model of default size that knows every word of our worlds, and nothing else."""
    birth = torch.Generator().manual_seed(recipe.seed)
    return Transformer(ModelConfig(), birth, every_word(worlds_read() + worlds_held_out()))


def pretrain(model: Transformer, read: Corpus, recipe: Recipe) -> Iterator[PretrainingProgress]:
    """Let the model read the text, telling now and then how it goes."""
    generator = torch.Generator().manual_seed(recipe.seed + 1)
    yield from train(model, tokenised(model, read.read), recipe.steps, generator)


def perplexities(model: Transformer, read: Corpus) -> dict[str, dict[str, float]]:
    """Return how the model and the counts foretell lines held out, and lines of worlds that were never read."""
    known = tokenised(model, read.read)
    counts: dict[str, ngrams.Unigram | ngrams.Bigram] = {
        "unigram": ngrams.Unigram(known, len(model.tokens)),
        "bigram": ngrams.Bigram(known, len(model.tokens)),
    }
    found = {}
    for name, told in (("apart", read.held_out), ("away", read.away)):
        tokens = tokenised(model, told)
        found[name] = {"model": perplexity(model, tokens)}
        found[name] |= {who: ngrams.perplexity(count, tokens) for who, count in counts.items()}
    return found


def made(recipe: Recipe, read: Corpus, found: Mapping[str, Mapping[str, float]]) -> dict[str, object]:
    """Return, as JSON data, how the weights came about."""
    rounded = {name: {who: round(number, 4) for who, number in each.items()} for name, each in found.items()}
    held_out = [task.key for task in worlds_held_out()]
    return {"recipe": asdict(recipe), "distinct": len(read.read), "never_read": held_out, "perplexity": rounded}
