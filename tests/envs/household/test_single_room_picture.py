import pytest

from envs.household.single_room import Household
from envs.household.single_room_picture import paint
from envs.options import HouseholdOptions


@pytest.fixture
def picture_state():
    world = Household(HouseholdOptions(), goal="put")
    world.reset(seed=0)
    return {
        **world.picture_state(),
        "cells": {"apple": 6, "basket": 18},
        "target": "apple",
        "trail": (12, 11),
        "facing": 3,
        "said": "west",
    }


def picture(picture_state, blend=1.0):
    return paint(picture_state, 200, dark=False, blend=blend)


@pytest.mark.parametrize(
    "change",
    [
        {"house": "mirror house"},
        {"meanings": (2, 3, 0, 1)},
        {"held": True},
        {"done": True},
        {"facing": 0},
        {"target": "basket"},
        {"trail": (11,)},
        {"cells": {"apple": 7, "basket": 18}},
    ],
    ids=str,
)
def test_whatever_changes_can_be_seen(picture_state, change):
    assert (picture(picture_state) != picture(picture_state | change)).any()


def test_a_step_is_drawn_on_its_way(picture_state):
    pictures = [picture(picture_state, blend).tobytes() for blend in (0.0, 0.4, 0.7, 1.0)]
    assert len(set(pictures)) == 4


def test_a_wall_gives_way_and_pushes_back(picture_state):
    bumped = picture_state | {"trail": (10, 10)}
    before, amid, after = (picture(bumped, blend) for blend in (0.0, 0.5, 1.0))
    assert (before == after).all()
    assert (before != amid).any()


def test_the_agent_makes_room_for_what_it_stands_on(picture_state):
    """Standing on the apple, neither hides the other: amber and red both show."""
    shown = picture(picture_state | {"trail": (6,)}).reshape(-1, 3)
    for colour in ((244, 181, 68), (221, 91, 80)):
        assert (shown == colour).all(axis=1).sum() > 30
