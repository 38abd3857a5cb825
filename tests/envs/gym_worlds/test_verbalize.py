import gymnasium as gym
import numpy as np
import pygame
import pytest

from envs.gym_worlds.pictures import PAINTERS
from envs.gym_worlds.play import OURS
from envs.gym_worlds.verbalize import Verbalized
from envs.options import GymOptions
from envs.task import GYM_TITLES, Task

SIDES = {"left": -1, "right": 1}
NUMBERS = ("zero", "one", "two", "three", "four")


@pytest.mark.parametrize("gym_id", [*GYM_TITLES, "Blackjack-v1"])
def test_the_environment_underneath_is_left_as_it_is(gym_id):
    """Same seed and actions: same rewards and ends as the raw environment."""
    raw, world = (
        gym.make(OURS.get(gym_id, gym_id), max_episode_steps=-1),
        Task(key=f"gym:{gym_id}", options={"max_episode_steps": 10_000}).make(),
    )
    raw.reset(seed=5)
    world.reset(seed=5)
    actions = np.random.default_rng(0).integers(len(world.actions), size=250).tolist()
    for action in actions:
        _, reward, terminated, *_ = raw.step(action)
        _, verbalized_reward, ended, *_ = world.step(action)
        assert (verbalized_reward, ended) == (float(reward), bool(terminated))
        if terminated:
            raw.reset()
            world.reset()


def test_the_phrases_of_every_environment_fit_it():
    for gym_id in GYM_TITLES:
        world = Task(key=f"gym:{gym_id}").make()
        assert not any("action" in action for action in world.actions)
        assert world.instruction
        assert not any(word.startswith("x1") for word in world.words)


def read(text, name):
    """Return the number after `name` in a CartPole sentence; left is negative."""
    words = text.split()
    index = words.index(name) + 1
    return NUMBERS.index(words[index]) * SIDES[words[index + 1]] if words[index] in NUMBERS else 0


def test_cartpole_can_be_balanced_from_its_sentences():
    world = Task(key="gym:CartPole-v1").make()
    scores = []
    for seed in range(20):
        text, info = world.reset(seed=seed)
        while not info:
            cart, pole = text.split(" . ")[1:]
            push = read(pole, "pole") + read(pole, "falling") + 0.5 * read(cart, "going")
            text, *_, info = world.step(int(push > 0 or (push == 0 and read(pole, "falling") >= 0)))
        scores.append(info["score"])
    assert np.mean(scores) >= 0.95


def test_the_score_of_cartpole_is_the_share_of_the_limit():
    world = Task(key="gym:CartPole-v1", options={"max_episode_steps": 50}).make()
    world.reset(seed=0)
    info, steps = {}, 0
    while not info:
        *_, info = world.step(1)
        steps += 1
    assert info["score"] == pytest.approx(steps / 50)


def test_the_limit_cuts_an_episode_off():
    world = Task(key="gym:MountainCar-v0", options={"max_episode_steps": 30}).make()
    world.reset(seed=0)
    ends = [world.step(1)[2:4] for _ in range(30)]
    assert ends == [(False, False)] * 29 + [(False, True)]


def test_a_single_integer_is_split_by_the_factors_of_the_phrase_book():
    world = Task(key="gym:Taxi-v4").make()
    text, _ = world.reset(seed=0)
    row, column, passenger, destination = world._env.unwrapped.decode(world._env.unwrapped.s)
    stands = ("red", "green", "yellow", "blue", "aboard")
    expected = f"row {NUMBERS[row]} column {NUMBERS[column]} . passenger {stands[passenger]} to {stands[destination]}"
    assert text == f"taxi . {expected} ."


def test_copies_of_a_world_have_the_same_bins():
    worlds = [Task(key="gym:CartPole-v0").make() for _ in range(2)]
    assert worlds[0]._binnings == worlds[1]._binnings


def test_bounds_can_be_chosen():
    world = Verbalized(GymOptions(low=10, high=20), gym_id="CartPole-v1")
    world.reset(seed=0)
    info, total = {}, 0.0
    while not info:
        _, reward, *_, info = world.step(0)
        total += reward
    assert info["score"] == pytest.approx(np.clip((total - 10) / 10, 0, 1))


@pytest.mark.parametrize(
    ("gym_id", "options", "message"),
    [
        ("CartPol-v1", {}, "did you mean 'CartPole-v1'"),
        ("Quite-Another-v7", {}, "there is no Gymnasium environment"),
        ("Pendulum-v1", {}, "Discrete actions"),
        ("CartPole-v1", {"low": 5, "high": 5}, "low must be below high"),
    ],
)
def test_what_can_not_be_put_into_words_is_refused_in_one_line(gym_id, options, message):
    with pytest.raises(ValueError, match=message) as refusal:
        Task(key=f"gym:{gym_id}", options=options).make()
    assert "\n" not in str(refusal.value)


def test_observations_that_are_pictures_are_refused():
    gym.register("Pixels-v0", entry_point=lambda **_: _Pixels())
    try:
        with pytest.raises(ValueError, match="Discrete observations"):
            Task(key="gym:Pixels-v0").make()
    finally:
        del gym.registry["Pixels-v0"]


class _Pixels(gym.Env):
    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012 - Gymnasium declares it a plain dict
    action_space = gym.spaces.Discrete(2)
    observation_space = gym.spaces.Box(0, 255, (8, 8, 3), np.uint8)


class _Pair(gym.Env):
    """Counts up two integers; its state can't be saved."""

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium declares it a plain dict
    action_space = gym.spaces.Discrete(2, start=3)
    observation_space = gym.spaces.MultiDiscrete([4, 30])

    def __init__(self, render_mode=None):
        self.time = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.time = 0
        return np.array([0, 0]), {}

    def step(self, action):
        assert action in (3, 4)
        self.time += 1
        return np.array([self.time % 4, self.time]), float(action == 4), self.time == 6, False, {}


@pytest.fixture
def pair():
    gym.register("Pair-v0", entry_point=_Pair)
    try:
        yield Task(key="gym:Pair-v0").make()
    finally:
        del gym.registry["Pair-v0"]


def test_an_unknown_environment_gets_plain_words(pair):
    assert pair.actions == ("action zero", "action one")
    assert pair.reset(seed=0)[0] == "pair-v0 . x1 zero x2 zero ."
    assert [pair.step(1)[0] for _ in range(5)][-1] == "pair-v0 . x1 one x2 five ."
    *_, info = pair.step(1)
    assert info == {"score": 1.0}


def test_an_unknown_state_is_not_saved_silently(pair):
    with pytest.raises(ValueError, match="can't be saved"):
        pair.get_state()


def test_an_environment_without_a_picture_shows_its_name(pair):
    assert pair.picture_state() is None
    assert pair.draw(None, 120).std() > 0


def test_closing_a_world_leaves_pygame_alone():
    world = Task(key="gym:Blackjack-v1").make()
    world.reset(seed=0)
    world.draw(None, 64)
    pygame.font.init()
    world.close()
    assert pygame.font.get_init()


def test_nobody_slips_on_the_firm_lake():
    lake = Task(key="gym:FirmLake-v1").make()
    for seed in range(5):
        text, info = lake.reset(seed=seed)
        for direction in ("down", "down", "right", "right", "down", "right"):
            text, *_, info = lake.step(lake.actions.index(direction))
        assert info["score"] == 1, text


@pytest.mark.parametrize("gym_id", [gym_id for gym_id in gym.registry if gym_id.rsplit("-", 1)[0] in PAINTERS])
def test_every_painted_environment_provides_what_its_painter_needs(gym_id):
    world = Task(key=f"gym:{gym_id}").make()
    world.reset(seed=0)
    world.step(0)
    assert world.draw(world.picture_state(), 64).shape == (64, 64, 3)
