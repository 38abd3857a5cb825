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
        "last_action": "west",
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
def test_every_change_of_the_state_changes_the_picture(picture_state, change):
    assert (picture(picture_state) != picture(picture_state | change)).any()


def test_a_step_is_painted_in_between(picture_state):
    pictures = [picture(picture_state, blend).tobytes() for blend in (0.0, 0.4, 0.7, 1.0)]
    assert len(set(pictures)) == 4


def test_a_step_against_a_wall_moves_there_and_back(picture_state):
    bumped = picture_state | {"trail": (10, 10)}
    before, between, after = (picture(bumped, blend) for blend in (0.0, 0.5, 1.0))
    assert (before == after).all()
    assert (before != between).any()


def test_the_agent_does_not_cover_the_thing_in_its_cell(picture_state):
    """In the apple's cell, both the amber agent and the red apple are visible."""
    pixels = picture(picture_state | {"trail": (6,)}).reshape(-1, 3)
    for colour in ((244, 181, 68), (221, 91, 80)):
        assert (pixels == colour).all(axis=1).sum() > 30
