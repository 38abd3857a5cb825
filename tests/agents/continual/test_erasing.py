"""Erasing memories ends their rehearsal, and does not change the weights."""

import pytest
import torch

from agents.commands import EraseMemories, PinMemories
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Evaluated, StageStarted, Updated
from agents.training.trainer import Trainer
from envs.curriculum import Stage

HOUSE, TAKE, MIRROR = (
    Stage(id=task, task=task, steps=128, options={"size": 3})
    for task in ("household/go-to", "household/take", "mirror/go-to")
)


def small(strategy, *stages):
    config = RunConfig(
        stages=stages,
        learning=LearningConfig(n_envs=4, n_steps=8),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
        model=ModelConfig(layers=1, width=16),
    )
    return config.changed({"strategy.name": strategy})


def collected(config, erase=None, pinned=False):
    """Run a curriculum; `erase` is (stage index, updates within that stage, task whose memories are erased then)."""
    trainer, events, updates = Trainer(config), [], 0
    for event in trainer.run():
        events.append(event)
        updates = 0 if isinstance(event, StageStarted) else updates + isinstance(event, Updated)
        if erase and isinstance(event, StageStarted | Updated) and (event.index, updates) == erase[:2]:
            ids = tuple(entry.id for entry in trainer.state.agent.memory.entries(erase[2]))
            assert ids
            if pinned:
                trainer.commands.put(PinMemories(ids=ids, pinned=True))
            trainer.commands.put(EraseMemories(ids=ids))
    return trainer, events


def weights(trainer):
    return dict(trainer.state.agent.policy.named_parameters())


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("strategy", ["replay", "agem"])
def test_without_its_memories_an_agent_trains_as_one_that_never_had_any(strategy, pinned):
    erased, _ = collected(small(strategy, HOUSE, MIRROR), (1, 0, 0), pinned)
    naive, _ = collected(small("naive", HOUSE, MIRROR))
    remembering, _ = collected(small(strategy, HOUSE, MIRROR))
    assert erased.state.agent.memory.consolidated(without=1) == {}
    assert all(torch.equal(weight, weights(naive)[name]) for name, weight in weights(erased).items())
    assert not all(torch.equal(weight, weights(naive)[name]) for name, weight in weights(remembering).items())


def test_erased_memories_are_not_rehearsed_from_the_next_update_on():
    def penalties(events, index):
        return [
            event.terms.get("penalty", 0.0) for event in events if isinstance(event, Updated) and event.index == index
        ]

    _, events = collected(small("replay", HOUSE, MIRROR), (1, 2, 0))
    assert [penalty > 0 for penalty in penalties(events, 1)] == [True, True, False, False]
    trainer, events = collected(small("replay", HOUSE, TAKE, MIRROR), (2, 2, 0))
    assert all(penalty > 0 for penalty in penalties(events, 2))
    assert set(trainer.state.agent.memory.consolidated(without=2)) == {1}


def learned(second, seed=0, erase=None):
    """Train on the house, then on `second`, under replay; return the score in the house after each stage."""
    stages = tuple(stage.model_copy(update={"steps": 10_240}) for stage in (HOUSE, second))
    config = small("replay", *stages).model_copy(
        update={
            "seed": seed,
            "learning": LearningConfig(n_envs=32, n_steps=16, learning_rate=4e-3, burst_updates=2),
            "model": ModelConfig(layers=1, width=64),
            "evaluation": EvaluationConfig(n_eval_episodes=32, eval_freq=0),
        }
    )
    _, events = collected(config, erase)
    return [event.scores[0] for event in events if isinstance(event, Evaluated)][1:]


@pytest.mark.timeout(180)
def test_a_score_falls_only_where_what_is_learned_next_contradicts_it():
    """The example of two houses in docs/memory.md."""
    contradicted, remembered, compatible = (
        learned(MIRROR, erase=(1, 0, 0)),
        learned(MIRROR),
        learned(TAKE, erase=(1, 0, 0)),
    )
    assert min(first for first, _ in (contradicted, remembered, compatible)) >= 0.9
    assert contradicted[1] <= 0.3
    assert remembered[1] >= 0.9
    assert compatible[1] >= 0.7
