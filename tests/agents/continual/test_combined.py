"""Two strategies at once are the sum of the two."""

import numpy as np
import pytest
import torch

from agents.agent import Agent
from agents.config import RunConfig
from agents.config.learning import EpisodicConfig
from agents.config.strategies import EWCConfig, ReplayConfig, SIConfig
from agents.config.strategy_pair import BothConfig
from agents.continual.combined import CombinedStrategy
from agents.events import MemoryEntry
from agents.memory import consolidate_memory
from agents.memory.episodic import EpisodicMemory
from agents.registry import build

PAIR = BothConfig(first=EWCConfig(strength=3.0, samples=64), second=ReplayConfig(batch_size=16))


@pytest.fixture
def memory(policy):
    """A memory with the targets of two sentences of the first task."""
    memory = EpisodicMemory(EpisodicConfig(), np.random.default_rng(0))
    entries = [
        MemoryEntry(id=-1, task_id=0, text=text, action="north", reward=0.0, step=0, picture_state=None)
        for text in ("house left", "apple right")
    ]
    memory.write(0, entries, step=1)
    consolidate_memory(memory, policy, 0)
    return memory


def started(config, memory, policy):
    strategy = build(config, memory, torch.Generator().manual_seed(0))
    strategy.begin_task(policy, 1)
    return strategy


@torch.no_grad()
def test_its_penalty_is_the_sum_of_the_penalties_of_both(policy, memory, move):
    ewc, replay = (started(config, memory, policy) for config in (PAIR.first, PAIR.second))
    both = CombinedStrategy(PAIR, *(started(config, memory, policy) for config in (PAIR.first, PAIR.second)))
    move(policy, 0.05)
    penalties = [float(ewc.penalty(policy)), float(replay.penalty(policy))]
    assert min(penalties) > 0
    assert float(both.penalty(policy)) == pytest.approx(sum(penalties), rel=1e-6)


def test_the_state_of_a_part_survives_combining_and_separating(policy, memory):
    agent = Agent(RunConfig(strategy=PAIR.first))
    ewc = agent.strategy
    agent.use_strategy(PAIR, None)
    assert agent.strategy.parts[0] is ewc
    agent.use_strategy(PAIR.first, None)
    assert agent.strategy is ewc


def test_a_part_that_continues_is_not_restarted(policy):
    agent = Agent(RunConfig(strategy=SIConfig()))
    agent.strategy.begin_task(agent.policy, 0)
    path = next(iter(agent.strategy.paths.values()))
    path += 1.0
    agent.use_strategy(BothConfig(first=SIConfig(strength=9.0), second=ReplayConfig()), 0)
    assert next(iter(agent.strategy.parts[0].paths.values())) is path
    assert agent.strategy.parts[0].config.strength == 9.0


def test_every_hook_is_passed_to_both_in_order(policy, memory, collected):
    calls = []

    class Recorder:
        def __init__(self, name):
            self.name, self.memory, self.generator = name, None, None

        def __getattr__(self, hook):
            return lambda *arguments: calls.append((self.name, hook)) or ()

    both, rollout = CombinedStrategy(PAIR, Recorder("first"), Recorder("second")), collected(policy, ["house"])
    hooks = {
        "begin_task": (policy, 0),
        "observe": (rollout,),
        "project": (policy,),
        "constrain": (policy,),
        "activate": (policy, 0),
        "deactivate": (policy,),
        "end_task": (policy, 0, rollout),
    }
    for hook, arguments in hooks.items():
        list(getattr(both, hook)(*arguments) or ())  # the last one is a generator
    assert calls == [(name, hook) for hook in hooks for name in ("first", "second")]
