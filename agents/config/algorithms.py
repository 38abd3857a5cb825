"""Every setting of every algorithm and meta-learner. Imports nothing heavy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from envs.options import Frozen


class ReinforceConfig(Frozen):
    """Monte-Carlo policy gradient (Williams, 1992)."""

    name: Literal["reinforce"] = "reinforce"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    baseline: Literal["value", "none"] = "value"
    """What a return is measured against: the value of the sentence, or nothing."""
    normalize_advantage: bool = True
    """Scale each batch's advantages to mean 0 and deviation 1; without a baseline, to deviation 1 alone."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value loss; values also stand in for what a rollout did not live to see."""
    ent_coef: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""
    batch_size: int = Field(512, ge=1)
    """Decisions per gradient step."""


class A2CConfig(Frozen):
    """Advantage actor-critic (Mnih et al., 2016): one gradient step a rollout."""

    name: Literal["a2c"] = "a2c"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    gae_lambda: float = Field(1.0, ge=0, le=1)
    """Bias-variance trade-off of the advantage estimate; 1: what all steps of the rollout paid, then the value."""
    normalize_advantage: bool = False
    """Scale each batch's advantages to mean 0 and deviation 1."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value loss."""
    ent_coef: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""


class GRPOConfig(Frozen):
    """Group-relative policy optimisation (Shao et al., 2024): episodes are judged by one another, without a value."""

    name: Literal["grpo"] = "grpo"
    gamma: float = Field(1.0, gt=0, le=1)
    """Discount of future reward; below 1, of two episodes that earn the same the shorter one is better."""
    n_epochs: int = Field(3, ge=1, le=100)
    """Passes over each rollout."""
    batch_size: int = Field(512, ge=1)
    """Decisions per gradient step."""
    clip_range: float = Field(0.2, gt=0)
    """How far one update may move the action probabilities."""
    kl_coef: float = Field(0.04, ge=0)
    """Weight of the divergence from the reference policy; 0: only the clip holds it."""
    ref_model_sync_steps: int = Field(1, ge=0)
    """Updates that the reference policy lasts; 1: it is the one that lived the rollout; 0: it lasts the whole stage."""
    group_size: int = Field(0, ge=0, le=4096)
    """Worlds whose episodes begin alike and are judged by one another; below 2: all of a task are one group."""
    scale_rewards: bool = True
    """Divide by the deviation of the group; otherwise only its mean is taken off (Liu et al., 2025)."""
    per_episode: bool = True
    """Count each episode equally, however long; otherwise each decision equally (Liu et al., 2025)."""
    ent_coef: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""


class PPOConfig(Frozen):
    """Proximal policy optimisation, clipped objective (Schulman et al., 2017)."""

    name: Literal["ppo"] = "ppo"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    gae_lambda: float = Field(0.95, ge=0, le=1)
    """Bias-variance trade-off of the advantage estimate."""
    n_epochs: int = Field(3, ge=1, le=100)
    """Passes over each rollout."""
    batch_size: int = Field(512, ge=1)
    """Decisions per gradient step."""
    clip_range: float = Field(0.2, gt=0)
    """How far one update may move the action probabilities."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value loss."""
    ent_coef: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""


class DQNConfig(Frozen):
    """Deep Q-network (Mnih et al., 2015), double (van Hasselt et al., 2016), with n-step targets if asked."""

    name: Literal["dqn"] = "dqn"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    temperature: float = Field(0.1, gt=0)
    """How much more an action must be worth to be e times as likely where actions are drawn, not tried."""
    batch_size: int = Field(128, ge=1)
    """Steps per gradient step."""
    buffer_size: int = Field(20_000, ge=1, le=1_000_000)
    """Steps that are kept; the newest replaces the oldest."""
    learning_starts: int = Field(1_000, ge=1)
    """Steps lived at random before learning begins."""
    train_freq: int = Field(16, ge=1)
    """Steps lived between two times of learning."""
    gradient_steps: int = Field(1, ge=1)
    """Gradient steps each time."""
    target_update_interval: int = Field(100, ge=1)
    """Gradient steps after which the target network is copied anew."""
    double: bool = True
    """Let the network choose the next action, and the target network value it."""
    n_steps: int = Field(1, ge=1, le=100)
    """Rewards that a target counts before it trusts a value."""
    exploration_initial_eps: float = Field(1.0, ge=0, le=1)
    """How often an action is tried at random, at first."""
    exploration_final_eps: float = Field(0.05, ge=0, le=1)
    """How often in the end."""
    exploration_fraction: float = Field(0.2, gt=0, le=1)
    """Part of a stage after which that is reached."""
    prioritised: bool = False
    """Learn more often from steps that surprised (Schaul et al., 2016)."""
    alpha: float = Field(0.6, ge=0, le=1)
    """How much more often; 0: all equally."""
    beta: float = Field(0.4, ge=0, le=1)
    """How much of that bias is taken back at first; in the end, all of it."""


class TabularConfig(Frozen):
    """How a table is filled."""

    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    alpha: float = Field(0.5, gt=0, le=1)
    """How far one step moves a number towards what it saw, at first."""
    final_alpha: float = Field(0.5, gt=0, le=1)
    """How far in the end."""
    exploration_initial_eps: float = Field(1.0, ge=0, le=1)
    """How often an action is tried at random, at first."""
    exploration_final_eps: float = Field(0.05, ge=0, le=1)
    """How often in the end."""
    decay_fraction: float = Field(0.7, gt=0, le=1)
    """Part of the time to learn after which both have reached their end."""


class QLearningConfig(TabularConfig):
    """Q-learning (Watkins, 1989) in a table: learn what the best actions would earn, whatever is really done."""

    name: Literal["q_learning"] = "q_learning"


class SarsaConfig(TabularConfig):
    """SARSA (Rummery & Niranjan, 1994) in a table: learn what one's own actions earn, trials included."""

    name: Literal["sarsa"] = "sarsa"


class RandomConfig(Frozen):
    """Act at random and never learn: the control that every score is to be read against."""

    name: Literal["random"] = "random"


AlgorithmConfig = Annotated[
    PPOConfig | ReinforceConfig | A2CConfig | GRPOConfig | DQNConfig | QLearningConfig | SarsaConfig | RandomConfig,
    Field(discriminator="name"),
]


def discount(config: AlgorithmConfig) -> float | None:
    """Return gamma, or None where nothing is learned."""
    return None if isinstance(config, RandomConfig) else config.gamma


def batch_size(config: AlgorithmConfig) -> int | None:
    """Return the decisions of a gradient step, or None where a rollout is not cut into minibatches."""
    return config.batch_size if isinstance(config, PPOConfig | ReinforceConfig | GRPOConfig | DQNConfig) else None


def vf_coef(config: AlgorithmConfig) -> float:
    """Return the weight of the value loss, 0 where there is none."""
    return config.vf_coef if isinstance(config, PPOConfig | ReinforceConfig | A2CConfig) else 0.0


def ent_coef(config: AlgorithmConfig) -> float:
    """Return the entropy bonus at the start of a stage, 0 where values are learned and no policy."""
    return config.ent_coef if isinstance(config, PPOConfig | ReinforceConfig | A2CConfig | GRPOConfig) else 0.0


class ReptileConfig(Frozen):
    """Reptile (Nichol et al., 2018): move towards where adaptation leads."""

    name: Literal["reptile"] = "reptile"
    meta_batch_size: int = Field(4, ge=1)
    """Members of the family in each outer step."""
    episodes: int = Field(8, ge=1, le=256)
    """Episodes that are lived, side by side, before each time of learning from them."""
    inner_steps: int = Field(8, ge=1)
    """How many times that is done to adapt to a member."""
    inner_lr: float = Field(5e-3, gt=0)
    """Step size of Adam in adaptation."""
    outer_lr: float = Field(1.0, gt=0, le=1)
    """How far to move towards the mean of the adapted weights."""


class FOMAMLConfig(Frozen):
    """First-order MAML (Finn et al., 2017): follow the gradient found after adaptation."""

    name: Literal["fomaml"] = "fomaml"
    meta_batch_size: int = Field(4, ge=1)
    """Members of the family in each outer step."""
    episodes: int = Field(8, ge=1, le=256)
    """Episodes that are lived, side by side, before each time of learning from them."""
    inner_steps: int = Field(8, ge=1)
    """How many times that is done to adapt to a member."""
    inner_lr: float = Field(5e-3, gt=0)
    """Step size of Adam in adaptation."""
    query_rollouts: int = Field(4, ge=1)
    """Rollouts with the adapted weights on which gradients are found."""
    outer_lr: float = Field(4e-3, gt=0)
    """Step size of the outer Adam."""


MetaConfig = Annotated[ReptileConfig | FOMAMLConfig, Field(discriminator="name")]
