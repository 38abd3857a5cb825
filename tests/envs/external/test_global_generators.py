"""A world that draws from generators that a whole process shares gets its own: what others draw changes nothing."""

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


def lived(world, every=0, seed=0, looks_on=lambda: None):
    """Return what a run tells of its learning, and what it remarks."""
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
    told, warnings = [], []
    for event in Trainer(config).run():
        looks_on()
        if isinstance(event, Updated):
            told.append((event.step, dict(event.terms)))
        elif isinstance(event, EpisodeFinished):
            told.append((event.step, event.reward))
        elif isinstance(event, EnvWarned):
            warnings.append(event)
    return told, warnings


def meddle():
    """Draw and seed as worlds that are evaluated or watched do, and others in the same process."""
    for draw, seed in DRAWS.values():
        seed(7)
        draw()


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_seed_is_the_same_life_whatever_is_evaluated_watched_or_drawn_elsewhere(kind, world):
    plain, warnings = lived(world)
    assert lived(world)[0] == plain
    assert lived(world, every=64)[0] == plain
    assert lived(world, looks_on=meddle)[0] == plain
    watcher = Watcher(64)
    watcher.show(Task(key=f"gym:{world.__name__}-v0"), None)
    assert lived(world, looks_on=watcher.step)[0] == plain
    assert lived(world, seed=1)[0] != plain
    (warning,) = warnings
    assert (warning.message, warning.arguments["generators"]) == (SHARED_GENERATORS, kind)


def test_a_world_draws_beside_another_thread_that_draws_all_the_time(kind):
    plain, _ = lived(Unseeded)
    over = threading.Event()

    def draw_on():
        world = Task(key="gym:Unseeded-v0").make()
        world.reset(seed=3)
        while not over.is_set():
            world.step(0)

    other = threading.Thread(target=draw_on)
    other.start()
    try:
        assert lived(Unseeded)[0] == plain
    finally:
        over.set()
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


def test_who_draws_only_later_is_noticed_and_told(kind, monkeypatch):
    monkeypatch.setattr(Unseeded, "from_step", 4_000)
    world = Task(key="gym:Unseeded-v0").make()
    world.reset(seed=0)
    take_warnings()
    for _ in range(4_200):
        if world.step(0)[2]:
            world.reset()
    said = [warning.arguments for warning in take_warnings() if warning.message == SHARED_GENERATORS]
    assert [(arguments["world"], arguments["generators"]) for arguments in said] == [("Unseeded-v0", kind)]


def test_who_draws_from_its_own_generator_is_not_suspected():
    assert random_play("CartPole-v1", 50).drawn == ()
    world = Task(key="gym:CartPole-v1").make()
    world.reset(seed=0)
    assert world._env.rng is None
    assert not [warning for warning in take_warnings() if warning.message == SHARED_GENERATORS]


def test_a_thread_that_hangs_in_its_turn_is_passed(monkeypatch):
    monkeypatch.setattr(global_generators, "PATIENCE", 0.1)
    turn = GeneratorLock()
    monkeypatch.setattr(global_generators, "GENERATOR_LOCK", turn)
    begun, freed, rng = threading.Event(), threading.Event(), OwnGenerators(["numpy.random"], seed=3)

    def hang():
        with rng.thrown():
            begun.set()
            freed.wait(60)

    thread = threading.Thread(target=hang)
    thread.start()
    begun.wait(60)
    ours = OwnGenerators(["numpy.random"], seed=4)
    with ours.thrown():
        first = np.random.randint(2**31)
        freed.set()
        thread.join()
        second = np.random.randint(2**31)
    with OwnGenerators(["numpy.random"], seed=4).thrown():
        assert [first, second] == [np.random.randint(2**31) for _ in range(2)]
