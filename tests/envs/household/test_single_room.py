import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.household.goals import GOALS
from envs.household.single_room import SHAPING_REWARD, STEP_COST, Household
from envs.household.single_room_expert import expert
from envs.options import HouseholdOptions, WordsOptions
from envs.task import Task


def house(goal="go-to", speech="plain", **options):
    return Household(HouseholdOptions(**options), goal=goal, speech=speech)


def placed(world, agent, **cells):
    """Put the agent and things into given cells."""
    world.reset(seed=0)
    state = world.get_state()
    target = next(iter(cells))
    world.set_state(state | {"trail": [agent], "cells": cells, "target": target})
    return world


def test_a_sentence_names_the_house_the_request_and_where_things_are():
    world = placed(house(), agent=12, apple=5)
    assert world._sentence() == "house . go to the apple . apple two left one up ."


def test_a_thing_in_the_agent_s_cell_is_here():
    world = placed(house(), agent=12, apple=5, milk=12)
    assert world._sentence() == "house . go to the apple . apple two left one up . milk here ."


def test_one_thing_takes_at_most_14_words_and_three_at_most_27():
    for objects, limit in ((1, 14), (3, 27)):
        world = house(speech="mirror", objects=objects)
        texts = [world.reset(seed=seed)[0] for seed in range(50)]
        assert max(len(text.split()) for text in texts) <= limit


@pytest.mark.parametrize(
    ("speech", "ends"),
    [("plain", (7, 13, 17, 11)), ("mirror", (17, 11, 7, 13)), ("turned", (13, 17, 11, 7))],
)
def test_direction_words_have_the_meaning_of_the_house(speech, ends):
    for action, end in enumerate(ends):
        world = placed(house(speech=speech), agent=12, apple=0)
        world.step(action)
        assert world.picture_state()["trail"][-1] == end


def test_a_wall_stops_a_step():
    world = placed(house(), agent=0, apple=24)
    world.step(0)
    assert world.picture_state()["trail"] == [0, 0]


def test_sentences_do_not_reveal_the_member_of_the_family():
    texts = {Household(WordsOptions(member=member), goal="go-to", speech="words").reset(seed=3)[0] for member in (0, 7)}
    assert len(texts) == 1


def test_taking_and_putting_change_the_sentence():
    world = placed(house("put"), agent=1, apple=0, basket=2)
    assert world.instruction == "put the apple in the basket"
    take, put = 4, 5
    assert world.step(take)[0].startswith("house . put the apple in the basket . apple one left .")
    world.step(3)
    text, *_ = world.step(take)
    assert text == "house . put the apple in the basket . you hold the apple . basket two right ."
    world.step(1)
    text, _, terminated, *_ = world.step(put)
    assert "apple here" in text
    assert not terminated
    for action in (take, 1):
        world.step(action)
    *_, terminated, _, info = world.step(put)
    assert terminated
    assert info == {"score": 1.0}


def test_only_the_goal_s_thing_can_be_taken():
    world = placed(house("take", objects=2), agent=7, apple=0, milk=7)
    text, _, terminated, *_ = world.step(4)
    assert "you hold" not in text
    assert not terminated


@pytest.mark.parametrize(("goal", "word", "before", "after"), [("open", 4, "closed", "open"), ("lamp", 4, "off", "on")])
def test_the_sentence_has_the_state_of_furniture(goal, word, before, after):
    name = GOALS[goal].target
    world = placed(house(goal), agent=7, **{name: 7})
    assert f"{name} {before} here" in world._sentence()
    text, _, terminated, *_ = world.step(word)
    assert f"{name} {after} here" in text
    assert terminated


@pytest.mark.parametrize("goal", GOALS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), actions=st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_shaping_rewards_every_step_by_which_the_shortest_solution_gets_shorter(goal, seed, actions):
    """The sum of shaping rewards is the shortest solution's length at the start minus that at the end."""
    world = house(goal, objects=2, max_episode_steps=500)
    world.reset(seed=seed)
    start = steps_left(world)
    total, steps = 0.0, 0
    for action in actions:
        _, reward, terminated, *_ = world.step(action % len(world.actions))
        total, steps = total + reward, steps + 1
        if terminated:
            total -= 1
            break
    assert total == pytest.approx(SHAPING_REWARD * (start - steps_left(world)) - STEP_COST * steps)


def steps_left(world):
    """Return the number of the expert's steps to the goal, in a copy of the world."""
    copy = Household(world.options, goal="go-to" if len(world.actions) == 4 else goal_of(world))
    copy.set_state(world.get_state())
    steps = 0
    while not copy.picture_state()["done"]:
        copy.step(expert(copy))
        steps += 1
    return steps


def goal_of(world):
    return next(name for name, goal in GOALS.items() if goal.acts == world.actions[4:])


def test_without_shaping_only_success_is_rewarded():
    world = house(shaped=False)
    for seed in range(20):
        world.reset(seed=seed)
        rewards, terminated = [], False
        while not terminated:
            _, reward, terminated, *_ = world.step(expert(world))
            rewards.append(reward)
        assert rewards == [0.0] * (len(rewards) - 1) + [1.0]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), size=st.integers(3, 9), objects=st.integers(1, 3))
def test_everything_starts_in_a_cell_of_its_own_and_the_target_two_steps_away(seed, size, objects):
    world = house("put", size=size, objects=objects)
    world.reset(seed=seed)
    picture_state = world.picture_state()
    agent, target = picture_state["trail"][0], picture_state["cells"][picture_state["target"]]
    cells = [agent, *picture_state["cells"].values()]
    assert len(set(cells)) == len(cells) == objects + 2
    assert abs(agent % size - target % size) + abs(agent // size - target // size) >= 2


def test_starts_spread_over_the_whole_room():
    world = house()
    world.reset(seed=0)
    starts = [world.picture_state()["trail"][0] for _ in range(2_000) if world.reset()]
    counts = np.bincount(starts, minlength=25)
    assert counts.min() > 0.6 * counts.mean()
    assert counts.max() < 1.5 * counts.mean()


def test_the_limit_can_be_chosen():
    world = Task(key="household/go-to", options={"max_episode_steps": 4}).make()
    world.reset(seed=1)
    ends = [world.step(0)[3] for _ in range(4)]
    assert ends == [False, False, False, True]
