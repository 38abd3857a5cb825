"""The teacher of a stage, and the settings of its distillation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from envs.options import Frozen
from envs.task import suggestion

SCRIPTED = "expert"
"""Name of the scripted expert for the stage's world."""
AGENT, MODEL = "agent:", "model:"
"""Prefixes of the names of earlier agents and of language models."""
TEACHER_KINDS: Mapping[str, str] = {
    SCRIPTED: "a script that solves the world",
    f"{AGENT}RUN": "a stored run, its folder, or an agent's .palimpsest file",
    f"{MODEL}SOURCE": "a language model: a folder, a .gguf file or a name of the Hugging Face hub",
}


class Teaching(Frozen):
    """The teacher that a stage imitates: policy distillation (Hinton et al., 2015; Rusu et al., 2016)."""

    teacher: str = Field("", max_length=1_000)
    """Who teaches: expert, agent: and a run or file, or model: and a language model. Left out: nobody."""
    steps: int | None = Field(None, ge=1, le=1_000_000_000)
    """Steps of the stage with the teacher, before learning from rewards. Left out: all of them."""
    alpha: float = Field(0.5, ge=0, le=1)
    """Share of the teacher's choice in the loss; the rest is for its probabilities of all actions."""
    temperature: float = Field(2.0, ge=1)
    """Flattens the probabilities that are compared, so that unlikely actions count, too."""
    actor: Literal["both", "student", "teacher"] = "both"
    """Who acts: the student, so that its own mistakes are judged, the teacher, or both, in half the worlds each."""
    n_epochs: int = Field(12, ge=1, le=100)
    """Passes over each rollout with the teacher."""

    @field_validator("teacher")
    @classmethod
    def _check_teacher(cls, name: str) -> str:
        kind, colon, source = name.partition(":")
        if name in ("", SCRIPTED) or (f"{kind}{colon}" in (AGENT, MODEL) and source.strip()):
            return name
        raise ValueError(f"unknown teacher {name!r}{suggestion(name, TEACHER_KINDS)}")
