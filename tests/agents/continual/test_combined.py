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
    """A memory that knows what was once done in two sentences of the first task."""
    kept = EpisodicMemory(EpisodicConfig(), np.random.default_rng(0))
    moments = [
        MemoryEntry(id=-1, task_id=0, text=text, action="north", reward=0.0, step=0, picture_state=None)
        for text in ("house left", "apple right")
    ]
    kept.write(0, moments, step=1)
    consolidate_memory(kept, policy, 0)
    return kept


def alone(config, memory, policy):
    strategy = build(config, memory, torch.Generator().manual_seed(0))
    strategy.begin_task(policy, 1)
    return strategy


@torch.no_grad()
def test_its_penalty_is_the_sum_of_the_penalties_of_both(policy, memory, move):
    ewc, replay = (alone(config, memory, policy) for config in (PAIR.first, PAIR.second))
    both = CombinedStrategy(PAIR, *(alone(config, memory, policy) for config in (PAIR.first, PAIR.second)))
    move(policy, 0.05)
    apart = [float(ewc.penalty(policy)), float(replay.penalty(policy))]
    assert min(apart) > 0
    assert float(both.penalty(policy)) == pytest.approx(sum(apart), rel=1e-6)


def test_what_one_of_them_knows_outlives_a_change_to_both_and_back(policy, memory):
    agent = Agent(RunConfig(strategy=PAIR.first))
    ewc = agent.strategy
    agent.use_strategy(PAIR, None)
    assert agent.strategy.parts[0] is ewc
    agent.use_strategy(PAIR.first, None)
    assert agent.strategy is ewc


def test_a_part_that_goes_on_is_not_begun_anew(policy):
    agent = Agent(RunConfig(strategy=SIConfig()))
    agent.strategy.begin_task(agent.policy, 0)
    way = next(iter(agent.strategy.paths.values()))
    way += 1.0
    agent.use_strategy(BothConfig(first=SIConfig(strength=9.0), second=ReplayConfig()), 0)
    assert next(iter(agent.strategy.parts[0].paths.values())) is way
    assert agent.strategy.parts[0].config.strength == 9.0


def test_both_hear_every_moment_in_order(policy, memory, collected):
    heard = []

    class Listener:
        def __init__(self, name):
            self.name, self.memory, self.generator = name, None, None

        def __getattr__(self, picture_state):
            return lambda *arguments: heard.append((self.name, picture_state)) or ()

    both, rollout = CombinedStrategy(PAIR, Listener("first"), Listener("second")), collected(policy, ["house"])
    moments = {
        "begin_task": (policy, 0),
        "observe": (rollout,),
        "project": (policy,),
        "constrain": (policy,),
        "activate": (policy, 0),
        "leave": (policy,),
        "end_task": (policy, 0, rollout),
    }
    for picture_state, arguments in moments.items():
        list(getattr(both, picture_state)(*arguments) or ())  # the last one breathes
    assert heard == [(name, picture_state) for picture_state in moments for name in ("first", "second")]
