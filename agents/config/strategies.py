"""The settings of every continual-learning strategy. Imports nothing heavy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from envs.options import Frozen


class NaiveConfig(Frozen):
    """Plain fine-tuning: nothing guards old skills."""

    name: Literal["naive"] = "naive"


class JointConfig(Frozen):
    """All tasks at once: every stage lives in the worlds of all of them. No order of tasks can do better."""

    name: Literal["joint"] = "joint"
    ent_coef_scale: float = Field(3.0, ge=0)
    """How many times the algorithm's entropy bonus it begins with: no burst helps a task that others contradict."""
    min_advantage_scale: float = Field(0.2, ge=0)
    """What advantages are divided by at least, in parts of a task's largest return: less than that is noise."""


class ReplayConfig(Frozen):
    """Rehearse what is remembered, by distilling the agent's own past decisions."""

    name: Literal["replay"] = "replay"
    weight: float = Field(1.0, ge=0)
    """Weight of the distillation loss, per remembered task."""
    batch_size: int = Field(128, ge=1)
    """Memories per earlier task in each gradient step."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the values in it; 0 clones behaviour alone (Wołczyk et al., 2022)."""
    balanced: bool = True
    """Rehearse every task equally often; otherwise every memory."""
    priority: float = Field(0.0, ge=0, le=1)
    """How much more often what is slipping is rehearsed (Schaul et al., 2016); 0: not at all."""


class CLEARConfig(Frozen):
    """CLEAR (Rolnick et al., 2019): replay stretches of the whole life, learned off-policy and cloned."""

    name: Literal["clear"] = "clear"
    replay_fraction: float = Field(0.5, ge=0, lt=1)
    """Share of what is replayed in what is learned from; the rest is new."""
    buffer_size: int = Field(1_024, ge=1, le=65_536)
    """Unrolls kept of the whole life; each is as likely to be kept as any other."""
    unroll_length: int = Field(16, ge=1, le=256)
    """Steps in an unroll, at most."""
    unrolls: int = Field(32, ge=1, le=1_024)
    """Unrolls replayed in each gradient step."""
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of replayed reward."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the values that V-trace corrects."""
    policy_cloning_coef: float = Field(1.0, ge=0)
    """Weight of deciding as then."""
    value_cloning_coef: float = Field(0.5, ge=0)
    """Weight of expecting what was expected then."""


class L2Config(Frozen):
    """Springs of equal stiffness: every weight is tied to where the last stage left it."""

    name: Literal["l2"] = "l2"
    strength: float = Field(0.3, ge=0)
    """Stiffness of the springs."""


class EWCConfig(Frozen):
    """Elastic weight consolidation (Kirkpatrick et al., 2017): springs on important weights."""

    name: Literal["ewc"] = "ewc"
    strength: float = Field(10.0, ge=0)
    """Stiffness of the springs that hold old weights, in the mean over all weights."""
    samples: int = Field(1_024, ge=1)
    """Decisions on which importance is measured; exact for up to 16 actions, of more actions one is drawn each time."""
    scaled: bool = True
    """Scale each task's importances to a mean of 1; otherwise they count as measured, as in the paper."""


class OnlineEWCConfig(Frozen):
    """Online EWC (Schwarz et al., 2018): one set of springs, in which older tasks fade."""

    name: Literal["online_ewc"] = "online_ewc"
    strength: float = Field(10.0, ge=0)
    """Stiffness of the springs that hold old weights, in the mean over all weights."""
    decay_factor: float = Field(0.95, ge=0, le=1)
    """How much of the earlier tasks' importance is left at the end of each stage."""
    samples: int = Field(1_024, ge=1)
    """Decisions on which importance is measured; exact for up to 16 actions, of more actions one is drawn each time."""


class SIConfig(Frozen):
    """Synaptic intelligence (Zenke et al., 2017): springs on the weights whose way lowered the loss."""

    name: Literal["si"] = "si"
    strength: float = Field(5.0, ge=0)
    """Stiffness of the springs that hold old weights."""
    damping: float = Field(1e-3, gt=0)
    """Keeps a weight that hardly moved from seeming important."""


class LwFConfig(Frozen):
    """Learning without forgetting (Li & Hoiem, 2016): on new sentences, decide old tasks as before."""

    name: Literal["lwf"] = "lwf"
    alpha: float = Field(0.8, gt=0, le=1)
    """Share of the new task in the loss; what is left goes to the old ones. 1: nothing guards them."""
    temperature: float = Field(2.0, ge=1)
    """Flattens the decisions that are compared, so that unlikely actions count, too."""
    batch_size: int = Field(128, ge=1)
    """New sentences per earlier task in each gradient step."""


class AGEMConfig(Frozen):
    """A-GEM (Chaudhry et al., 2019): no gradient, or no step, may make remembered decisions worse."""

    name: Literal["agem"] = "agem"
    batch_size: int = Field(128, ge=1)
    """Memories per earlier task against which each gradient is checked."""
    project: Literal["gradient", "step"] = "gradient"
    """What must not point against the memory: the gradient, as in the paper, or the step that Adam makes of it."""


class PackNetConfig(Frozen):
    """PackNet (Mallya & Lazebnik, 2018): every task owns some of the weights for good."""

    name: Literal["packnet"] = "packnet"
    keep_ratio: float = Field(0.4, gt=0, lt=1)
    """Share of the free weights that a task keeps when it has been learned."""
    post_prune_steps: int = Field(400, ge=0)
    """Gradient steps after the others were taken from it, to decide as before."""


class AdaptersConfig(Frozen):
    """An adapter per task (LoRA; Hu et al., 2022): later tasks learn small changes beside a frozen network."""

    name: Literal["adapters"] = "adapters"
    rank: int = Field(8, ge=1)
    """Rank of the change that a task may make to each matrix."""
    learning_rate: float = Field(2e-3, gt=0)
    """Step size of Adam in an adapter."""


class ProgressCompressConfig(Frozen):
    """Progress & compress (Schwarz et al., 2018): learn freely in one column, then distil it into a guarded one."""

    name: Literal["progress_compress"] = "progress_compress"
    reinitialise: bool = False
    """Begin each stage with the weights that the run began with, rather than with those of the knowledge base."""
    compress_steps: int = Field(400, ge=0)
    """Gradient steps at the end of a stage that distil the active column into the knowledge base."""
    temperature: float = Field(1.0, ge=1)
    """Flattens the decisions that are compared, so that unlikely actions count, too."""
    strength: float = Field(100.0, ge=0)
    """Stiffness of the springs that hold old weights, in the mean over all weights."""
    decay_factor: float = Field(0.95, ge=0, le=1)
    """How much of the earlier tasks' importance is left at the end of each stage."""
    samples: int = Field(1_024, ge=1)
    """Decisions on which importance is measured; exact for up to 16 actions, of more actions one is drawn each time."""


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
