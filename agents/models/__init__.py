"""Data classes for the facts about a model that are known before it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelWarning:
    """A one-line message about a model: the template `text` and its `arguments`, so that a window can translate it."""

    text: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.arguments)


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """The shape and type of a tensor, from the header of its file."""

    shape: tuple[int, ...]
    dtype: str
    """As the file names it, such as BF16."""

    @property
    def numbers(self) -> int:
        """Number of elements."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """The metadata of a pretrained model's files, read without the weights."""

    settings: Mapping[str, Any]
    """The contents of config.json."""
    tensors: Mapping[str, StoredTensor]
    disk: int
    """Bytes of all files."""
    licence: str = ""
    """Empty if none is stated."""
    has_template: bool = False
    """Whether the tokeniser has a chat template."""
    packing: str = ""
    """Name of the quantisation, such as Q8_0; empty without one."""

    @property
    def weights(self) -> int:
        """Number of weights; tied ones are stored, and counted, once."""
        return sum(tensor.numbers for tensor in self.tensors.values())

    def setting(self, *names: str) -> int:
        """Return the first of these integer settings that exists, else 0; model families use different names."""
        inner = self.settings.get("text_config")  # the language part of a multimodal model
        for table in (self.settings, inner if isinstance(inner, Mapping) else {}):
            for name in names:
                value = table.get(name)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    return int(value)
        return 0


@dataclass(frozen=True, slots=True)
class TrainedLayers:
    """Layers of equal name and shape in which the run would train weights."""

    name: str
    count: int
    inputs: int
    outputs: int
    trained: int
    """Trained weights per layer."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """The memory that a run needs for its model, in bytes."""

    weights: int
    """Frozen weights of the pretrained model."""
    learned: int = 0
    """Trained weights: the adapter or all weights, and the value head."""
    gradients: int = 0
    optimiser: int = 0
    """Adam's two moments of each trained weight."""
    activations: int = 0
    """Upper bound of the activations that the largest batch stores for its backward pass."""

    @property
    def persistent(self) -> int:
        """Bytes that stay allocated for the whole run: weights, gradients and optimiser moments."""
        return self.weights + self.learned + self.gradients + self.optimiser

    @property
    def total(self) -> int:
        """Bytes at the peak, during a backward pass."""
        return self.persistent + self.activations


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """All facts about a model before it is loaded, and the memory and trained layers of a run with it."""

    name: str
    """Display name."""
    origin: str
    """Its folder, file or hub page; empty for a built-in model."""
    commit: str = ""
    """Commit on the hub."""
    architecture: str = ""
    weights: int = 0
    """Number of weights."""
    dtype: str = ""
    """Type of the stored weights."""
    context: int = 0
    """Maximum tokens of its input; 0: unknown."""
    licence: str = ""
    """Empty if none is stated."""
    has_template: bool = False
    """Whether the tokeniser has a chat template."""
    disk: int = 0
    """Bytes of its files."""
    is_whole: bool = True
    """Whether all weights are trained, without an adapter."""
    layers: tuple[TrainedLayers, ...] = ()
    """The layers that would be trained, without the value head."""
    linear: tuple[str, ...] = ()
    """Last parts of the names of its linear layers, which can get an adapter."""
    head: int = 0
    """Number of weights of the value head."""
    memory: MemoryEstimate = MemoryEstimate(0)
    batch: tuple[int, int] = (0, 0)
    """Sentences of the largest batch, and maximum tokens per sentence."""
    problem: ModelWarning | None = None
    """The reason why it cannot be used; None: none is known."""
    warning: ModelWarning | None = None
    """A warning to show before it is used."""
