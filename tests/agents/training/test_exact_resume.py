"""A resumed run goes on bit by bit as the run that was never interrupted."""

import copy
import json

import pytest
import torch

from agents import registry
from agents.benchmarks.robustness.resume import BODIES
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Evaluated, StageFinished, Updated
from agents.state_tree import join, split
from agents.training.trainer import Trainer
from envs.curriculum import Stage

SHORT = {"packnet": {"strategy.post_prune_steps": 10}, "progress_compress": {"strategy.compress_steps": 20}}
"""Fewer steps at the end of a stage than people would take."""
STRATEGIES = [*sorted(registry.names(registry.STRATEGIES)), "ewc+replay"]


def config(strategy, **changes):
    stages = (
        Stage(id="a", task="household/go-to", steps=320),
        Stage(id="b", task="gym:CartPole-v1", steps=320),
        Stage(id="c", task="mirror/take", steps=192),
    )
    small = RunConfig(
        seed=7,
        stages=stages,
        learning=LearningConfig(n_envs=8, n_steps=8, burst_updates=3),
        evaluation=EvaluationConfig(n_eval_episodes=2, eval_freq=128),
    )
    chosen = small.changed({"strategy.name": strategy, **changes})
    return chosen.changed(SHORT.get(strategy, {}))


def trace(event):
    match event:
        case Updated():
            return event.step, dict(event.terms)
        case Evaluated():
            return event.step, event.index, event.scores
        case StageFinished():
            return event.step, event.index, event.reason
    return None


def through_disk(state):
    plain, arrays = split(state)
    return join(json.loads(json.dumps(plain)), arrays)


def live(trainer, every=0):
    """Live a run; return what it told, its state after each `every`-th safe point, and its last weights."""
    told, states, points = [], [], 0
    for event in trainer.run():
        if (row := trace(event)) is not None:
            told.append(row)
        if every and isinstance(event, Updated | StageFinished):
            points += 1
            if points % every == 0:
                states.append((len(told), through_disk(trainer.saved())))
    return told, states, {name: weight.clone() for name, weight in trainer.state.agent.policy.state_dict().items()}


def resumed(settings, state):
    trainer = Trainer(settings)
    trainer.resume(state)
    told, _, weights = live(trainer)
    return told, weights


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_resumed_run_equals_the_uninterrupted_one_with_tolerance_zero(strategy):
    settings = config(strategy)
    told, states, weights = live(Trainer(settings), every=4)
    assert len(states) == 4
    for seen, state in states[:-1]:
        rest, again = resumed(settings, state)
        assert rest == told[seen:]
        assert all(torch.equal(weights[name], again[name]) for name in weights)


@pytest.mark.parametrize("body", BODIES)
def test_a_resumed_run_equals_the_uninterrupted_one_in_every_body(body):
    instructed = {"stages.2.task": "household/fetch"} if body == "instructions" else {}
    settings = config("naive").changed({**BODIES[body], **instructed})
    told, states, weights = live(Trainer(settings), every=5)
    for seen, state in states:
        rest, again = resumed(settings, state)
        assert rest == told[seen:]
        assert weights.keys() == again.keys()
        assert all(torch.equal(weights[name], again[name]) for name in weights)


@pytest.mark.parametrize("part", ["experience", "target", "lived"])
def test_leaving_out_what_dqn_keeps_makes_it_another_run(part):
    settings = config("naive").changed(BODIES["dqn with mlp"])
    told, ((seen, state), *_), _ = live(Trainer(settings), every=4)
    kept = state["run"]["agent"]["learner"]["algorithm"]["dqn"]
    kept[part] = {"experience": None, "target": {}, "lived": 0}[part]
    assert resumed(settings, state)[0] != told[seen:]


def nothing(tree):
    """Return the tree as it was before anything was lived: what a part that is left out would hold."""
    if isinstance(tree, torch.Tensor):
        return torch.zeros_like(tree)
    if isinstance(tree, float | int) and not isinstance(tree, bool):
        return type(tree)(0)
    return tree


PARTS = {
    "Adam's first moments": ("run", "agent", "learner", "first"),
    "Adam's second moments": ("run", "agent", "learner", "second"),
    "the schedule": ("run", "agent", "learner", "updates"),
    "the weights": ("run", "agent", "policy"),
    "the scale of rewards": ("run", "agent", "scales"),
    "the springs": ("run", "agent", "strategies", 0, 1),
}
"""Parts of the state that hold numbers, and where they lie."""


@pytest.fixture(scope="module")
def collected():
    """What a run told after its eighth safe point, and its state there; lived once, as it is always the same."""
    told, ((_, _), (seen, state), *_), _ = live(Trainer(config("ewc")), every=4)
    return told[seen:], state


@pytest.fixture
def told(collected):
    return collected[0]


@pytest.fixture
def state(collected):
    return copy.deepcopy(collected[1])


@pytest.mark.parametrize("part", PARTS)
def test_leaving_out_any_part_of_the_state_makes_it_another_run(part, told, state):
    *path, last = PARTS[part]
    place = state
    for key in path:
        place = place[key]
    place[last] = emptied(place[last])
    rest, _ = resumed(config("ewc"), state)
    assert rest != told


def emptied(tree):
    if isinstance(tree, dict):
        return {key: emptied(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [emptied(value) for value in tree]
    return nothing(tree)


def test_leaving_out_what_each_task_has_paid_at_most_makes_it_another_run_under_joint():
    told, ((seen, state), *_), _ = live(Trainer(config("joint")), every=4)
    for scale in state["run"]["agent"]["scales"].values():
        scale["largest"] = 0.0
    assert resumed(config("joint"), state)[0] != told[seen:]


@pytest.mark.parametrize("generator", ["action_rng", "learner"])
def test_leaving_out_a_random_generator_makes_it_another_run(generator, told, state):
    place = state["run"]["agent"]
    fresh = torch.Generator().manual_seed(99).get_state()
    if generator == "learner":
        place["learner"]["generator"] = fresh
    else:
        place[generator] = fresh
    rest, _ = resumed(config("ewc"), state)
    assert rest != told
