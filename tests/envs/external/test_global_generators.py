"""A world that draws from process-wide generators gets its own: what others draw changes nothing."""

import random
import threading

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces

from agents.config import RunConfig
from agents.events import EnvWarned, EpisodeFinished, Updated
from agents.infer.watcher import Watcher
from agents.training.trainer import Trainer
from envs.external import global_generators
from envs.external.checked_env import SHARED_GENERATORS, take_warnings
from envs.external.global_generators import SHARED, GeneratorLock, OwnGenerators
from envs.gym_worlds.play import random_play
from envs.task import Task

DRAWS = {
    "numpy.random": (lambda: int(np.random.randint(5)), lambda seed: np.random.seed(seed % 2**32)),
    "random": (lambda: random.randrange(5), random.seed),
    "torch": (lambda: int(torch.randint(5, ())), torch.manual_seed),
}
KINDS = tuple(SHARED)


class Unseeded(gym.Env):
    """A digit is shown; even wants action 0, odd wants action 1. The digits come from a shared generator."""

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium declares it a plain dict
    kind = "numpy.random"
    from_step = 0

    def __init__(self):
        self.observation_space, self.action_space = spaces.Discrete(5), spaces.Discrete(2)
        self.steps = 0

    def draw(self):
        return DRAWS[self.kind][0]() if self.steps >= self.from_step else self.steps % 5

    def reset(self, *, seed=None, options=None):
        self.digit, self.time = self.draw(), 0
        return self.digit, {}

    def step(self, action):
        right = int(action) == self.digit % 2
        self.steps += 1
        self.time += 1
        self.digit = self.draw()
        return self.digit, float(right), self.time >= 8, False, {}


class Seeded(Unseeded):
    def reset(self, *, seed=None, options=None):
        if seed is not None:
            DRAWS[self.kind][1](seed)
        return super().reset()


WORLDS = (Unseeded, Seeded)


@pytest.fixture(params=KINDS)
def kind(request, monkeypatch):
    for world in WORLDS:
        gym.register(f"{world.__name__}-v0", entry_point=world)
    monkeypatch.setattr(Unseeded, "kind", request.param)
    random_play.cache_clear()
    yield request.param
    random_play.cache_clear()
    for world in WORLDS:
        del gym.registry[f"{world.__name__}-v0"]
    take_warnings()


def train(world, every=0, seed=0, on_event=lambda: None):
    """Return losses and rewards of a run by step, and its warnings."""
    config = RunConfig.model_validate(
        {
            "seed": seed,
            "stages": [{"task": f"gym:{world.__name__}-v0", "steps": 256}],
            "learning": {"n_envs": 4, "n_steps": 8},
            "algorithm": {"name": "ppo", "n_epochs": 1, "batch_size": 32},
            "model": {"layers": 1, "width": 16, "heads": 2},
            "evaluation": {"n_eval_episodes": 2, "eval_freq": every},
        }
    )
    results, warnings = [], []
    for event in Trainer(config).run():
        on_event()
        if isinstance(event, Updated):
            results.append((event.step, dict(event.terms)))
        elif isinstance(event, EpisodeFinished):
            results.append((event.step, event.reward))
        elif isinstance(event, EnvWarned):
            warnings.append(event)
    return results, warnings


def draw_and_seed():
    """Draw from the shared generators and seed them, as other code of the process may."""
    for draw, seed in DRAWS.values():
        seed(7)
        draw()


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_seed_gives_the_same_run_whatever_is_evaluated_watched_or_drawn_elsewhere(kind, world):
    plain, warnings = train(world)
    assert train(world)[0] == plain
    assert train(world, every=64)[0] == plain
    assert train(world, on_event=draw_and_seed)[0] == plain
    watcher = Watcher(64)
    watcher.show(Task(key=f"gym:{world.__name__}-v0"), None)
    assert train(world, on_event=watcher.step)[0] == plain
    assert train(world, seed=1)[0] != plain
    (warning,) = warnings
    assert (warning.message, warning.arguments["generators"]) == (SHARED_GENERATORS, kind)


def test_a_world_draws_beside_another_thread_that_draws_all_the_time(kind):
    plain, _ = train(Unseeded)
    is_over = threading.Event()

    def draw_forever():
        world = Task(key="gym:Unseeded-v0").make()
        world.reset(seed=3)
        while not is_over.is_set():
            world.step(0)

    other = threading.Thread(target=draw_forever)
    other.start()
    try:
        assert train(Unseeded)[0] == plain
    finally:
        is_over.set()
        other.join()


def test_evaluated_episodes_are_the_same_every_time(kind):
    worlds = [Task(key="gym:Unseeded-v0").make() for _ in range(2)]

    def episode(world):
        return [world.reset(seed=5)[0], *(world.step(0)[0] for _ in range(8))]

    first = episode(worlds[0])
    assert episode(worlds[0]) == episode(worlds[1]) == first


def test_what_others_draw_is_not_changed_by_a_world(kind):
    world = Task(key="gym:Unseeded-v0").make()
    draw, seed = DRAWS[kind]
    seed(1)
    expected = [draw() for _ in range(20)]
    seed(1)
    found = []
    world.reset(seed=0)
    for _ in range(20):
        world.step(0)
        found.append(draw())
    assert found == expected


def test_draws_that_begin_late_are_detected_and_reported(kind, monkeypatch):
    monkeypatch.setattr(Unseeded, "from_step", 4_000)
    world = Task(key="gym:Unseeded-v0").make()
    world.reset(seed=0)
    take_warnings()
    for _ in range(4_200):
        if world.step(0)[2]:
            world.reset()
    found = [warning.arguments for warning in take_warnings() if warning.message == SHARED_GENERATORS]
    assert [(arguments["world"], arguments["generators"]) for arguments in found] == [("Unseeded-v0", kind)]


def test_draws_from_its_own_generator_are_not_reported():
    assert random_play("CartPole-v1", 50).drawn == ()
    world = Task(key="gym:CartPole-v1").make()
    world.reset(seed=0)
    assert world._env.rng is None
    assert not [warning for warning in take_warnings() if warning.message == SHARED_GENERATORS]


def test_a_thread_that_hangs_loses_the_lock(monkeypatch):
    monkeypatch.setattr(global_generators, "LOCK_TIMEOUT", 0.1)
    lock = GeneratorLock()
    monkeypatch.setattr(global_generators, "GENERATOR_LOCK", lock)
    has_begun, released, rng = threading.Event(), threading.Event(), OwnGenerators(["numpy.random"], seed=3)

    def hang():
        with rng.installed():
            has_begun.set()
            released.wait(60)

    thread = threading.Thread(target=hang)
    thread.start()
    has_begun.wait(60)
    ours = OwnGenerators(["numpy.random"], seed=4)
    with ours.installed():
        first = np.random.randint(2**31)
        released.set()
        thread.join()
        second = np.random.randint(2**31)
    with OwnGenerators(["numpy.random"], seed=4).installed():
        assert [first, second] == [np.random.randint(2**31) for _ in range(2)]
