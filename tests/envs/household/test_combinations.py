import pytest

from envs.household.combinations import combinations, held_out
from envs.household.floor_plan import CARRIED, plan
from envs.task import Task, library

CHORES = [spec.key for spec in library() if "split" in spec.options.model_fields]


@pytest.mark.parametrize("places", [plan(2).places, plan(3).places, plan(4).places, ("sink",)], ids=str)
def test_training_and_held_out_pairs_are_disjoint_and_together_all(places):
    train, test, everything = (combinations(places, split) for split in ("train", "held_out", "all"))
    assert not set(train) & set(test)
    assert sorted(train + test) == sorted(everything)
    assert len(test) == len(places)


@pytest.mark.parametrize("rooms", [2, 3, 4])
def test_each_thing_and_each_place_occurs_in_training(rooms):
    things, places = (set(names) for names in zip(*combinations(plan(rooms).places, "train"), strict=True))
    assert things == set(CARRIED)
    assert places == set(plan(rooms).places)


def test_the_held_out_pairs_never_change():
    """Stored runs were trained without these pairs."""
    pairs = {place: held_out(place) for place in (*plan(4).places, "sink")}
    assert pairs == {
        "fridge": "cup",
        "cupboard": "book",
        "table": "book",
        "drawer": "milk",
        "basket": "book",
        "sink": "pear",
    }


@pytest.mark.parametrize("key", CHORES)
@pytest.mark.parametrize("split", ["train", "held_out"])
def test_a_world_asks_only_for_pairs_of_its_split(key, split):
    world = Task(key=key, options={"split": split, "rooms": 4}).make()
    places = {"wash": "sink", "cool": "fridge", "serve": "table"}
    for seed in range(60):
        world.reset(seed=seed)
        for goal in world.goals:
            place = goal.place or places[goal.verb]
            assert (goal.thing == held_out(place)) == (split == "held_out")
