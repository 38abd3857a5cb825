import numpy as np
import pytest
import torch

from agents.config.learning import EpisodicConfig
from agents.config.strategies import L2Config
from agents.continual.l2 import L2
from agents.events import MemoryEntry
from agents.memory.episodic import EpisodicMemory


def distance(policy, anchor):
    weights = {name: weight for name, weight in policy.named_parameters() if not name.startswith("value.")}
    return sum(float(((weight - anchor[name]) ** 2).sum().detach()) for name, weight in weights.items())


def test_every_weight_is_anchored_at_the_end_of_the_last_stage(policy, memory, rng, move, collected):
    strategy = L2(L2Config(strength=3.0), memory, rng)
    assert strategy.penalty(policy) == 0.0
    for task in range(2):
        move(policy, 0.1, seed=task)
        strategy.end_task(policy, task, collected(policy, ["apple left"]))
    anchor = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    move(policy, 0.3, seed=9)
    assert float(strategy.penalty(policy).detach()) == pytest.approx(1.5 * distance(policy, anchor), rel=1e-6)


def test_switched_on_during_a_run_it_anchors_the_current_weights(policy, rng, move):
    memory = EpisodicMemory(EpisodicConfig(buffer_size=1), np.random.default_rng(0))
    memory.choose(0, 1, 1)
    memory.write(0, [MemoryEntry(id=-1, task_id=0, text="apple", action="north", reward=0.0, step=0)], step=0)
    memory.store_targets(0, torch.full((1, 2), 0.5), torch.zeros(1))
    strategy = L2(L2Config(strength=2.0), memory, rng)
    strategy.begin_task(policy, 1)
    anchor = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    move(policy, 0.3)
    strategy.begin_task(policy, 1)  # a second time, nothing new is to be held
    assert float(strategy.penalty(policy).detach()) == pytest.approx(distance(policy, anchor), rel=1e-6)
