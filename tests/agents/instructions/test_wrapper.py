"""A world lived in by instructions: what is written stands in the goal's place until it is done or given up."""

import pytest

from agents.config.agent import InstructionsConfig
from agents.instructions import OPENING
from agents.instructions.wrapper import InstructionWrapper, with_instructions
from envs.task import Task

BACK, ON = 0, 1
LEFT, RIGHT = 0, 1


@pytest.fixture
def world(corridor):
    made = InstructionWrapper(corridor(), patience=4)
    made.reset(seed=0)
    made.inside.place = 1
    return made


def test_the_instruction_stands_in_the_place_of_the_goal(world):
    assert world.is_waiting
    assert world.prompt.startswith(f"{OPENING} corridor . visit both ends . at ")
    assert world.write(RIGHT) == world.actor_text
    assert world.actor_text.startswith("corridor . go to the right . at ")
    assert world.instruction == "visit both ends"
    assert not world.is_waiting


def test_it_is_over_when_the_world_says_so(world):
    world.write(RIGHT)
    world.step(ON)
    assert not world.outcome.is_over
    text, *_ = world.step(ON)
    assert world.outcome.is_fulfilled
    assert world.outcome.is_over
    assert world.outcome.actor_text == "corridor . go to the right . at 3 . seen right ."
    assert world.is_waiting
    assert text == "corridor . visit both ends . at 3 . seen right ."


def test_it_is_given_up_when_patience_ends(world):
    world.write(RIGHT)
    for step in range(4):
        world.step(BACK)
        assert world.outcome.is_over == (step == 3)
    assert not world.outcome.is_fulfilled
    assert world.outcome.score is None


def test_what_the_last_step_led_to_outlives_the_reset(world):
    world.write(RIGHT)
    for action in (ON, ON, BACK, BACK, BACK):
        if world.is_waiting:
            world.write(LEFT)
        *_, terminated, truncated, _ = world.step(action)
    assert terminated
    assert not truncated
    outcome = world.outcome
    world.reset()
    assert world.outcome is outcome
    assert outcome.score == 1.0
    assert world.is_waiting


def test_its_state_continues_exactly_where_it_was_taken(world, corridor):
    world.write(RIGHT)
    world.step(BACK)
    again = InstructionWrapper(corridor(), patience=4)
    again.set_state(world.get_state())
    assert again.actor_text == world.actor_text
    for action in (ON, ON, ON):
        assert again.step(action) == world.step(action)
        assert again.outcome == world.outcome


@pytest.mark.parametrize("key", ["household/store", "household/serve", "household/tidy", "household/wash"])
def test_sentences_of_a_house_keep_to_their_space_with_any_instruction(key):
    world = InstructionWrapper(Task(key=key, options={"rooms": 4, "distractors": 4}).make(), patience=8)
    for seed in range(3):
        world.reset(seed=seed)
        assert world.observation_space.contains(world.prompt)
        for place in range(len(world.checkable)):
            text = world.write(place)
            assert world.observation_space.contains(text)
            assert f". {world.checkable[place]} ." in text
        assert set(text.split()) <= set(world.words)


def test_only_a_world_that_checks_something_is_instructed(corridor):
    on = InstructionsConfig(writer="learned")
    assert isinstance(with_instructions(corridor(), on), InstructionWrapper)
    for world, config in ((corridor(), InstructionsConfig()), (Task(key="household/go-to").make(), on)):
        assert with_instructions(world, config) is world


def test_where_nothing_can_be_asked_the_goal_itself_is_read(world, monkeypatch):
    monkeypatch.setattr(world.inside, "feasible_requests", lambda: (False, False))
    assert not world.is_waiting
    assert world.actor_text == world.prompt.removeprefix(f"{OPENING} ")
    world.step(ON)
    assert not world.outcome.is_fulfilled
