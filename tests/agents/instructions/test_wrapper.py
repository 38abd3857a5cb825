"""An instruction replaces the goal in observations until it is fulfilled or timed out."""

import pytest

from agents.config.agent import InstructionsConfig
from agents.instructions import OPENING
from agents.instructions.wrapper import InstructionWrapper, with_instructions
from envs.task import Task

BACK, ON = 0, 1
LEFT, RIGHT = 0, 1


@pytest.fixture
def world(corridor):
    wrapper = InstructionWrapper(corridor(), max_steps=4)
    wrapper.reset(seed=0)
    wrapper.inside.position = 1
    return wrapper


def test_the_instruction_replaces_the_goal(world):
    assert world.is_waiting
    assert world.prompt.startswith(f"{OPENING} corridor . visit both ends . at ")
    assert world.write(RIGHT) == world.actor_text
    assert world.actor_text.startswith("corridor . go to the right . at ")
    assert world.instruction == "visit both ends"
    assert not world.is_waiting


def test_it_is_over_when_the_environment_reports_it_fulfilled(world):
    world.write(RIGHT)
    world.step(ON)
    assert not world.outcome.is_over
    text, *_ = world.step(ON)
    assert world.outcome.is_fulfilled
    assert world.outcome.is_over
    assert world.outcome.actor_text == "corridor . go to the right . at 3 . seen right ."
    assert world.is_waiting
    assert text == "corridor . visit both ends . at 3 . seen right ."


def test_it_times_out(world):
    world.write(RIGHT)
    for step in range(4):
        world.step(BACK)
        assert world.outcome.is_over == (step == 3)
    assert not world.outcome.is_fulfilled
    assert world.outcome.score is None


def test_a_reset_keeps_the_outcome_of_the_last_step(world):
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


def test_a_restored_wrapper_continues_exactly(world, corridor):
    world.write(RIGHT)
    world.step(BACK)
    restored = InstructionWrapper(corridor(), max_steps=4)
    restored.set_state(world.get_state())
    assert restored.actor_text == world.actor_text
    for action in (ON, ON, ON):
        assert restored.step(action) == world.step(action)
        assert restored.outcome == world.outcome


@pytest.mark.parametrize("key", ["household/store", "household/serve", "household/tidy", "household/wash"])
def test_observations_of_a_house_stay_in_their_space_with_any_instruction(key):
    world = InstructionWrapper(Task(key=key, options={"rooms": 4, "distractors": 4}).make(), max_steps=8)
    for seed in range(3):
        world.reset(seed=seed)
        assert world.observation_space.contains(world.prompt)
        for index in range(len(world.checkable)):
            text = world.write(index)
            assert world.observation_space.contains(text)
            assert f". {world.checkable[index]} ." in text
        assert set(text.split()) <= set(world.words)


def test_only_environments_that_check_requests_are_wrapped(corridor):
    on = InstructionsConfig(writer="learned")
    assert isinstance(with_instructions(corridor(), on), InstructionWrapper)
    for world, config in ((corridor(), InstructionsConfig()), (Task(key="household/go-to").make(), on)):
        assert with_instructions(world, config) is world


def test_without_feasible_requests_the_actor_reads_the_goal(world, monkeypatch):
    monkeypatch.setattr(world.inside, "feasible_requests", lambda: (False, False))
    assert not world.is_waiting
    assert world.actor_text == world.prompt.removeprefix(f"{OPENING} ")
    world.step(ON)
    assert not world.outcome.is_fulfilled
