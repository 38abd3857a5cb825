"""Do the optimised computations leave the learned weights unchanged, up to rounding?"""

from __future__ import annotations

from dataclasses import replace

import torch

from agents.algorithms.ppo import PPO
from agents.benchmarks.reference.our_agent import SETTINGS, AgentSetting, OurAgent
from agents.benchmarks.reference.plain_agent import PlainTransformer, RepeatingPolicy
from agents.config.algorithms import PPOConfig
from agents.config.learning import LearningConfig
from agents.optimiser import EPSILON
from agents.policies import Observations, Policy
from agents.rollout import Rollout

STEPS = 20


def drift(worlds: int, setting: AgentSetting = SETTINGS[0]) -> float:
    """Return the largest difference of any weight after 20 gradient steps on the same rollout.

    One side takes every short cut. The other computes each token of each decision's
    sentence in each layer, and steps with torch.optim.Adam.
    """
    config = PPOConfig(n_epochs=STEPS)
    fast = OurAgent(setting, worlds, algorithm=config)
    plain = OurAgent(setting, worlds, RepeatingPolicy, PlainTransformer).policy
    rollout = fast.collect()
    work = fast.learner.learn(rollout, 0)
    for _ in range(STEPS):
        next(work)
    _descend(plain, rollout, config)
    pairs = zip(fast.policy.parameters(), plain.parameters(), strict=True)
    return max((one - other).abs().max().item() for one, other in pairs)


def _descend(policy: Policy, rollout: Rollout, config: PPOConfig) -> None:
    """Take the same steps as a textbook would."""
    algorithm, learning = PPO(config), LearningConfig()
    adam = torch.optim.Adam(policy.parameters(), lr=learning.learning_rate, eps=EPSILON)
    batches = algorithm.batches(_repeated(rollout), torch.Generator().manual_seed(2))
    for _, batch in zip(range(STEPS), batches, strict=False):
        adam.zero_grad()
        algorithm.loss(policy, batch).total.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), learning.max_grad_norm)
        adam.step()


def _repeated(rollout: Rollout) -> Rollout:
    """Give every decision a sentence of its own."""
    read = rollout.observations
    prompts = read.prompts[read.rows]
    return replace(rollout, observations=Observations(prompts, torch.arange(len(read)), read.task_ids))
