"""A resumed run continues bit by bit as the run that was never interrupted."""

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
"""Fewer consolidation steps than the defaults."""
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


def train(trainer, every=0):
    """Train; return the trace, (events so far, state) after each `every`-th safe point, and the final weights."""
    rows, states, points = [], [], 0
    for event in trainer.run():
        if (row := trace(event)) is not None:
            rows.append(row)
        if every and isinstance(event, Updated | StageFinished):
            points += 1
            if points % every == 0:
                states.append((len(rows), through_disk(trainer.saved())))
    return rows, states, {name: weight.clone() for name, weight in trainer.state.agent.policy.state_dict().items()}


def resumed(settings, state):
    trainer = Trainer(settings)
    trainer.resume(state)
    rows, _, weights = train(trainer)
    return rows, weights


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_resumed_run_equals_the_uninterrupted_one_with_tolerance_zero(strategy):
    settings = config(strategy)
    rows, states, weights = train(Trainer(settings), every=4)
    assert len(states) == 4
    for seen, state in states[:-1]:
        rest, again = resumed(settings, state)
        assert rest == rows[seen:]
        assert all(torch.equal(weights[name], again[name]) for name in weights)


@pytest.mark.parametrize("body", BODIES)
def test_a_resumed_run_equals_the_uninterrupted_one_in_every_body(body):
    instructed = {"stages.2.task": "household/fetch"} if body == "instructions" else {}
    settings = config("naive").changed({**BODIES[body], **instructed})
    rows, states, weights = train(Trainer(settings), every=5)
    for seen, state in states:
        rest, again = resumed(settings, state)
        assert rest == rows[seen:]
        assert weights.keys() == again.keys()
        assert all(torch.equal(weights[name], again[name]) for name in weights)


@pytest.mark.parametrize("part", ["experience", "target", "steps"])
def test_omitting_any_state_of_dqn_gives_another_run(part):
    settings = config("naive").changed(BODIES["dqn with mlp"])
    rows, ((seen, state), *_), _ = train(Trainer(settings), every=4)
    dqn = state["run"]["agent"]["learner"]["algorithm"]["dqn"]
    dqn[part] = {"experience": None, "target": {}, "steps": 0}[part]
    assert resumed(settings, state)[0] != rows[seen:]


def nothing(tree):
    """Return zeros in place of numbers, as in a new run."""
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
    "the quadratic penalty": ("run", "agent", "strategies", 0, 1),
}
"""Parts of the state that hold numbers, and their paths."""


@pytest.fixture(scope="module")
def collected():
    """The trace of a run after its eighth safe point, and its state there."""
    rows, ((_, _), (seen, state), *_), _ = train(Trainer(config("ewc")), every=4)
    return rows[seen:], state


@pytest.fixture
def rows(collected):
    return collected[0]


@pytest.fixture
def state(collected):
    return copy.deepcopy(collected[1])


@pytest.mark.parametrize("part", PARTS)
def test_omitting_any_part_of_the_state_gives_another_run(part, rows, state):
    *path, last = PARTS[part]
    table = state
    for key in path:
        table = table[key]
    table[last] = emptied(table[last])
    rest, _ = resumed(config("ewc"), state)
    assert rest != rows


def emptied(tree):
    if isinstance(tree, dict):
        return {key: emptied(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [emptied(value) for value in tree]
    return nothing(tree)


def test_omitting_the_largest_returns_gives_another_run_under_joint():
    rows, ((seen, state), *_), _ = train(Trainer(config("joint")), every=4)
    for scale in state["run"]["agent"]["scales"].values():
        scale["largest"] = 0.0
    assert resumed(config("joint"), state)[0] != rows[seen:]


@pytest.mark.parametrize("generator", ["action_rng", "learner"])
def test_omitting_a_random_generator_gives_another_run(generator, rows, state):
    agent = state["run"]["agent"]
    fresh = torch.Generator().manual_seed(99).get_state()
    if generator == "learner":
        agent["learner"]["generator"] = fresh
    else:
        agent[generator] = fresh
    rest, _ = resumed(config("ewc"), state)
    assert rest != rows
