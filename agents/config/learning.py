"""Settings of learning, memory, evaluation and checkpoints. Imports nothing heavy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from envs.options import Frozen


class LearningConfig(Frozen):
    """How experience is gathered and turned into gradient steps."""

    n_envs: int = Field(64, ge=1, le=4096)
    """Copies of the world that are lived in at once."""
    n_steps: int = Field(32, ge=1, le=4096)
    """Steps in each world between updates."""
    learning_rate: float = Field(1e-3, gt=0)
    """Step size of Adam at the start of a stage."""
    final_learning_rate: float = Field(3e-4, gt=0)
    """Step size at the end of a stage."""
    final_ent_coef: float = Field(0.005, ge=0)
    """Entropy bonus after the first 70% of a stage."""
    burst_ent_coef: float = Field(0.5, ge=0)
    """Entropy bonus in a new stage's first updates: an old policy has no exploration left."""
    burst_updates: int = Field(6, ge=0)
    """How many updates that lasts."""
    max_grad_norm: float = Field(0.5, gt=0)
    """Largest norm of a gradient."""


class EpisodicConfig(Frozen):
    """Episodic memory: lived moments, each as likely to be kept as any other (Vitter, 1985)."""

    name: Literal["episodic"] = "episodic"
    buffer_size: int = Field(4_096, ge=0, le=1_000_000)
    """Moments kept per task; a reservoir keeps every moment equally likely."""


MemoryConfig = EpisodicConfig
"""Every kind of memory; a second one makes it a union like `MetaConfig`."""


class EvaluationConfig(Frozen):
    """How the agent is scored."""

    n_eval_episodes: int = Field(64, ge=1, le=10_000)
    """Episodes per task."""
    eval_freq: int = Field(5_000, ge=0)
    """Steps between evaluations within a stage; 0: only at its end."""
    deterministic: bool = True
    """Take the likeliest action; otherwise sample, as in training."""


class CheckpointConfig(Frozen):
    """How often everything is saved that a run needs to go on after a crash, besides the end of every stage."""

    save_steps: int = Field(20_000, ge=0)
    """Steps between full checkpoints within a stage; 0: not by steps."""
    save_minutes: float = Field(2.0, ge=0)
    """Minutes between full checkpoints within a stage; 0: not by time."""
    max_time_share: float = Field(0.02, gt=0, le=1)
    """Part of the time that saving within a stage may take: what is due waits for that. 1: all it needs."""
