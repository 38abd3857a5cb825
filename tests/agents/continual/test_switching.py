"""Every strategy can be switched on in the middle of a run, off again, and on once more."""

import pytest
import torch

from agents import registry
from agents.commands import Configure
from agents.config import EvaluationConfig, LearningConfig, RunConfig
from agents.events import CommandRefused, Evaluated, Fault, Updated
from agents.trainer import Trainer
from envs.curriculum import Stage

STRATEGIES = sorted(set(registry.names(registry.STRATEGIES)) - {"naive"})
BRIEF = {"samples": 8, "retraining": 3, "compression": 3}


def chosen(name):
    """Return the changes that choose a strategy and keep it short."""
    config = RunConfig().changed({"strategy.name": name}).strategy
    return {"strategy.name": name, **{f"strategy.{key}": n for key, n in BRIEF.items() if hasattr(config, key)}}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_is_switched_on_off_and_on_while_a_run_goes_on(strategy):
    stages = tuple(Stage(task=task, steps=64) for task in ("household/go-to", "gym:CartPole-v1", "mirror/take"))
    config = RunConfig(
        stages=stages, learning=LearningConfig(worlds=4, rollout=4), evaluation=EvaluationConfig(episodes=1, every=32)
    )
    trainer = Trainer(config)
    turns = {6: chosen(strategy), 8: chosen("naive"), 10: chosen(strategy)}  # twice in the second, once in the third
    updates, told = 0, []
    for event in trainer.run():
        told.append(event)
        if isinstance(event, Updated):
            updates += 1
            if updates in turns:
                trainer.commands.put(Configure(changes=turns[updates]))
    assert not [event for event in told if isinstance(event, Fault | CommandRefused)]
    assert updates == 12
    assert [event for event in told if isinstance(event, Evaluated)][-1].scores.count(None) == 0
    assert trainer.state.agent.strategy.config.name == strategy
    assert all(bool(torch.isfinite(weight).all()) for weight in trainer.state.agent.policy.parameters())
