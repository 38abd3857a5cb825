"""Every strategy can be switched on in the middle of a run, off again, and on once more."""

import pytest
import torch

from agents import registry
from agents.commands import Configure
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.config.strategy_pair import spelling, tables
from agents.events import CommandRefused, Evaluated, Fault, StageFinished, Updated
from agents.training.trainer import Trainer
from envs.curriculum import Stage

STRATEGIES = [*sorted(set(registry.names(registry.STRATEGIES)) - {"naive"}), "ewc+replay"]
BRIEF = {"samples": 8, "post_prune_steps": 3, "compress_steps": 3}


def chosen(name):
    """Return the changes that choose a strategy and keep it short."""
    parts = tables(RunConfig().changed({"strategy.name": name}).strategy).items()
    brief = {f"strategy.{table}{key}": n for table, part in parts for key, n in BRIEF.items() if hasattr(part, key)}
    return {"strategy.name": name, **brief}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_is_switched_on_off_and_on_during_a_run(strategy):
    stages = tuple(Stage(task=task, steps=64) for task in ("household/go-to", "gym:CartPole-v1", "mirror/take"))
    config = RunConfig(
        stages=stages,
        learning=LearningConfig(n_envs=4, n_steps=4),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=32),
    )
    trainer = Trainer(config)
    turns = {6: chosen(strategy), 8: chosen("naive"), 10: chosen(strategy)}  # twice in the second, once in the third
    updates, events = 0, []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Updated):
            updates += 1
            if updates in turns:
                trainer.commands.put(Configure(changes=turns[updates]))
    assert not [event for event in events if isinstance(event, Fault | CommandRefused)]
    assert updates == 12
    assert [event for event in events if isinstance(event, Evaluated)][-1].scores.count(None) == 0
    assert spelling(trainer.state.agent.strategy.config) == strategy
    assert all(bool(torch.isfinite(weight).all()) for weight in trainer.state.agent.policy.parameters())


@pytest.mark.parametrize(
    ("strategy", "other"), [("packnet", "naive"), ("adapters", "replay"), ("progress_compress", "ewc")]
)
def test_the_weights_of_the_first_task_are_identical_after_another_strategy(strategy, other):
    tasks = ("household/go-to", "gym:CartPole-v1")
    config = RunConfig(
        stages=tuple(Stage(task=task, steps=96) for task in tasks),
        learning=LearningConfig(n_envs=4, n_steps=4),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    ).changed(chosen(strategy))
    trainer = Trainer(config)
    turns, updates, weights = {8: chosen(other), 10: chosen(strategy)}, 0, {}
    for event in trainer.run():
        if isinstance(event, StageFinished | Updated):
            updates += isinstance(event, Updated)
            snapshot = trainer.state.agent.snapshot(event.step)
            weights[updates] = snapshot.weights_for(0)
            if isinstance(event, Updated) and updates in turns:
                trainer.commands.put(Configure(changes=turns[updates]))
    assert updates == 12
    before, during, after = weights[7], weights[9], weights[11]
    assert all((before[name] == after[name]).all() for name in before)
    assert any((before[name] != during[name]).any() for name in before)
