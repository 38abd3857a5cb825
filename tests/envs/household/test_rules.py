from collections import Counter

import numpy as np
import pytest

from envs.household.floor_plan import plan
from envs.household.rules import COLOURS, deal_rule
from envs.household.several_rooms_expert import expert
from envs.random_integers import RandomIntegers
from envs.task import Task


def house(**options):
    return Task(key="household/rules", options=options).make()


def episode(world, seed=0):
    """Let the expert play; return every sentence and the score."""
    texts, info = [world.reset(seed=seed)[0]], {}
    while not info:
        text, _, _, _, info = world.step(expert(world))
        texts.append(text)
    return texts, info["score"]


@pytest.mark.parametrize(
    ("rule_shown", "first", "later"), [("once", True, False), ("always", True, True), ("never", False, False)]
)
def test_a_rule_is_shown_when_the_option_says_so(rule_shown, first, later):
    world = house(rule_shown=rule_shown)
    for seed in range(10):
        texts, _ = episode(world, seed)
        assert (world.rule in texts[0]) == first
        assert all((world.rule in text) == later for text in texts[1:])


def test_a_note_is_read_in_the_hall_and_shown_once():
    world = house(rule_shown="note")
    world.reset(seed=0)
    state = world.get_state()
    for room in ("kitchen", "hall"):
        world.set_state(state | {"scene": state["scene"] | {"here": room}})
        assert (" note ." in world._sentence()) == (room == "hall")
        text, *_ = world.step(world.actions.index("read"))
        assert (world.rule in text) == (room == "hall")
    assert world.rule not in world.step(world.actions.index("read") - 1)[0]


def test_a_broken_rule_ends_the_episode_with_a_score_of_0():
    world = house()
    world.reset(seed=0)
    state = world.get_state()
    goal = world.goals[0]
    for place in world.house.places:
        where = {goal.thing: "hand"}
        room = next(room for room in world.house.rooms if place in world.house.standing_in(room))
        scene = state["scene"] | {"here": room, "where": where, "opened": list(world.house.lids)}
        world.set_state(state | {"scene": scene})
        preposition = "on" if place == "table" else "in"
        *_, terminated, _, info = world.step(world.actions.index(f"put {preposition} the {place}"))
        assert terminated
        assert info["score"] == float(place == goal.place)


@pytest.mark.parametrize("kind", ["thing", "colour"])
def test_the_goal_does_not_reveal_the_place(kind):
    """For every thing each place is right equally often, so that an agent without the rule has to guess."""
    house_plan, rng = plan(2), RandomIntegers(np.random.default_rng(0))
    for thing in COLOURS:
        targets = Counter(deal_rule(kind, thing, house_plan, rng)[1] for _ in range(1_500))
        assert set(targets) == set(house_plan.places)
        assert max(targets.values()) / 1_500 < 0.4


def test_a_rule_about_a_colour_needs_the_colour_of_the_thing():
    """The rule names the thing's own colour or another one, equally often, and the right place follows from it."""
    rng, counts = RandomIntegers(np.random.default_rng(1)), Counter()
    for _ in range(600):
        rule, target = deal_rule("colour", "apple", plan(4), rng)
        first_place, second_place = rule.split(" , others ")
        names_its_colour = "red" in first_place
        counts[names_its_colour] += 1
        assert target in (first_place if names_its_colour else second_place)
        assert target not in (second_place if names_its_colour else first_place)
    assert 250 < counts[True] < 350


@pytest.mark.parametrize(
    "options", [{"rule": "colour"}, {"rule_shown": "note"}, {"rule": "colour", "rule_shown": "never", "rooms": 4}]
)
def test_the_expert_that_knows_the_rule_always_succeeds(options):
    world = house(**options)
    assert all(episode(world, seed)[1] == 1 for seed in range(60))


def test_rules_change_by_episode():
    world = house()
    assert len({world.reset(seed=seed)[0].split("belongs")[1] for seed in range(40)}) > 3


@pytest.mark.parametrize("kind", ["thing", "colour"])
def test_without_the_rule_guessing_the_place_seldom_succeeds(kind):
    """A uniform guess of the place is right in fewer than 45% of the episodes."""
    world, rng = house(rule=kind, rule_shown="never"), np.random.default_rng(0)
    scores = []
    for seed in range(300):
        world.reset(seed=seed)
        guess = world.house.places[rng.integers(len(world.house.places))]
        scores.append(guess == world.goals[0].place)
    assert np.mean(scores) < 0.45
