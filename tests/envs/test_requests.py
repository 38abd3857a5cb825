"""Requests are matched in every language, checked by the world, and leave the episode as it was."""

import random
from collections import deque

import pytest

from envs.household.instructions import parse
from envs.household.scene import fulfils, perform
from envs.requests import UNCHECKED, NotUnderstood, Request, match_request
from envs.task import Task, library
from widgets.style.catalogue import LANGUAGES

HOUSES = [spec.key for spec in library() if not spec.key.startswith("gym:")]
ROOMS = [spec.key for spec in library() if spec.group == "Several rooms"]
OFFERED = [
    Request({"en": "open the fridge", "zh_CN": "打开冰箱"}),
    Request({"en": "open the cupboard", "zh_CN": "打开橱柜"}),
    Request({"en": "take the cup", "zh_CN": "拿起杯子"}),
    Request({"en": "go to the hall", "zh_CN": "去客厅"}),
]


def begin(key, seed=3, **options):
    world = Task(key=key, options=options).make()
    return world, world.reset(seed=seed)[0]


@pytest.mark.parametrize("text", ["open the fridge", " Open  the FRIDGE. ", "打开冰箱", "打开冰箱。"])
def test_a_request_is_matched_in_every_language(text):
    assert match_request(text, OFFERED).text == "open the fridge"


@pytest.mark.parametrize(
    ("text", "unknown", "first"),
    [
        ("open the fridgee", "fridgee", "open the fridge"),
        ("please open the cupboard", "please", "open the cupboard"),
        ("take the fridge", "take the fridge", "open the fridge"),
        ("打开冰柜", "打开冰柜", "打开"),
        ("", "", ""),
    ],
)
def test_an_unmatched_request_is_reported_with_the_three_nearest(text, unknown, first):
    with pytest.raises(NotUnderstood) as caught:
        match_request(text, OFFERED)
    nearest = caught.value.arguments["nearest"].split(" · ")
    assert caught.value.arguments["words"] == unknown
    assert len(set(nearest)) == 3
    assert nearest[0].startswith(first)
    assert "\n" not in str(caught.value)


def test_a_world_without_requests_refuses_them():
    world, _ = begin("gym:CartPole-v1")
    assert world.requests() == ()
    with pytest.raises(NotUnderstood, match=UNCHECKED):
        match_request("open the fridge", world.requests())
    with pytest.raises(NotUnderstood):
        world.set_request(OFFERED[0])


@pytest.mark.parametrize("key", HOUSES)
def test_every_request_has_a_text_in_every_language_and_replaces_the_goal(key):
    world, before = begin(key)
    goal = world.instruction
    assert world.requests()
    for request in world.requests():
        assert set(request.texts) == set(LANGUAGES)
        for translation in request.texts.values():
            assert match_request(translation, world.requests()) == request
        text, is_fulfilled = world.set_request(request)
        assert f" {request.text} ." in text
        assert is_fulfilled == request.is_fulfilled
    assert world.set_request(None)[0] == before
    assert world.instruction == goal


@pytest.mark.parametrize("key", HOUSES)
def test_during_a_request_no_step_is_counted_rewarded_or_final(key):
    world, _ = begin(key, max_episode_steps=4)
    rng = random.Random(1)
    for request in world.requests():
        world.set_request(request)
        for _ in range(20):
            _, reward, terminated, truncated, info = world.step(rng.randrange(len(world.actions)))
            assert (reward, terminated, truncated) == (0.0, False, False)
            now = {each.text: each.is_fulfilled for each in world.requests()}
            assert info["fulfilled"] == now[request.text]
    world.set_request(None)
    steps = 0
    while True:
        steps += 1
        if any(world.step(0)[2:4]):
            break
    assert steps <= 4


@pytest.mark.parametrize("key", HOUSES)
def test_a_new_episode_is_the_same_with_and_without_an_earlier_request(key):
    (asked, _), (plain, _) = begin(key), begin(key)
    asked.set_request(asked.requests()[0])
    asked.step(0)
    assert asked.reset(seed=9)[0] == plain.reset(seed=9)[0]
    rng = random.Random(2)
    for _ in range(12):
        action = rng.randrange(len(plain.actions))
        assert asked.step(action) == plain.step(action)


def shortest(world, asked):
    """Return the actions of a shortest solution, by breadth-first search."""
    paths, queue = {world.scene: []}, deque([world.scene])
    while queue:
        scene = queue.popleft()
        if fulfils(scene, asked):
            return paths[scene]
        for action, act in enumerate(world.acts):
            after = perform(scene, world.house, act)
            if after not in paths:
                paths[after] = [*paths[scene], action]
                queue.append(after)
    pytest.fail(f"no actions lead to {asked.text()!r}")


@pytest.mark.parametrize("key", ROOMS)
def test_every_request_can_be_fulfilled_and_is_reported_when_it_is(key):
    world, _ = begin(key, seed=5)
    for request in world.requests():
        if not world.set_request(request)[1]:
            path = shortest(world, parse(request.text))
            assert [world.step(action)[4]["fulfilled"] for action in path] == [False] * (len(path) - 1) + [True]


@pytest.mark.parametrize("key", ["household/put-away", "household/lamp", "household/store"])
def test_a_world_can_be_restored_during_a_request(key):
    world, _ = begin(key)
    world.set_request(world.requests()[-1])
    world.step(1)
    other, _ = begin(key, seed=8)
    other.set_state(world.get_state())
    rng = random.Random(3)
    for _ in range(15):
        action = rng.randrange(len(world.actions))
        assert other.step(action) == world.step(action)
    assert other.set_request(None) == world.set_request(None)
    assert other.get_state() == world.get_state()


def test_a_request_for_another_thing_lays_down_the_held_one():
    world, _ = begin("household/put-away", objects=3)
    thing, other = [name for name in world.picture_state()["cells"] if name != "basket"][:2]
    asked = {request.text: request for request in world.requests()}
    world._cells[thing] = world._cell
    world.set_request(asked[f"take the {thing}"])
    world.step(world.actions.index("take"))
    assert world.picture_state()["held"]
    text, is_fulfilled = world.set_request(asked[f"go to the {other}"])
    assert not world.picture_state()["held"]
    assert f"{thing} here" in text
    assert not is_fulfilled
