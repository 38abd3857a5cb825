"""Who teaches in a stage, and how: what a clip of the timeline says about its teacher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from envs.options import Frozen
from envs.task import suggestion

SCRIPTED = "expert"
"""The teacher that needs no name: whoever solves the stage's world by a script."""
AGENT, MODEL = "agent:", "model:"
"""How the name of an earlier agent begins, and that of a language model."""
SORTS: Mapping[str, str] = {
    SCRIPTED: "a script that solves the world",
    f"{AGENT}RUN": "a stored run, its folder, or an agent's .palimpsest file",
    f"{MODEL}SOURCE": "a language model: a folder, a .gguf file or a name of the Hugging Face hub",
}


class Teaching(Frozen):
    """From whom a stage is learned by imitation: policy distillation (Hinton et al., 2015; Rusu et al., 2016)."""

    teacher: str = Field("", max_length=1_000)
    """Who teaches: expert, agent: and a run or file, or model: and a language model. Left out: nobody."""
    steps: int | None = Field(None, ge=1, le=1_000_000_000)
    """Steps of the stage that are taught before rewards take over. Left out: all of them."""
    alpha: float = Field(0.5, ge=0, le=1)
    """Share of the teacher's choice in the loss; the rest is for its probabilities of all actions."""
    temperature: float = Field(2.0, ge=1)
    """Flattens the probabilities that are compared, so that unlikely actions count, too."""
    actor: Literal["both", "student", "teacher"] = "both"
    """Who acts: the student, so that its own mistakes are judged, the teacher, or both, in half the worlds each."""
    n_epochs: int = Field(12, ge=1, le=100)
    """Passes over each rollout that is taught."""

    @field_validator("teacher")
    @classmethod
    def _known(cls, name: str) -> str:
        sort, mark, which = name.partition(":")
        if name in ("", SCRIPTED) or (f"{sort}{mark}" in (AGENT, MODEL) and which.strip()):
            return name
        raise ValueError(f"nobody can teach as {name!r}{suggestion(name, SORTS)}")
