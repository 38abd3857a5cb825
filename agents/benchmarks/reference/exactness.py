"""Compare the weights after optimised training with those after a plain computation of the same steps."""

from __future__ import annotations

from dataclasses import replace

import torch

from agents.algorithms.ppo import PPO
from agents.benchmarks.reference.our_agent import SETTINGS, AgentSetting, create_agent
from agents.benchmarks.reference.plain_agent import PlainTransformer, RepeatingPolicy
from agents.config.algorithms import PPOConfig
from agents.config.learning import LearningConfig
from agents.optimiser import EPSILON
from agents.policies import Observations, Policy
from agents.rollout import Rollout

STEPS = 20


def weight_difference(worlds: int, setting: AgentSetting = SETTINGS[0]) -> float:
    """Return the largest difference of any weight after 20 gradient steps on the same rollout.

    One side uses every optimisation. The other computes each token of each decision's sentence in each layer, and steps
    with torch.optim.Adam.
    """
    config = PPOConfig(n_epochs=STEPS)
    fast = create_agent(setting, worlds, algorithm=config)
    plain = create_agent(setting, worlds, RepeatingPolicy, PlainTransformer).policy
    rollout = fast.collect()
    updates = fast.learner.learn(rollout, 0)
    for _ in range(STEPS):
        next(updates)
    _train_plainly(plain, rollout, config)
    pairs = zip(fast.policy.parameters(), plain.parameters(), strict=True)
    return max((weight - expected).abs().max().item() for weight, expected in pairs)


def _train_plainly(policy: Policy, rollout: Rollout, config: PPOConfig) -> None:
    """Take the same gradient steps with Torch's own optimiser."""
    algorithm, learning = PPO(config), LearningConfig()
    adam = torch.optim.Adam(policy.parameters(), lr=learning.learning_rate, eps=EPSILON)
    batches = algorithm.batches(_without_sharing(rollout), torch.Generator().manual_seed(2))
    for _, batch in zip(range(STEPS), batches, strict=False):
        adam.zero_grad()
        algorithm.loss(policy, batch).total.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), learning.max_grad_norm)
        adam.step()


def _without_sharing(rollout: Rollout) -> Rollout:
    """Give every decision a prompt of its own, where equal sentences shared one."""
    shared = rollout.observations
    prompts = shared.prompts[shared.rows]
    return replace(rollout, observations=Observations(prompts, torch.arange(len(shared)), shared.task_ids))
