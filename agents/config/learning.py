"""Settings of learning, memory, evaluation and checkpoints. Imports nothing heavy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from envs.options import Frozen


class LearningConfig(Frozen):
    """Rollout collection and optimisation."""

    n_envs: int = Field(64, ge=1, le=4096)
    """Environments that run in parallel."""
    n_steps: int = Field(32, ge=1, le=4096)
    """Steps in each environment between updates."""
    learning_rate: float = Field(1e-3, gt=0)
    """Learning rate of Adam at the start of a stage."""
    final_learning_rate: float = Field(3e-4, gt=0)
    """Learning rate at the end of a stage."""
    final_ent_coef: float = Field(0.005, ge=0)
    """Weight of the entropy bonus after the first 70% of a stage."""
    burst_ent_coef: float = Field(0.5, ge=0)
    """Weight of the entropy bonus in a stage's first updates, to make a trained policy explore again."""
    burst_updates: int = Field(6, ge=0)
    """Updates at the start of a stage with `burst_ent_coef`."""
    max_grad_norm: float = Field(0.5, gt=0)
    """Maximum gradient norm; larger gradients are scaled down."""


class EpisodicConfig(Frozen):
    """Episodic memory: a reservoir sample of each task's decisions (Vitter, 1985)."""

    name: Literal["episodic"] = "episodic"
    buffer_size: int = Field(4_096, ge=0, le=1_000_000)
    """Maximum memory entries per task, sampled uniformly from all its decisions."""


MemoryConfig = EpisodicConfig
"""The only kind of memory; a second one would make this a union like `MetaConfig`."""


class EvaluationConfig(Frozen):
    """Evaluation of the agent."""

    n_eval_episodes: int = Field(64, ge=1, le=10_000)
    """Episodes per task and evaluation."""
    eval_freq: int = Field(5_000, ge=0)
    """Steps between evaluations within a stage; 0: only at its end."""
    deterministic: bool = True
    """Take the most probable action; otherwise sample, as in training."""


class CheckpointConfig(Frozen):
    """Frequency of full checkpoints, from which a run resumes; the end of every stage always saves one."""

    save_steps: int = Field(20_000, ge=0)
    """Steps between full checkpoints within a stage; 0: not by steps."""
    save_minutes: float = Field(2.0, ge=0)
    """Minutes between full checkpoints within a stage; 0: not by time."""
    max_time_share: float = Field(0.02, gt=0, le=1)
    """Maximum fraction of the time spent on saving within a stage; due checkpoints are delayed. 1: no limit."""
