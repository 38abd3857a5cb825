"""The settings of every continual-learning strategy. Imports nothing heavy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from envs.options import Frozen


class NaiveConfig(Frozen):
    """Plain fine-tuning: no protection against forgetting."""

    name: Literal["naive"] = "naive"


class JointConfig(Frozen):
    """Multi-task upper bound: every stage collects from the environments of all tasks."""

    name: Literal["joint"] = "joint"
    ent_coef_scale: float = Field(3.0, ge=0)
    """Factor on the algorithm's initial entropy bonus; there is no burst at the start of a stage."""
    min_advantage_scale: float = Field(0.2, ge=0)
    """Smallest divisor of advantages, as a fraction of the task's largest return, so that noise is not amplified."""


class ReplayConfig(Frozen):
    """Rehearsal from memory: distil the agent's own past decisions."""

    name: Literal["replay"] = "replay"
    weight: float = Field(1.0, ge=0)
    """Weight of the distillation loss, per remembered task."""
    batch_size: int = Field(128, ge=1)
    """Memory entries per earlier task in each gradient step."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value term in it; 0: behavioural cloning only (Wołczyk et al., 2022)."""
    balanced: bool = True
    """Rehearse every task equally often; otherwise every memory entry equally often."""
    priority: float = Field(0.0, ge=0, le=1)
    """Exponent of rehearsal priorities, higher for forgotten entries (Schaul et al., 2016); 0: uniform."""


class CLEARConfig(Frozen):
    """CLEAR (Rolnick et al., 2019): replay of unrolls from all stages, with V-trace and cloning losses."""

    name: Literal["clear"] = "clear"
    replay_fraction: float = Field(0.5, ge=0, lt=1)
    """Fraction of the training data that is replayed; the rest is new."""
    buffer_size: int = Field(1_024, ge=1, le=65_536)
    """Size of the replay buffer, in unrolls: a reservoir sample of all stages."""
    unroll_length: int = Field(16, ge=1, le=256)
    """Maximum steps of an unroll."""
    unrolls: int = Field(32, ge=1, le=1_024)
    """Unrolls replayed in each gradient step."""
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount factor of replayed rewards."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value loss with V-trace targets."""
    policy_cloning_coef: float = Field(1.0, ge=0)
    """Weight of policy cloning: the KL divergence from the recorded action probabilities."""
    value_cloning_coef: float = Field(0.5, ge=0)
    """Weight of value cloning: the squared distance from the recorded values."""


class L2Config(Frozen):
    """L2 penalty: equal for all weights, on the distance from their values at the end of the last stage."""

    name: Literal["l2"] = "l2"
    strength: float = Field(0.3, ge=0)
    """Weight of the penalty."""


class EWCConfig(Frozen):
    """Elastic weight consolidation (Kirkpatrick et al., 2017): quadratic penalty weighted by the Fisher diagonal."""

    name: Literal["ewc"] = "ewc"
    strength: float = Field(10.0, ge=0)
    """Weight λ of the quadratic penalty, for importances with a mean of 1."""
    samples: int = Field(1_024, ge=1)
    """Decisions that the Fisher diagonal is estimated from; exact for up to 16 actions, else sampled."""
    scaled: bool = True
    """Scale each task's importances to a mean of 1; otherwise use them unscaled, as in the paper."""


class OnlineEWCConfig(Frozen):
    """Online EWC (Schwarz et al., 2018): one penalty for all tasks, in which older importances decay."""

    name: Literal["online_ewc"] = "online_ewc"
    strength: float = Field(10.0, ge=0)
    """Weight λ of the quadratic penalty, for importances with a mean of 1."""
    decay_factor: float = Field(0.95, ge=0, le=1)
    """Factor on the importances of earlier tasks at the end of each stage."""
    samples: int = Field(1_024, ge=1)
    """Decisions that the Fisher diagonal is estimated from; exact for up to 16 actions, else sampled."""


class SIConfig(Frozen):
    """Synaptic intelligence (Zenke et al., 2017): quadratic penalty weighted by contributions to the loss."""

    name: Literal["si"] = "si"
    strength: float = Field(5.0, ge=0)
    """Weight of the quadratic penalty."""
    damping: float = Field(1e-3, gt=0)
    """Damping ξ: keeps weights that hardly changed from being rated important."""


class LwFConfig(Frozen):
    """Learning without forgetting (Li & Hoiem, 2016): distil earlier tasks' decisions on new sentences."""

    name: Literal["lwf"] = "lwf"
    alpha: float = Field(0.8, gt=0, le=1)
    """Weight of the new task in the loss; the rest is distillation of earlier tasks. 1: no distillation."""
    temperature: float = Field(2.0, ge=1)
    """Temperature of the distillation; above 1, improbable actions count more."""
    batch_size: int = Field(128, ge=1)
    """New sentences per earlier task in each gradient step."""


class AGEMConfig(Frozen):
    """A-GEM (Chaudhry et al., 2019): project gradients that would increase the loss on memory."""

    name: Literal["agem"] = "agem"
    batch_size: int = Field(128, ge=1)
    """Memory entries per earlier task for the reference gradient."""
    project: Literal["gradient", "step"] = "gradient"
    """Projected vector: the gradient, as in the paper, or the step that Adam computes from it."""


class PackNetConfig(Frozen):
    """PackNet (Mallya & Lazebnik, 2018): prune after each task, and freeze the weights that remain."""

    name: Literal["packnet"] = "packnet"
    keep_ratio: float = Field(0.4, gt=0, lt=1)
    """Fraction of the free weights that remain after a task is pruned."""
    post_prune_steps: int = Field(400, ge=0)
    """Gradient steps of retraining after pruning, on the decisions from before it."""


class AdaptersConfig(Frozen):
    """An adapter per task (LoRA; Hu et al., 2022): later tasks train low-rank matrices beside frozen weights."""

    name: Literal["adapters"] = "adapters"
    rank: int = Field(8, ge=1)
    """Rank of each adapter matrix."""
    learning_rate: float = Field(2e-3, gt=0)
    """Learning rate of Adam for an adapter."""


class ProgressCompressConfig(Frozen):
    """Progress & compress (Schwarz et al., 2018): train an active column, then distil it into a knowledge base."""

    name: Literal["progress_compress"] = "progress_compress"
    reinitialise: bool = False
    """Start each stage from the run's initial weights, not from those of the knowledge base."""
    compress_steps: int = Field(400, ge=0)
    """Gradient steps at the end of a stage that distil the active column into the knowledge base."""
    temperature: float = Field(1.0, ge=1)
    """Temperature of the distillation; above 1, improbable actions count more."""
    strength: float = Field(100.0, ge=0)
    """Weight λ of the quadratic penalty, for importances with a mean of 1."""
    decay_factor: float = Field(0.95, ge=0, le=1)
    """Factor on the importances of earlier tasks at the end of each stage."""
    samples: int = Field(1_024, ge=1)
    """Decisions that the Fisher diagonal is estimated from; exact for up to 16 actions, else sampled."""


SINGLE = (
    NaiveConfig
    | JointConfig
    | ReplayConfig
    | CLEARConfig
    | L2Config
    | EWCConfig
    | OnlineEWCConfig
    | SIConfig
    | LwFConfig
    | AGEMConfig
    | PackNetConfig
    | AdaptersConfig
    | ProgressCompressConfig
)
SingleStrategyConfig = Annotated[SINGLE, Field(discriminator="name")]
