"""Settings of the agent: its model, its knowledge base, its instructions. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from envs.options import Frozen


class ModelConfig(Frozen):
    """The language model under the agent: a decoder transformer of our own, from scratch or with a start."""

    name: Literal["transformer"] = "transformer"
    start: Literal["scratch", "pretrained"] = "scratch"
    """Begin knowing nothing, or with the weights that come with the lab and have read what its worlds say."""
    layers: int = Field(2, ge=1, le=24)
    """Transformer blocks."""
    width: int = Field(64, ge=8, le=4096)
    """Size of each token's vector."""
    heads: int = Field(4, ge=1, le=64)
    """Attention heads."""
    context: int = Field(64, ge=8, le=4096)
    """Longest prompt, in tokens; a run whose sentences are longer is refused."""

    @model_validator(mode="after")
    def _divisible(self) -> ModelConfig:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} must be a multiple of heads {self.heads}")
        return self

    @model_validator(mode="after")
    def _fits_what_is_shipped(self) -> ModelConfig:
        sizes = type(self).model_fields
        for size in ("layers", "width", "heads", "context") if self.start == "pretrained" else ():
            if getattr(self, size) != sizes[size].default:
                raise ValueError(
                    f"the pretrained weights have {size} {sizes[size].default}, not {getattr(self, size)}; "
                    f"leave {size} as it is or set model.start = 'scratch'"
                )
        return self


class PretrainedConfig(Frozen):
    """A language model that was trained before on much text; what it learns here is an adapter, or all its weights."""

    name: Literal["pretrained"] = "pretrained"
    source: str = Field("", max_length=1_000)
    """Where the model is: a folder, a .gguf file, or a name of the Hugging Face hub such as Qwen/Qwen2.5-0.5B."""
    rank: int = Field(8, ge=0, le=1_024)
    """Rank of the low-rank adapter that is learned; 0: every weight is learned."""
    target_modules: str = Field("", max_length=1_000)
    """Layers that get an adapter, by the ends of their names, with commas; empty: all linear ones of attention."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """How weights that stay are held; auto: bfloat16 on a GPU, else float32. What is learned is float32."""
    context: int = Field(256, ge=8, le=131_072)
    """Longest prompt, in tokens; a run whose sentences are longer is refused."""
    chat: Literal["auto", "on", "off"] = "auto"
    """Put sentences as what a user says in a chat; auto: if the model's tokeniser has a template for that."""
    today: str = "2026-01-01"
    """The date that a chat template is told which writes today's: prompts stay the same as long as a run lasts."""
    download: bool = False
    """Fetch the model from the hub if it is not on this machine; otherwise nothing is asked of the network."""

    @field_validator("today")
    @classmethod
    def _is_a_date(cls, today: str) -> str:
        try:
            return date.fromisoformat(today).isoformat()
        except ValueError:
            raise ValueError(f"must be a date such as 2026-01-31, got {today!r}") from None


class MLPConfig(Frozen):
    """A plain network: it sees which word stands where, and its actions are mere numbers. A control."""

    name: Literal["mlp"] = "mlp"
    layers: int = Field(2, ge=1, le=24)
    """Hidden layers."""
    width: int = Field(64, ge=8, le=4096)
    """Units of each hidden layer."""
    context: int = Field(48, ge=8, le=1024)
    """Longest sentence, in words; a run whose sentences are longer is refused."""


class TableConfig(Frozen):
    """A table: a row of numbers for each sentence that was met, and nothing shared between them. A control."""

    name: Literal["table"] = "table"


def _named(settings: Any) -> Any:
    """Take settings without a name for a transformer's: for long there was nothing else."""
    if isinstance(settings, Mapping) and "name" not in settings:
        return {"name": "transformer", **settings}
    return settings


AnyModelConfig = Annotated[
    Annotated[ModelConfig | PretrainedConfig | MLPConfig | TableConfig, Field(discriminator="name")],
    BeforeValidator(_named),
]


class KnowledgeConfig(Frozen):
    """A knowledge base: sentences that were told or found out, read again where they matter."""

    max_entries: int = Field(0, ge=0, le=1_000_000)
    """Sentences that are kept; 0: the agent has no knowledge base."""
    top_k: int = Field(2, ge=0, le=16)
    """Sentences that are put before what the agent reads, at most."""
    max_words: int = Field(24, ge=0, le=1_024)
    """Words that they may take together; what is longer is left out."""
    min_similarity: float = Field(0.1, ge=0, le=1)
    """How alike a sentence and the request must be for it to be recalled: the cosine of their embeddings."""


class InstructionsConfig(Frozen):
    """What the agent tells itself to do next, on the way to what an episode asks for."""

    writer: Literal["none", "learned", "random"] = "none"
    """Who writes the next instruction: nobody, the agent, which learns it, or chance, as a control."""
    max_steps: int = Field(6, ge=1, le=500)
    """Steps that an instruction lasts at most; then another one is written."""
    warmup_steps: int = Field(16_000, ge=0)
    """Steps at a stage's start in which chance writes: the agent learns to follow before it learns to lead."""
    reward: Literal["goal", "world"] = "world"
    """What writing earns: the score of the episode when it ends, or all that the world pays, for sub-goals, too."""
