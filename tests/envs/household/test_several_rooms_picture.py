import pytest

from envs.household.several_rooms_picture import paint
from envs.task import Task


@pytest.fixture
def picture_state():
    world = Task(key="household/serve", options={"rooms": 4}).make()
    world.reset(seed=0)
    where = {"milk": "fridge", "cup": "hall", "book": "drawer"}
    change = {"where": where, "here": "hall", "came_from": "kitchen", "said": "east", "targets": ["milk"]}
    return {**world.picture_state(), **change, "opened": ["fridge"], "cold": []}


def picture(picture_state, blend=1.0):
    return paint(picture_state, 200, dark=False, blend=blend)


@pytest.mark.parametrize(
    "change",
    [
        {"rooms": 3},
        {"here": "study"},
        {"said": "west"},
        {"opened": []},
        {"opened": ["fridge", "drawer"]},
        {"cold": ["milk"]},
        {"targets": ["cup"]},
        {"where": {"milk": "hand", "cup": "hall", "book": "drawer"}},
        {"where": {"milk": "fridge", "cup": "table", "book": "drawer"}},
        {"where": {"milk": "fridge", "cup": "hall", "book": "cupboard"}},
        {"done": [True] * 7},
        {"success": True},
        {"marks": ["sink"]},
        {"marks": ["sink"], "clean": ["milk"]},
        {"marks": ["note"]},
    ],
    ids=str,
)
def test_whatever_changes_can_be_seen(picture_state, change):
    assert (picture(picture_state) != picture(picture_state | change)).any()


def test_a_thing_behind_a_shut_door_is_still_seen(picture_state):
    shut = picture_state | {"opened": []}
    assert (picture(shut) != picture(shut | {"where": {"cup": "hall", "book": "drawer"}})).any()


def test_a_walk_leads_through_the_door(picture_state):
    pictures = [picture(picture_state, blend).tobytes() for blend in (0.0, 0.4, 0.7, 1.0)]
    assert len(set(pictures)) == 4


def test_a_wall_gives_way_and_pushes_back(picture_state):
    bumped = picture_state | {"came_from": "hall"}
    before, amid, after = (picture(bumped, blend) for blend in (0.0, 0.5, 1.0))
    assert (before == after).all()
    assert (before != amid).any()


@pytest.mark.parametrize("rooms", [2, 3, 4])
@pytest.mark.parametrize("size", [120, 240, 480])
def test_a_plan_fits_any_size(rooms, size):
    world = Task(key="household/tidy", options={"rooms": rooms, "distractors": 4}).make()
    world.reset(seed=1)
    for dark in (False, True):
        assert world.draw(None, size, dark=dark).shape == (size, size, 3)
