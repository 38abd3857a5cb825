import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.household.instructions import Instruction, parse
from envs.household.several_rooms import STEP_COST
from envs.household.several_rooms_expert import expert
from envs.task import Task, library

KEYS = [spec.key for spec in library() if spec.world == "envs.household.several_rooms:HouseholdRooms"]


def house(chore="store", **options):
    return Task(key=f"household/{chore}", options=options).make()


def furnished(world, *goals, here="kitchen", opened=(), **where):
    """Put the agent and things at given places."""
    world.reset(seed=0)
    scene = {"here": here, "where": where, "opened": list(opened), "cold": [], "clean": []}
    requested = [{"verb": goal.verb, "thing": goal.thing, "place": goal.place} for goal in map(parse, goals)]
    setup = {"scene": scene, "goals": requested, "rule": ""}
    world.set_state(world.get_state() | {"dealt": setup, "scene": scene, "came_from": here})
    world.done = [False] * len(world.subgoals)
    return world


def act(world, *phrases):
    """Take actions by their phrases; return the result of the last one."""
    for phrase in phrases:
        result = world.step(world.actions.index(phrase))
    return result


def test_a_sentence_has_the_goal_the_room_and_the_things_in_reach():
    world = furnished(house(), "put the apple on the table", apple="cupboard", cup="kitchen", ball="fridge")
    assert world._sentence() == (
        "home . put the apple on the table . you are in the kitchen . fridge closed . apple in cupboard . cup here ."
    )
    text, *_ = act(world, "open the fridge")
    assert text.endswith("fridge open . apple in cupboard . cup here . ball in fridge .")
    text, *_ = act(world, "east", "open the cupboard", "take the apple")
    assert text == (
        "home . put the apple on the table . you hold the apple . you are in the hall . cupboard open . table ."
    )


def test_without_location_shown_things_out_of_sight_are_left_out():
    world = furnished(house(location_shown=False), "put the apple on the table", apple="cupboard")
    assert "apple in" not in world._sentence()
    assert "apple in cupboard" in act(world, "east", "open the cupboard")[0]


@pytest.mark.parametrize(
    ("chore", "goal", "clause"),
    [("wash", "wash the cup", "cup dirty here"), ("cool", "cool the cup", "cup warm here")],
)
def test_the_state_of_the_goal_s_thing_is_stated(chore, goal, clause):
    assert clause in furnished(house(chore), goal, cup="kitchen")._sentence()


def test_a_chore_is_done_step_by_step_and_the_world_checks_each():
    world = furnished(house(), "put the apple on the table", apple="cupboard")
    steps = [sub.instruction.text() for sub in world.subgoals]
    assert steps == ["go to the hall", "open the cupboard", "take the apple", "put the apple on the table"]
    act(world, "west")
    assert world.done == [False, False, False, False]
    act(world, "east", "open the cupboard", "take the apple")
    assert world.done == [True, True, True, False]
    *_, terminated, _, info = act(world, "put on the table")
    assert terminated
    assert info == {"score": 1.0, "subgoals": [[step, True] for step in steps]}


def test_furniture_is_opened_before_or_after_the_thing_is_fetched():
    for order in (("open the fridge", "take the apple"), ("take the apple", "open the fridge")):
        world = furnished(house(), "put the apple in the fridge", apple="kitchen")
        act(world, order[0])
        assert sum(world.done) == 1
        assert act(world, order[1], "put in the fridge")[2]


def test_closing_counts_only_when_the_thing_is_inside():
    world = furnished(house("cool"), "cool the cup", cup="kitchen", opened=["fridge"])
    act(world, "close the fridge")
    assert world.done == [False, False, False]
    *_, terminated, _, _ = act(world, "open the fridge", "take the cup", "put in the fridge", "close the fridge")
    assert terminated
    assert world.done == [True, True, True]


def test_two_things_are_tidied_in_any_order():
    for first, second in (("apple", "cup"), ("cup", "apple")):
        world = furnished(
            house("tidy"),
            "put the apple on the table",
            "put the cup on the table",
            here="hall",
            apple="hall",
            cup="hall",
        )
        assert world.instruction == "put the apple on the table and put the cup on the table"
        assert not act(world, f"take the {first}", "put on the table")[2]
        assert act(world, f"take the {second}", "put on the table")[2]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_a_solved_episode_earns_1_minus_the_step_costs(key, share):
    """Without a share for sub-goals, only success is rewarded."""
    world = Task(key=key, options={"subgoal_share": share}).make()
    for seed in range(10):
        world.reset(seed=seed)
        rewards, terminated = [], False
        while not terminated:
            _, reward, terminated, *_ = world.step(expert(world))
            rewards.append(reward)
        assert sum(rewards) == pytest.approx(1 - (STEP_COST * len(rewards) if share else 0))
        assert share or set(rewards[:-1]) <= {0.0}


@pytest.mark.parametrize("key", KEYS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), rooms=st.integers(2, 4), distractors=st.integers(0, 4))
def test_every_sub_goal_is_rewarded_once(key, seed, rooms, distractors):
    world = Task(key=key, options={"rooms": rooms, "distractors": distractors, "max_episode_steps": 60}).make()
    world.reset(seed=seed)
    assert not any(world.fulfils(goal) for goal in world.goals)
    earned, info = 0.0, {}
    for action in np.random.default_rng(seed).integers(len(world.actions), size=60).tolist():
        _, reward, _, _, info = world.step(action)
        earned += reward + STEP_COST
        if info:
            break
    assert earned == pytest.approx(0.5 * np.mean(world.done) + 0.5 * info["score"])


@pytest.mark.parametrize("key", KEYS)
def test_possible_instructions_are_checkable_and_not_fulfilled(key):
    world = Task(key=key, options={"rooms": 4, "distractors": 2}).make()
    for seed in range(5):
        world.reset(seed=seed)
        requested = world.instructions()
        assert set(world.goals) <= set(requested)
        assert not any(world.fulfils(each) or world.fulfils(each.text("zh_CN")) for each in requested)
    assert Instruction("go", place=world.scene.here) not in requested


@pytest.mark.parametrize("key", KEYS)
def test_the_next_sub_goals_are_possible_instructions(key):
    """An instruction writer needs this: the next sub-goal can always be requested."""
    world = Task(key=key, options={"rooms": 4}).make()
    for seed in range(5):
        world.reset(seed=seed)
        info = {}
        while not info:
            ready = [
                sub.instruction
                for number, sub in enumerate(world.subgoals)
                if not world.done[number] and all(world.done[earlier] for earlier in sub.after)
            ]
            assert set(ready) <= set(world.instructions())
            *_, info = world.step(expert(world))


def test_sentences_are_short_enough_for_the_agent():
    """The agent reads 64 words by default."""
    for key in KEYS:
        world = Task(key=key, options={"rooms": 4, "distractors": 4}).make()
        for seed in range(20):
            texts, info = [world.reset(seed=seed)[0]], {}
            while not info:
                text, _, _, _, info = world.step(expert(world))
                texts.append(text)
            assert max(len(text.split()) for text in texts) <= 64


@pytest.mark.parametrize("key", KEYS)
def test_a_random_player_seldom_succeeds(key):
    world = Task(key=key).make()
    world.reset(seed=0)
    rng, scores = np.random.default_rng(0), []
    while len(scores) < 300:
        *_, info = world.step(int(rng.integers(len(world.actions))))
        if info:
            scores.append(info["score"])
            world.reset()
    assert np.mean(scores) <= 0.3


def test_a_picture_state_and_a_state_are_json_data():
    world = house("serve", rooms=4, distractors=3)
    world.reset(seed=1)
    for data in (world.picture_state(), world.get_state()):
        assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize("chore", ["fetch", "store", "wash", "cool", "serve", "tidy"])
def test_feasible_requests_are_unfulfilled_and_a_single_act_can_fulfil_each_kind(chore):
    world = Task(key=f"household/{chore}", options={"rooms": 2, "distractors": 2}).make()
    rng = np.random.default_rng(0)
    fulfilled = set()
    for seed in range(100):
        world.reset(seed=seed)
        for _ in range(12):
            requested = [text for text, can in zip(world.checkable, world.feasible_requests(), strict=True) if can]
            assert requested
            assert not any(world.fulfils(text) for text in requested)
            world.step(int(rng.integers(len(world.actions))))
            fulfilled |= {text.split()[0] for text in requested if world.fulfils(text)}
    assert fulfilled == {text.split()[0] for text in world.checkable}


def test_only_the_held_thing_can_be_requested_to_be_put_somewhere():
    world = Task(key="household/store", options={"distractors": 2}).make()
    for seed in range(20):
        world.reset(seed=seed)
        for action in np.random.default_rng(seed).integers(len(world.actions), size=12).tolist():
            world.step(action)
            requested = [text for text, can in zip(world.checkable, world.feasible_requests(), strict=True) if can]
            puts = [text for text in requested if text.startswith("put ")]
            assert all(text.split()[2] == world.scene.held for text in puts)
            assert bool(puts) == bool(world.scene.held)
