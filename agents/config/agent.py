"""Settings of the agent: its model, its knowledge base, its instructions. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from envs.options import Frozen


class ModelConfig(Frozen):
    """The built-in language model: a decoder-only transformer, from scratch or pretrained."""

    name: Literal["transformer"] = "transformer"
    start: Literal["scratch", "pretrained"] = "scratch"
    """Initial weights: random, or the shipped ones, pretrained on the built-in worlds' sentences."""
    layers: int = Field(2, ge=1, le=24)
    """Transformer blocks."""
    width: int = Field(64, ge=8, le=4096)
    """Dimension of embeddings and hidden states."""
    heads: int = Field(4, ge=1, le=64)
    """Attention heads."""
    context: int = Field(64, ge=8, le=4096)
    """Maximum prompt length, in tokens; a run with longer sentences is refused."""

    @model_validator(mode="after")
    def _divisible(self) -> ModelConfig:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} must be a multiple of heads {self.heads}")
        return self

    @model_validator(mode="after")
    def _matches_shipped_weights(self) -> ModelConfig:
        sizes = type(self).model_fields
        for size in ("layers", "width", "heads", "context") if self.start == "pretrained" else ():
            if getattr(self, size) != sizes[size].default:
                raise ValueError(
                    f"the pretrained weights have {size} {sizes[size].default}, not {getattr(self, size)}; "
                    f"leave {size} as it is or set model.start = 'scratch'"
                )
        return self


class PretrainedConfig(Frozen):
    """A pretrained language model, fine-tuned by an adapter or in all its weights."""

    name: Literal["pretrained"] = "pretrained"
    source: str = Field("", max_length=1_000)
    """Model to load: a folder, a .gguf file, or a name on the Hugging Face hub such as Qwen/Qwen2.5-0.5B."""
    rank: int = Field(8, ge=0, le=1_024)
    """Rank of the LoRA adapter; 0: all weights are trained."""
    target_modules: str = Field("", max_length=1_000)
    """Modules that get an adapter, as name suffixes separated by commas; empty: all linear ones of attention."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Data type of frozen weights; auto: bfloat16 on a GPU, else float32. Trained weights are float32."""
    context: int = Field(256, ge=8, le=131_072)
    """Maximum prompt length, in tokens; a run with longer sentences is refused."""
    chat: Literal["auto", "on", "off"] = "auto"
    """Wrap sentences as user turns of a chat; auto: if the model's tokeniser has a chat template."""
    today: str = "2026-01-01"
    """Date for chat templates that insert today's, so that prompts stay the same during a run."""
    download: bool = False
    """Download the model from the hub if it is not on this machine; otherwise the network is not used."""

    @field_validator("today")
    @classmethod
    def _is_a_date(cls, today: str) -> str:
        try:
            return date.fromisoformat(today).isoformat()
        except ValueError:
            raise ValueError(f"must be a date such as 2026-01-31, got {today!r}") from None


class MLPConfig(Frozen):
    """A multilayer perceptron over word positions, with one output per action. A control."""

    name: Literal["mlp"] = "mlp"
    layers: int = Field(2, ge=1, le=24)
    """Hidden layers."""
    width: int = Field(64, ge=8, le=4096)
    """Units of each hidden layer."""
    context: int = Field(48, ge=8, le=1024)
    """Maximum sentence length, in words; a run with longer sentences is refused."""


class TableConfig(Frozen):
    """A table with a row of values per sentence and no generalisation between sentences. A control."""

    name: Literal["table"] = "table"


def _with_name(settings: Any) -> Any:
    """Read settings without a name as a transformer's: old files have no other model and no name."""
    if isinstance(settings, Mapping) and "name" not in settings:
        return {"name": "transformer", **settings}
    return settings


AnyModelConfig = Annotated[
    Annotated[ModelConfig | PretrainedConfig | MLPConfig | TableConfig, Field(discriminator="name")],
    BeforeValidator(_with_name),
]


class KnowledgeConfig(Frozen):
    """A knowledge base: sentences that are retrieved by similarity and put before the observation."""

    max_entries: int = Field(0, ge=0, le=1_000_000)
    """Maximum sentences in the knowledge base; 0: no knowledge base."""
    top_k: int = Field(2, ge=0, le=16)
    """Maximum sentences retrieved for an observation."""
    max_words: int = Field(24, ge=0, le=1_024)
    """Maximum words of the retrieved sentences together; those that do not fit are left out."""
    min_similarity: float = Field(0.1, ge=0, le=1)
    """Minimum cosine similarity between the embeddings of a sentence and of the query."""


class InstructionsConfig(Frozen):
    """Instructions that the agent writes itself: sub-goals on the way to the goal of the episode."""

    writer: Literal["none", "learned", "random"] = "none"
    """Writer of instructions: none, a learned policy, or random choice as a control."""
    max_steps: int = Field(6, ge=1, le=500)
    """Maximum steps before the next instruction is written."""
    warmup_steps: int = Field(16_000, ge=0)
    """Steps at the start of a stage with random instructions, so that following is learned first."""
    reward: Literal["goal", "world"] = "world"
    """Reward of the writer: the episode's final score, or all rewards of the world, sub-goals included."""
