"""The settings of every algorithm and meta-learner. Imports nothing heavy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from envs.options import Frozen


class ReinforceConfig(Frozen):
    """Monte-Carlo policy gradient (Williams, 1992)."""

    name: Literal["reinforce"] = "reinforce"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount factor of future rewards."""
    baseline: Literal["value", "none"] = "value"
    """Baseline subtracted from returns: the value estimate, or none."""
    normalize_advantage: bool = True
    """Normalise each batch's advantages to mean 0 and deviation 1; without a baseline, to deviation 1 only."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value loss; values also bootstrap the returns of episodes that a rollout cuts off."""
    ent_coef: float = Field(0.05, ge=0)
    """Weight of the entropy bonus at the start of a stage."""
    batch_size: int = Field(512, ge=1)
    """Minibatch size: decisions per gradient step."""


class A2CConfig(Frozen):
    """Advantage actor-critic (Mnih et al., 2016): one gradient step a rollout."""

    name: Literal["a2c"] = "a2c"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount factor of future rewards."""
    gae_lambda: float = Field(1.0, ge=0, le=1)
    """λ of GAE: trades bias (0) against variance (1: all rewards of the rollout, then the value estimate)."""
    normalize_advantage: bool = False
    """Normalise each batch's advantages to mean 0 and deviation 1."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value loss."""
    ent_coef: float = Field(0.05, ge=0)
    """Weight of the entropy bonus at the start of a stage."""


class GRPOConfig(Frozen):
    """Group-relative policy optimisation (Shao et al., 2024): returns are normalised in groups; no value function."""

    name: Literal["grpo"] = "grpo"
    gamma: float = Field(1.0, gt=0, le=1)
    """Discount factor of future rewards; below 1, the shorter of two episodes with equal reward is better."""
    n_epochs: int = Field(3, ge=1, le=100)
    """Passes over each rollout."""
    batch_size: int = Field(512, ge=1)
    """Minibatch size: decisions per gradient step."""
    clip_range: float = Field(0.2, gt=0)
    """Clipping range of the probability ratio between new and old policy."""
    kl_coef: float = Field(0.04, ge=0)
    """Weight of the KL divergence from the reference policy; 0: no KL penalty."""
    ref_model_sync_steps: int = Field(1, ge=0)
    """Updates between two copies of the policy into the reference policy; 0: only at the start of a stage."""
    group_size: int = Field(0, ge=0, le=4096)
    """Environments per group, whose episodes start alike; below 2: all environments of a task are one group."""
    scale_rewards: bool = True
    """Divide by the group's standard deviation; otherwise only its mean is subtracted (Liu et al., 2025)."""
    per_episode: bool = True
    """Give each episode equal weight in the loss; otherwise each decision (Liu et al., 2025)."""
    ent_coef: float = Field(0.05, ge=0)
    """Weight of the entropy bonus at the start of a stage."""


class PPOConfig(Frozen):
    """Proximal policy optimisation, clipped objective (Schulman et al., 2017)."""

    name: Literal["ppo"] = "ppo"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount factor of future rewards."""
    gae_lambda: float = Field(0.95, ge=0, le=1)
    """λ of GAE: trades bias (0) against variance (1)."""
    n_epochs: int = Field(3, ge=1, le=100)
    """Passes over each rollout."""
    batch_size: int = Field(512, ge=1)
    """Minibatch size: decisions per gradient step."""
    clip_range: float = Field(0.2, gt=0)
    """Clipping range of the probability ratio between new and old policy."""
    vf_coef: float = Field(0.5, ge=0)
    """Weight of the value loss."""
    ent_coef: float = Field(0.05, ge=0)
    """Weight of the entropy bonus at the start of a stage."""


class DQNConfig(Frozen):
    """Deep Q-network (Mnih et al., 2015), optionally double (van Hasselt et al., 2016), with n-step targets."""

    name: Literal["dqn"] = "dqn"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount factor of future rewards."""
    temperature: float = Field(0.1, gt=0)
    """Temperature of the softmax over action values, where actions are sampled instead of ε-greedy."""
    batch_size: int = Field(128, ge=1)
    """Minibatch size: transitions per gradient step."""
    buffer_size: int = Field(20_000, ge=1, le=1_000_000)
    """Size of the replay buffer, in transitions; the newest replaces the oldest."""
    learning_starts: int = Field(1_000, ge=1)
    """Environment steps with random actions before learning starts."""
    train_freq: int = Field(16, ge=1)
    """Environment steps between updates."""
    gradient_steps: int = Field(1, ge=1)
    """Gradient steps per update."""
    target_update_interval: int = Field(100, ge=1)
    """Gradient steps between updates of the target network."""
    double: bool = True
    """Double DQN: choose the next action with the online network and value it with the target network."""
    n_steps: int = Field(1, ge=1, le=100)
    """Rewards summed in a TD target before it bootstraps from a value."""
    exploration_initial_eps: float = Field(1.0, ge=0, le=1)
    """Initial probability of a random action."""
    exploration_final_eps: float = Field(0.05, ge=0, le=1)
    """Final probability of a random action."""
    exploration_fraction: float = Field(0.2, gt=0, le=1)
    """Fraction of a stage over which the probability of a random action is reduced."""
    prioritised: bool = False
    """Prioritised replay: sample transitions by their TD error (Schaul et al., 2016)."""
    alpha: float = Field(0.6, ge=0, le=1)
    """Exponent of the priorities; 0: uniform sampling."""
    beta: float = Field(0.4, ge=0, le=1)
    """Initial exponent of the importance-sampling correction; it rises to 1."""


class TabularConfig(Frozen):
    """Settings of tabular learning."""

    gamma: float = Field(0.99, gt=0, le=1)
    """Discount factor of future rewards."""
    alpha: float = Field(0.5, gt=0, le=1)
    """Initial learning rate: fraction of the TD error added to an entry of the table."""
    final_alpha: float = Field(0.5, gt=0, le=1)
    """Final learning rate."""
    exploration_initial_eps: float = Field(1.0, ge=0, le=1)
    """Initial probability of a random action."""
    exploration_final_eps: float = Field(0.05, ge=0, le=1)
    """Final probability of a random action."""
    decay_fraction: float = Field(0.7, gt=0, le=1)
    """Fraction of a stage over which learning rate and exploration change to their final values."""


class QLearningConfig(TabularConfig):
    """Tabular Q-learning (Watkins, 1989): off-policy, bootstraps from the best next action."""

    name: Literal["q_learning"] = "q_learning"


class SarsaConfig(TabularConfig):
    """Tabular SARSA (Rummery & Niranjan, 1994): on-policy, bootstraps from the next action taken."""

    name: Literal["sarsa"] = "sarsa"


class RandomConfig(Frozen):
    """Random policy that never learns: the control for every score."""

    name: Literal["random"] = "random"


AlgorithmConfig = Annotated[
    PPOConfig | ReinforceConfig | A2CConfig | GRPOConfig | DQNConfig | QLearningConfig | SarsaConfig | RandomConfig,
    Field(discriminator="name"),
]


def discount(config: AlgorithmConfig) -> float | None:
    """Return gamma; None for the random policy."""
    return None if isinstance(config, RandomConfig) else config.gamma


def batch_size(config: AlgorithmConfig) -> int | None:
    """Return the minibatch size, or None for algorithms without minibatches."""
    return config.batch_size if isinstance(config, PPOConfig | ReinforceConfig | GRPOConfig | DQNConfig) else None


def vf_coef(config: AlgorithmConfig) -> float:
    """Return the weight of the value loss; 0 for algorithms without one."""
    return config.vf_coef if isinstance(config, PPOConfig | ReinforceConfig | A2CConfig) else 0.0


def ent_coef(config: AlgorithmConfig) -> float:
    """Return the weight of the entropy bonus at the start of a stage; 0 for algorithms that learn no policy."""
    return config.ent_coef if isinstance(config, PPOConfig | ReinforceConfig | A2CConfig | GRPOConfig) else 0.0


class ReptileConfig(Frozen):
    """Reptile (Nichol et al., 2018): move the weights towards the adapted weights."""

    name: Literal["reptile"] = "reptile"
    meta_batch_size: int = Field(4, ge=1)
    """Tasks sampled from the family in each outer step."""
    episodes: int = Field(8, ge=1, le=256)
    """Episodes collected in parallel for each inner step."""
    inner_steps: int = Field(8, ge=1)
    """Inner steps of adaptation to a task."""
    inner_lr: float = Field(5e-3, gt=0)
    """Learning rate of Adam in the inner loop."""
    outer_lr: float = Field(1.0, gt=0, le=1)
    """Step size of the outer loop towards the mean of the adapted weights."""


class FOMAMLConfig(Frozen):
    """First-order MAML (Finn et al., 2017): follow the gradient of the loss after adaptation."""

    name: Literal["fomaml"] = "fomaml"
    meta_batch_size: int = Field(4, ge=1)
    """Tasks sampled from the family in each outer step."""
    episodes: int = Field(8, ge=1, le=256)
    """Episodes collected in parallel for each inner step."""
    inner_steps: int = Field(8, ge=1)
    """Inner steps of adaptation to a task."""
    inner_lr: float = Field(5e-3, gt=0)
    """Learning rate of Adam in the inner loop."""
    query_rollouts: int = Field(4, ge=1)
    """Query rollouts, collected with the adapted weights for the outer gradient."""
    outer_lr: float = Field(4e-3, gt=0)
    """Learning rate of Adam in the outer loop."""


MetaConfig = Annotated[ReptileConfig | FOMAMLConfig, Field(discriminator="name")]
