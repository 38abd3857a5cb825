"""What erasing memories takes from the agent: all that is rehearsed, and nothing of what the weights know."""

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
    """Live a run; `erase` is (the stage that is to begin, updates in it, the task whose memories are erased)."""
    trainer, told, updates = Trainer(config), [], 0
    for event in trainer.run():
        told.append(event)
        updates = 0 if isinstance(event, StageStarted) else updates + isinstance(event, Updated)
        if erase and isinstance(event, StageStarted | Updated) and (event.index, updates) == erase[:2]:
            ids = tuple(entry.id for entry in trainer.state.agent.memory.entries(erase[2]))
            assert ids
            if pinned:
                trainer.commands.put(PinMemories(ids=ids, pinned=True))
            trainer.commands.put(EraseMemories(ids=ids))
    return trainer, told


def weights(trainer):
    return dict(trainer.state.agent.policy.named_parameters())


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("strategy", ["replay", "agem"])
def test_an_agent_whose_memories_are_erased_learns_on_as_if_it_had_never_had_any(strategy, pinned):
    erased, _ = collected(small(strategy, HOUSE, MIRROR), (1, 0, 0), pinned)
    naive, _ = collected(small("naive", HOUSE, MIRROR))
    kept, _ = collected(small(strategy, HOUSE, MIRROR))
    assert erased.state.agent.memory.consolidated(without=1) == {}
    assert all(torch.equal(weight, weights(naive)[name]) for name, weight in weights(erased).items())
    assert not all(torch.equal(weight, weights(naive)[name]) for name, weight in weights(kept).items())


def test_from_the_next_gradient_step_on_only_what_is_left_is_rehearsed():
    def penalties(told, index):
        return [
            event.terms.get("penalty", 0.0) for event in told if isinstance(event, Updated) and event.index == index
        ]

    _, told = collected(small("replay", HOUSE, MIRROR), (1, 2, 0))
    assert [penalty > 0 for penalty in penalties(told, 1)] == [True, True, False, False]
    trainer, told = collected(small("replay", HOUSE, TAKE, MIRROR), (2, 2, 0))
    assert all(penalty > 0 for penalty in penalties(told, 2))
    assert set(trainer.state.agent.memory.consolidated(without=2)) == {1}


def learned(second, seed=0, erase=None):
    """Learn the house, then `second` under replay; return how well the house is known at the end of either stage."""
    stages = tuple(stage.model_copy(update={"steps": 10_240}) for stage in (HOUSE, second))
    config = small("replay", *stages).model_copy(
        update={
            "seed": seed,
            "learning": LearningConfig(n_envs=32, n_steps=16, learning_rate=4e-3, burst_updates=2),
            "model": ModelConfig(layers=1, width=64),
            "evaluation": EvaluationConfig(n_eval_episodes=32, eval_freq=0),
        }
    )
    _, told = collected(config, erase)
    return [event.scores[0] for event in told if isinstance(event, Evaluated)][1:]


@pytest.mark.timeout(180)
def test_a_score_falls_only_where_what_is_learned_next_contradicts_it():
    """What docs/memory.md says of two houses."""
    contradicted, kept, in_accord = learned(MIRROR, erase=(1, 0, 0)), learned(MIRROR), learned(TAKE, erase=(1, 0, 0))
    assert min(first for first, _ in (contradicted, kept, in_accord)) >= 0.9
    assert contradicted[1] <= 0.3
    assert kept[1] >= 0.9
    assert in_accord[1] >= 0.7
