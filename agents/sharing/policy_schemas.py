"""Schemas of imported policies: for each kind, its description and the weights that it must have."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, field_validator, model_validator

from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig
from agents.models.transformer_shapes import Shapes
from agents.sharing.agent_file import Description, Menus, expected
from envs.options import Frozen


class MLPBody(Frozen):
    """A plain network."""

    kind: Literal["mlp"]
    """Tells it from the others."""
    config: MLPConfig
    """Its size."""
    seed: int = Field(ge=0, lt=2**31)
    """What the rows of new words are drawn from."""
    words: tuple[str, ...]
    """The words that have a row of their own."""
    action_sets: Menus
    """The phrases that each column of its run offered."""

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every weight."""
        width = self.config.width
        layers = {f"hidden.{place}": (width, width) for place in range(self.config.layers - 1)}
        return {
            "vectors": (1 + len(self.words), self.config.context * width),
            "offset": (width,),
            "choices": (sum(map(len, self.action_sets.values())), width),
            **{f"{name}.weight": shape for name, shape in layers.items()},
            **{f"{name}.bias": (width,) for name in layers},
            "value.weight": (1, width),
            "value.bias": (1,),
        }


class Foreign(Frozen):
    """A model that was trained elsewhere: where it is, and what was learned beside it."""

    config: PretrainedConfig
    """Its settings."""
    fingerprint: str = Field(pattern=r"[0-9a-f]{64}")
    """How to know it again."""
    width: int = Field(ge=1, le=1 << 20)
    """Size of its hidden state."""
    weights: dict[str, tuple[int, ...]] = Field(max_length=10_000)
    """Name and shape of every weight that is learned."""

    @field_validator("weights")
    @classmethod
    def _bounded(cls, weights: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        odd = next((name for name, shape in weights.items() if len(shape) > 4 or min(shape, default=1) < 1), None)
        if odd is not None:
            raise ValueError(f"weight {odd[:80]!r} has an impossible shape")
        return weights


class PretrainedBody(Frozen):
    """A language agent on a pretrained model, whose own weights stay where they are."""

    kind: Literal["pretrained"]
    """Tells it from the others."""
    model: Foreign
    """How it reads and speaks."""
    action_sets: Menus
    """The phrases that each column of its run offered."""

    @property
    def config(self) -> PretrainedConfig:
        """Where its model is."""
        return self.model.config

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every weight that is learned."""
        learned = {f"model.{name}": shape for name, shape in self.model.weights.items()}
        return {**learned, "value.weight": (1, self.model.width), "value.bias": (1,)}


class TableBody(Frozen):
    """A table."""

    kind: Literal["table"]
    """Tells it from the others."""
    action_sets: Menus
    """The phrases that each column of its run offered."""
    sentences: dict[str, tuple[str, ...]]
    """The sentences of each column that have a row."""

    @model_validator(mode="after")
    def _whole(self) -> TableBody:
        if set(self.sentences) != set(self.action_sets):
            raise ValueError("sentences and menus are of different columns")
        if any(len(set(texts)) < len(texts) for texts in self.sentences.values()):
            raise ValueError("a sentence is there twice")
        return self

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every table."""
        return {
            f"tables.{task_id}": (len(self.sentences[task_id]), len(action_set))
            for task_id, action_set in self.action_sets.items()
        }


class RandomBody(Frozen):
    """Who acts at random."""

    kind: Literal["random"]
    """Tells it from the others."""
    action_sets: Menus
    """The phrases that each column of its run offered."""
    shapes: Shapes = Field({}, max_length=0)
    """It has no weights."""


class LanguageBody(Description):
    """A language agent."""

    @property
    def config(self) -> ModelConfig:
        """Its size."""
        return self.model.config

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every weight. Raises ValueError if it contradicts itself."""
        return expected(self)


Body = LanguageBody | PretrainedBody | MLPBody | TableBody | RandomBody
_BODIES: TypeAdapter[Body] = TypeAdapter(Annotated[Body, Field(discriminator="kind")])


def body(described: Any) -> Body:
    """Return what `described` tells of. Raises ValidationError if it tells of no body, or of an impossible one."""
    return _BODIES.validate_python(described)
