import pytest

from envs.household.several_rooms_picture import paint
from envs.task import Task


@pytest.fixture
def picture_state():
    world = Task(key="household/serve", options={"rooms": 4}).make()
    world.reset(seed=0)
    where = {"milk": "fridge", "cup": "hall", "book": "drawer"}
    change = {"where": where, "here": "hall", "came_from": "kitchen", "last_action": "east", "targets": ["milk"]}
    return {**world.picture_state(), **change, "opened": ["fridge"], "cold": []}


def picture(picture_state, blend=1.0):
    return paint(picture_state, 200, dark=False, blend=blend)


@pytest.mark.parametrize(
    "change",
    [
        {"rooms": 3},
        {"here": "study"},
        {"last_action": "west"},
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
def test_every_change_of_the_state_changes_the_picture(picture_state, change):
    assert (picture(picture_state) != picture(picture_state | change)).any()


def test_a_thing_in_closed_furniture_is_visible(picture_state):
    closed = picture_state | {"opened": []}
    assert (picture(closed) != picture(closed | {"where": {"cup": "hall", "book": "drawer"}})).any()


def test_a_walk_is_painted_in_between(picture_state):
    pictures = [picture(picture_state, blend).tobytes() for blend in (0.0, 0.4, 0.7, 1.0)]
    assert len(set(pictures)) == 4


def test_a_step_against_a_wall_moves_there_and_back(picture_state):
    bumped = picture_state | {"came_from": "hall"}
    before, between, after = (picture(bumped, blend) for blend in (0.0, 0.5, 1.0))
    assert (before == after).all()
    assert (before != between).any()


@pytest.mark.parametrize("rooms", [2, 3, 4])
@pytest.mark.parametrize("size", [120, 240, 480])
def test_a_plan_fits_any_size(rooms, size):
    world = Task(key="household/tidy", options={"rooms": rooms, "distractors": 4}).make()
    world.reset(seed=1)
    for dark in (False, True):
        assert world.draw(None, size, dark=dark).shape == (size, size, 3)
