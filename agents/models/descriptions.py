"""Facts about a model as lines of text, for the window and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agents.models import MemoryEstimate, ModelFacts, TrainedLayers

UNSTATED = "not stated"
MAX_LAYERS = 6
"""Maximum kinds of layers to list."""


@dataclass(frozen=True, slots=True)
class ModelFact:
    """A titled line about a model: the template `text` and its `arguments`."""

    title: str
    text: str
    arguments: dict[str, Any] = field(default_factory=dict)
    tip: str = ""
    """Tooltip: how the number is computed."""

    def __str__(self) -> str:
        return self.text.format(**self.arguments)


TITLES = (
    *("Architecture", "Weights", "From", "Commit", "Licence", "On disk", "Context", "Chat", "Trains"),
    *("Memory needed", "Frozen weights", "Learned weights", "Optimiser", "Largest batch"),
)
TEXTS = (
    *("{weights} as {dtype}", "built in", UNSTATED, "{tokens} tokens", "every weight, and a value head of {head}"),
    *("its tokeniser has a chat template", "no chat template", "{layers}; value head {head}"),
    *("nothing beside the table", "{lasting}; at most {total} with a batch", "{size}, gradients included"),
    "{size}: {sentences} sentences of {tokens} tokens",
)
TIPS = (
    "what the model brings along: 4 bytes a weight, 2 as bfloat16; learning every weight keeps a second copy",
    "adapter and value head, and their gradients: 4 bytes a weight each",
    "two moments of Adam: 8 bytes for each weight that is learned",
    "at most: what a full batch of the longest sentences leaves in every layer for its gradients",
    "the sum of the lines below, estimated; strategies, memories and worlds come on top",
)
"""All templates of this module, for the translation."""


def describe(facts: ModelFacts) -> tuple[ModelFact, ...]:
    """Return the lines about a model: first its own facts, then those of a run with it."""
    return tuple(_of_model(facts)) + tuple(_of_run(facts))


def _of_model(facts: ModelFacts) -> Iterator[ModelFact]:
    if facts.architecture:
        yield ModelFact("Architecture", "{name}", {"name": facts.architecture})
    if facts.weights:
        yield ModelFact("Weights", "{weights} as {dtype}", {"weights": f"{facts.weights:,}", "dtype": facts.dtype})
    yield ModelFact("From", "{place}", {"place": facts.origin}) if facts.origin else ModelFact("From", "built in")
    if facts.commit:
        yield ModelFact("Commit", "{name}", {"name": facts.commit[:12]})
    if facts.origin:
        yield (
            ModelFact("Licence", "{name}", {"name": facts.licence}) if facts.licence else ModelFact("Licence", UNSTATED)
        )
    if facts.disk:
        yield ModelFact("On disk", "{size}", {"size": size(facts.disk)})
    if facts.context:
        yield ModelFact("Context", "{tokens} tokens", {"tokens": f"{facts.context:,}"})
    if facts.disk:
        has = "its tokeniser has a chat template" if facts.has_template else "no chat template"
        yield ModelFact("Chat", has)


def _of_run(facts: ModelFacts) -> Iterator[ModelFact]:
    if not facts.weights:
        if not facts.origin:
            yield ModelFact("Trains", "nothing beside the table")
        return
    head = f"{facts.head:,}"
    if facts.is_whole:
        yield ModelFact("Trains", "every weight, and a value head of {head}", {"head": head})
    else:
        yield ModelFact("Trains", "{layers}; value head {head}", {"layers": _layers(facts.layers), "head": head})
    yield from _of_memory(facts.memory, facts.batch)


def _of_memory(memory: MemoryEstimate, batch: tuple[int, int]) -> Iterator[ModelFact]:
    weights_tip, learned_tip, optimiser_tip, batch_tip, total_tip = TIPS
    sizes = {"lasting": size(memory.persistent), "total": size(memory.total)}
    yield ModelFact(
        "Memory needed",
        "{lasting}; at most {total} with a batch" if memory.activations else "{lasting}",
        sizes,
        total_tip,
    )
    if memory.weights:
        yield ModelFact("Frozen weights", "{size}", {"size": size(memory.weights)}, weights_tip)
    yield ModelFact(
        "Learned weights",
        "{size}, gradients included",
        {"size": size(memory.learned + memory.gradients)},
        learned_tip,
    )
    yield ModelFact("Optimiser", "{size}", {"size": size(memory.optimiser)}, optimiser_tip)
    if memory.activations:
        sentences, tokens = batch
        arguments = {"size": size(memory.activations), "sentences": f"{sentences:,}", "tokens": f"{tokens:,}"}
        yield ModelFact("Largest batch", "{size}: {sentences} sentences of {tokens} tokens", arguments, batch_tip)


def _layers(layers: tuple[TrainedLayers, ...]) -> str:
    rows = [f"{row.name} {row.inputs:,}→{row.outputs:,} ×{row.count}" for row in layers[:MAX_LAYERS]]
    return ", ".join(rows) + (", …" if len(layers) > MAX_LAYERS else "")


def size(count: int) -> str:
    """Format a number of bytes in the largest unit of which it has at least one."""
    for unit, each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= each:
            return f"{count / each:,.1f} {unit}"
    return f"{count} B"
