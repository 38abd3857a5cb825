"""Produce the shipped weights: corpus, training and measured perplexity, all from one seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from agents.config.agent import ModelConfig
from agents.language.transformer import Transformer
from agents.pretraining import ngrams
from agents.pretraining.corpus import corpus_lines, held_out_tasks, training_tasks, vocabulary_of
from agents.pretraining.recipe import Recipe
from agents.pretraining.training import PretrainingProgress, perplexity, tokenised, train

_TRAIN_PER_HELD_OUT = 10
"""Training lines per held-out line."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Lines to train on, and lines to evaluate on."""

    train: Sequence[str]
    """Training lines."""
    held_out: Sequence[str]
    """Other lines of the training tasks."""
    new_tasks: Sequence[str]
    """Lines of the held-out tasks."""


def create_corpus(recipe: Recipe) -> Corpus:
    """Play every task as the recipe says."""
    first, second, third = np.random.SeedSequence(recipe.seed).spawn(3)
    training_lines = corpus_lines(training_tasks(), recipe.lines, recipe.expert, first)
    known = frozenset(training_lines)
    more_lines = corpus_lines(training_tasks(), recipe.lines // _TRAIN_PER_HELD_OUT, recipe.expert, second)
    new_tasks = corpus_lines(held_out_tasks(), recipe.lines // _TRAIN_PER_HELD_OUT, recipe.expert, third)
    return Corpus(training_lines, [line for line in more_lines if line not in known], new_tasks)


def untrained(recipe: Recipe) -> Transformer:
    """Return an untrained model of default size whose vocabulary has every word of all tasks."""
    init_rng = torch.Generator().manual_seed(recipe.seed)
    return Transformer(ModelConfig(), init_rng, vocabulary_of(training_tasks() + held_out_tasks()))


def pretrain(model: Transformer, corpus: Corpus, recipe: Recipe) -> Iterator[PretrainingProgress]:
    """Train the model on the corpus, yielding the progress at intervals."""
    generator = torch.Generator().manual_seed(recipe.seed + 1)
    yield from train(model, tokenised(model, corpus.train), recipe.steps, generator)


def perplexities(model: Transformer, corpus: Corpus) -> dict[str, dict[str, float]]:
    """Return the perplexity of the model and of n-gram models on held-out lines and on lines of held-out tasks."""
    train_lines = tokenised(model, corpus.train)
    counts: dict[str, ngrams.Unigram | ngrams.Bigram] = {
        "unigram": ngrams.Unigram(train_lines, len(model.tokens)),
        "bigram": ngrams.Bigram(train_lines, len(model.tokens)),
    }
    measured = {}
    for name, held_out_lines in (("held_out", corpus.held_out), ("new_tasks", corpus.new_tasks)):
        tokens = tokenised(model, held_out_lines)
        measured[name] = {"model": perplexity(model, tokens)}
        measured[name] |= {model_name: ngrams.perplexity(count, tokens) for model_name, count in counts.items()}
    return measured


def provenance(recipe: Recipe, corpus: Corpus, measured: Mapping[str, Mapping[str, float]]) -> dict[str, object]:
    """Return the recipe, the corpus and the measured perplexities, as JSON data."""
    rounded = {
        name: {model_name: round(number, 4) for model_name, number in each.items()} for name, each in measured.items()
    }
    held_out = [task.key for task in held_out_tasks()]
    return {"recipe": asdict(recipe), "distinct": len(corpus.train), "never_read": held_out, "perplexity": rounded}
