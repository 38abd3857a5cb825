"""Facts about a model before it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelWarning:
    """One line about a model: `text` with its places filled by `arguments`, so that a window can translate it."""

    text: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.arguments)


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """One tensor of a file of weights, as its header tells it."""

    shape: tuple[int, ...]
    dtype: str
    """As the file calls it, such as BF16."""

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """What the files of a pretrained model say of it; nothing of the weights themselves was read."""

    settings: Mapping[str, Any]
    """Its config.json."""
    tensors: Mapping[str, StoredTensor]
    disk: int
    """Bytes of all its files."""
    licence: str = ""
    """Empty where none is stated."""
    has_template: bool = False
    """Whether its tokeniser knows how a chat is written."""
    packing: str = ""
    """How its file calls the form in which numbers are packed; empty where they are not."""

    @property
    def weights(self) -> int:
        """How many weights it has; tied ones are stored, and counted, once."""
        return sum(tensor.numbers for tensor in self.tensors.values())

    def setting(self, *names: str) -> int:
        """Return the first of these settings that is there, as families call one thing by several names; else 0."""
        inner = self.settings.get("text_config")  # of a model that also sees
        for table in (self.settings, inner if isinstance(inner, Mapping) else {}):
            for name in names:
                value = table.get(name)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    return int(value)
        return 0


@dataclass(frozen=True, slots=True)
class TrainedLayers:
    """Layers of one name and shape of which the run would train something."""

    name: str
    count: int
    inputs: int
    outputs: int
    trained: int
    """Weights that are learned in each of them."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes that a run holds on account of its model."""

    weights: int
    """What the model brings along."""
    learned: int = 0
    """What is learned: the adapter, or every weight, and the value head."""
    gradients: int = 0
    optimiser: int = 0
    """Adam's two moments of each learned weight."""
    activations: int = 0
    """What the largest batch leaves behind for its gradients, at most."""

    @property
    def lasting(self) -> int:
        """What is held all the time."""
        return self.weights + self.learned + self.gradients + self.optimiser

    @property
    def total(self) -> int:
        """What is held at most."""
        return self.lasting + self.activations


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """Everything that is known of a model before it is loaded, and what a run with it would hold and train."""

    name: str
    """What people call it."""
    origin: str
    """The folder or file that it lies in, or the hub; empty for a built-in kind."""
    commit: str = ""
    """The hub's name of this very version."""
    architecture: str = ""
    weights: int = 0
    dtype: str = ""
    """How its weights are stored."""
    context: int = 0
    """Tokens that it can read at once; 0: not told."""
    licence: str = ""
    """Empty: not stated."""
    has_template: bool = False
    disk: int = 0
    """Bytes."""
    is_whole: bool = True
    """Whether every weight is learned, and not an adapter."""
    layers: tuple[TrainedLayers, ...] = ()
    """What would be trained of it, beside the value head."""
    linear: tuple[str, ...] = ()
    """How the names of its linear layers end, each once: those that can get an adapter."""
    head: int = 0
    """Weights of the value head."""
    memory: MemoryEstimate = MemoryEstimate(0)
    batch: tuple[int, int] = (0, 0)
    """Sentences of the largest batch, and tokens of each at most."""
    problem: ModelWarning | None = None
    """Why it cannot be used; None: nothing speaks against it."""
    warning: ModelWarning | None = None
    """What to think of before it is used."""
