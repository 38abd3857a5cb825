"""Every knob of every model that an agent can have. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from envs.options import Frozen


class ModelConfig(Frozen):
    """The language model under the agent: a decoder transformer trained from scratch."""

    name: Literal["transformer"] = "transformer"
    layers: int = Field(2, ge=1, le=24)
    """Transformer blocks."""
    width: int = Field(64, ge=8, le=4096)
    """Size of each token's vector."""
    heads: int = Field(4, ge=1, le=64)
    """Attention heads."""
    context: int = Field(64, ge=8, le=4096)
    """Longest prompt, in tokens."""

    @model_validator(mode="after")
    def _divisible(self) -> ModelConfig:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} must be a multiple of heads {self.heads}")
        return self


class MLPConfig(Frozen):
    """A plain network: it sees which word stands where, and its actions are mere numbers. A control."""

    name: Literal["mlp"] = "mlp"
    layers: int = Field(2, ge=1, le=24)
    """Hidden layers."""
    width: int = Field(64, ge=8, le=4096)
    """Units of each hidden layer."""
    context: int = Field(48, ge=8, le=1024)
    """Longest sentence, in words; of a longer one, the last so many are read."""


class TableConfig(Frozen):
    """A table: a row of numbers for each sentence that was met, and nothing shared between them. A control."""

    name: Literal["table"] = "table"


def _named(settings: Any) -> Any:
    """Take settings without a name for a transformer's: for long there was nothing else."""
    if isinstance(settings, Mapping) and "name" not in settings:
        return {"name": "transformer", **settings}
    return settings


AnyModelConfig = Annotated[
    Annotated[ModelConfig | MLPConfig | TableConfig, Field(discriminator="name")], BeforeValidator(_named)
]
