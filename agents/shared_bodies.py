"""Every kind of body in a run from elsewhere: how it must be described, and which weights it must then have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from agents.bundle_weights import Shapes
from agents.config import MLPConfig, ModelConfig
from agents.registry import FIRST_KIND
from agents.shared_agent import Description, Menus, expected
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
    menus: Menus
    """The phrases that each column of its run offered."""

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every weight."""
        width = self.config.width
        layers = {f"hidden.{place}": (width, width) for place in range(self.config.layers - 1)}
        return {
            "vectors": (1 + len(self.words), self.config.context * width),
            "offset": (width,),
            "choices": (sum(map(len, self.menus.values())), width),
            **{f"{name}.weight": shape for name, shape in layers.items()},
            **{f"{name}.bias": (width,) for name in layers},
            "value.weight": (1, width),
            "value.bias": (1,),
        }


class TableBody(Frozen):
    """A table."""

    kind: Literal["table"]
    """Tells it from the others."""
    menus: Menus
    """The phrases that each column of its run offered."""
    sentences: dict[str, tuple[str, ...]]
    """The sentences of each column that have a row."""

    @model_validator(mode="after")
    def _whole(self) -> TableBody:
        if set(self.sentences) != set(self.menus):
            raise ValueError("sentences and menus are of different columns")
        if any(len(set(texts)) < len(texts) for texts in self.sentences.values()):
            raise ValueError("a sentence is there twice")
        return self

    @property
    def shapes(self) -> Shapes:
        """Return the name and shape of every table."""
        return {f"tables.{column}": (len(self.sentences[column]), len(menu)) for column, menu in self.menus.items()}


class RandomBody(Frozen):
    """Who acts at random."""

    kind: Literal["random"]
    """Tells it from the others."""
    menus: Menus
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


Body = LanguageBody | MLPBody | TableBody | RandomBody
_BODIES: TypeAdapter[Body] = TypeAdapter(Annotated[Body, Field(discriminator="kind")])


def body(described: Any) -> Body:
    """Return what `described` tells of. Raises ValidationError if it tells of no body, or of an impossible one."""
    if isinstance(described, Mapping) and "kind" not in described:
        described = {"kind": FIRST_KIND, **described}
    return _BODIES.validate_python(described)
