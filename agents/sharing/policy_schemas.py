"""Schemas of imported policies: for each kind, its description and the weights that it must have."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, field_validator, model_validator

from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig
from agents.models.transformer_shapes import Shapes
from agents.sharing.agent_file import ActionSets, Description, expected
from envs.options import Frozen


class MLPBody(Frozen):
    """A policy that is a multilayer perceptron."""

    kind: Literal["mlp"]
    """Kind of policy."""
    config: MLPConfig
    """Its size."""
    seed: int = Field(ge=0, lt=2**31)
    """Seed of the weights of new words."""
    words: tuple[str, ...]
    """The vocabulary: words with a row in the first layer."""
    action_sets: ActionSets
    """The action phrases of each task, by task id."""

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every weight."""
        width = self.config.width
        layers = {f"hidden.{index}": (width, width) for index in range(self.config.layers - 1)}
        return {
            "vectors": (1 + len(self.words), self.config.context * width),
            "offset": (width,),
            "choices": (sum(map(len, self.action_sets.values())), width),
            **{f"{name}.weight": shape for name, shape in layers.items()},
            **{f"{name}.bias": (width,) for name in layers},
            "value.weight": (1, width),
            "value.bias": (1,),
        }


class Pretrained(Frozen):
    """A pretrained model: its source, and the weights that are trained in addition."""

    config: PretrainedConfig
    """Its settings."""
    fingerprint: str = Field(pattern=r"[0-9a-f]{64}")
    """Digest that identifies the model."""
    width: int = Field(ge=1, le=1 << 20)
    """Size of its hidden state."""
    weights: dict[str, tuple[int, ...]] = Field(max_length=10_000)
    """Shape of every trained weight, by name."""

    @field_validator("weights")
    @classmethod
    def _bounded(cls, weights: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        invalid = next((name for name, shape in weights.items() if len(shape) > 4 or min(shape, default=1) < 1), None)
        if invalid is not None:
            raise ValueError(f"weight {invalid[:80]!r} has an impossible shape")
        return weights


class PretrainedBody(Frozen):
    """A language policy on a pretrained model, whose frozen weights are not stored."""

    kind: Literal["pretrained"]
    """Kind of policy."""
    model: Pretrained
    """Its language model."""
    action_sets: ActionSets
    """The action phrases of each task, by task id."""

    @property
    def config(self) -> PretrainedConfig:
        """Settings of its model."""
        return self.model.config

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every trained weight."""
        trained = {f"model.{name}": shape for name, shape in self.model.weights.items()}
        return {**trained, "value.weight": (1, self.model.width), "value.bias": (1,)}


class TableBody(Frozen):
    """A tabular policy."""

    kind: Literal["table"]
    """Kind of policy."""
    action_sets: ActionSets
    """The action phrases of each task, by task id."""
    sentences: dict[str, tuple[str, ...]]
    """The sentences with a row in the table, by task id."""

    @model_validator(mode="after")
    def _is_consistent(self) -> TableBody:
        if set(self.sentences) != set(self.action_sets):
            raise ValueError("sentences and action sets have different task ids")
        if any(len(set(texts)) < len(texts) for texts in self.sentences.values()):
            raise ValueError("a sentence occurs twice")
        return self

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every table."""
        return {
            f"tables.{task_id}": (len(self.sentences[task_id]), len(action_set))
            for task_id, action_set in self.action_sets.items()
        }


class RandomBody(Frozen):
    """The random policy."""

    kind: Literal["random"]
    """Kind of policy."""
    action_sets: ActionSets
    """The action phrases of each task, by task id."""
    shapes: Shapes = Field({}, max_length=0)
    """It has no weights."""


class LanguageBody(Description):
    """A language policy on the built-in transformer."""

    @property
    def config(self) -> ModelConfig:
        """Its size."""
        return self.model.config

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every weight. Raises ValueError if the description is inconsistent."""
        return expected(self)


Body = LanguageBody | PretrainedBody | MLPBody | TableBody | RandomBody
_BODIES: TypeAdapter[Body] = TypeAdapter(Annotated[Body, Field(discriminator="kind")])


def body(described: Any) -> Body:
    """Validate the description of a policy. Raises ValidationError if its kind is unknown or its shapes impossible."""
    return _BODIES.validate_python(described)
