"""The contract of `World`, checked for each row of the library."""

import json
import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from envs.household.single_room_expert import expert
from envs.task import Task, library

KEYS = [spec.key for spec in library()] + ["gym:Blackjack-v1", "gym:FrozenLake8x8-v1", "gym:CartPole-v0"]
HOUSES = [spec.key for spec in library() if spec.world == "envs.household.single_room:Household"]


@pytest.fixture(params=KEYS)
def task(request):
    return Task(key=request.param)


@pytest.fixture
def world(task):
    return task.make()


def play(world, steps, seed=0):
    """Play at random; return the results of all steps and resets."""
    generator = np.random.default_rng(seed)
    results = []
    for action in generator.integers(len(world.actions), size=steps).tolist():
        results.append(world.step(action))
        if results[-1][2] or results[-1][3]:
            results.append(world.reset())
    return results


def test_gymnasium_accepts_the_world(world):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(world, skip_render_check=True)


def test_sentences_use_only_the_world_s_words(world):
    known = set(world.words)
    assert len(known) == len(world.words)
    assert all(set(action.split()) <= known for action in world.actions)
    world.reset(seed=1)
    for text, *_ in play(world, 300):
        assert set(text.split()) <= known
        assert world.observation_space.contains(text)


def test_a_score_comes_with_the_end_of_an_episode_and_only_then(world):
    world.reset(seed=2)
    steps = [result for result in play(world, 600) if len(result) == 5]
    assert all(("score" in info) == (terminated or truncated) for _, _, terminated, truncated, info in steps)
    scores = [info["score"] for *_, info in steps if info]
    assert scores
    assert all(0 <= score <= 1 for score in scores)


def test_the_same_seed_gives_the_same_episodes(task, world):
    twin = task.make()
    assert world.reset(seed=3) == twin.reset(seed=3)
    assert play(world, 200) == play(twin, 200)


def test_a_restored_world_goes_on_exactly(task, world):
    world.reset(seed=4)
    play(world, 137)
    twin = task.make()
    twin.set_state(json.loads(json.dumps(world.get_state())))
    assert twin.picture_state() == world.picture_state()
    assert play(twin, 200, seed=5) == play(world, 200, seed=5)


def test_a_state_stays_what_it_was_while_the_world_goes_on(world):
    world.reset(seed=4)
    play(world, 20)
    state, picture_state = world.get_state(), world.picture_state()
    before = json.dumps([state, picture_state])
    play(world, 60, seed=6)
    assert json.dumps([state, picture_state]) == before


def test_a_picture_is_square_and_differs_between_dark_and_light(world):
    world.reset(seed=7)
    picture_state = world.picture_state()
    pictures = [world.draw(picture_state, 96, dark=dark) for dark in (False, True)]
    for picture in pictures:
        assert picture.shape == (96, 96, 3)
        assert picture.dtype == np.uint8
    assert (pictures[0] != pictures[1]).any()
    assert world.render().shape == (400, 400, 3)


def test_a_serialised_picture_state_gives_the_same_picture(world):
    world.reset(seed=8)
    play(world, 5)
    picture_state = world.picture_state()
    again = json.loads(json.dumps(picture_state))
    if picture_state is not None:
        assert (world.draw(picture_state, 80, blend=0.3) == world.draw(again, 80, blend=0.3)).all()


@pytest.mark.parametrize("key", [key for key in KEYS if Task(key=key).make().picture_state() is not None])
def test_the_picture_moves_with_the_blend(key):
    world = Task(key=key).make()
    world.reset(seed=9)
    for action in range(30):
        before = world.picture_state()
        world.step(action % len(world.actions))
        if (picture_state := world.picture_state()) != before:
            first, last = (world.draw(picture_state, 160, blend=blend) for blend in (0.0, 1.0))
            if (first != last).any():
                return
    pytest.fail("nothing ever moved")


@pytest.mark.parametrize("key", HOUSES)
def test_random_play_scores_low(key):
    world = Task(key=key).make()
    world.reset(seed=10)
    scores = [result[4]["score"] for result in play(world, 20_000) if len(result) == 5 and result[4]]
    assert np.mean(scores) <= 0.3


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith("gym:") and "Blackjack" not in key])
def test_random_play_scores_low_in_gymnasium_worlds(key):
    world = Task(key=key).make()
    world.reset(seed=10)
    scores = [result[4]["score"] for result in play(world, 2_000) if len(result) == 5 and result[4]]
    assert np.mean(scores) <= 0.3


@pytest.mark.parametrize("options", [{}, {"objects": 3}, {"size": 3}, {"size": 9, "objects": 2}], ids=str)
@pytest.mark.parametrize("key", HOUSES)
def test_the_expert_solves_every_request_within_the_limit(key, options):
    world = Task(key=key, options=options).make()
    for seed in range(40):
        world.reset(seed=seed)
        info = {}
        while not info:
            *_, info = world.step(expert(world))
        assert info["score"] == 1.0
