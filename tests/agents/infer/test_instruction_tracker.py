"""A person tells the watched agent something, sees how it goes, and the agent goes back to its goal."""

import pytest

from agents.events import InstructionStatus
from agents.infer.instruction_tracker import PATIENCE
from agents.infer.paired_watchers import PairedWatchers
from agents.infer.watcher import Watcher
from envs.requests import NotUnderstood
from envs.task import Task

STORE = Task(key="household/store")
GO_TO = Task(key="household/go-to", options={"objects": 3})


@pytest.fixture
def watcher():
    made = Watcher(size=32)
    made.show(STORE, 0)
    return made


def told_until_over(watcher, text):
    frames = [watcher.instruct(text)]
    while frames[-1].instruction.fulfilled is None:
        frames.append(watcher.step())
    return frames


def open_request(watcher, start="take"):
    frame = watcher.frame(1.0)
    return next(each.text for each in frame.requests if each.text.startswith(start) and not each.is_fulfilled)


def test_nobody_was_told_anything_at_first(watcher):
    assert watcher.step().instruction is None


def test_the_instruction_is_read_in_the_goal_s_place_and_the_goal_again_afterwards(watcher):
    goal = watcher.reset().goal
    text = open_request(watcher)
    frames = told_until_over(watcher, text.upper())
    assert frames[0].instruction == InstructionStatus(text, "person")
    assert f". {text} ." in frames[0].text
    assert all(frame.goal == goal for frame in frames)
    assert [frame.instruction.steps for frame in frames] == list(range(len(frames)))
    assert all(f". {text} ." in frame.text for frame in frames[:-1])
    assert f". {goal} ." in frames[-1].text
    assert all(frame.reward == 0 for frame in frames)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_fulfilled_when_the_world_says_so_and_given_up_when_patience_ends(seed):
    watcher = Watcher(size=32, seed=seed)
    watcher.show(STORE, 0)
    frames = told_until_over(watcher, open_request(watcher, "open the"))
    last = frames[-1].instruction
    is_fulfilled = {request.text: request.is_fulfilled for request in frames[-1].requests}[last.text]
    assert last.fulfilled == is_fulfilled
    assert last.fulfilled or last.steps == PATIENCE


def test_what_is_so_already_is_fulfilled_at_once(watcher):
    frame = watcher.reset()
    text = next(request.text for request in frame.requests if request.is_fulfilled)
    told = watcher.instruct(text)
    assert told.instruction == InstructionStatus(text, "person", 0, True)
    assert told.text == frame.text


def test_what_is_not_understood_changes_nothing(watcher):
    before = watcher.reset()
    with pytest.raises(NotUnderstood):
        watcher.instruct("open the moon")
    after = watcher.frame(1.0)
    assert (after.text, after.action, after.instruction) == (before.text, before.action, None)


def test_a_new_episode_gives_it_up_and_remembers_what_became_of_it(watcher):
    text = open_request(watcher, "put")
    watcher.instruct(text)
    frame = watcher.reset()
    assert frame.instruction == InstructionStatus(text, "person", 0, False)
    assert f". {frame.goal} ." in frame.text
    assert watcher.step().instruction == frame.instruction


def test_an_episode_that_was_over_goes_on_for_as_long_as_the_instruction_takes():
    watcher = Watcher(size=32)
    watcher.show(GO_TO, 0)
    frame = watcher.reset()
    while not watcher.is_over:
        frame = watcher.step()
    text = next(request.text for request in frame.requests if not request.is_fulfilled)
    frames = told_until_over(watcher, text)
    assert {each.episode for each in frames} == {frame.episode}
    assert len(frames) > 1
    assert watcher.is_over
    assert frames[-1].action is None
    assert watcher.step().episode == frame.episode + 1


def test_a_goal_that_is_reached_on_the_way_ends_the_episode_with_success():
    watcher = Watcher(size=32)
    watcher.show(GO_TO, 0)
    for seed in range(60):
        watcher.reseed(seed)
        goal = watcher.reset().goal
        last = told_until_over(watcher, goal)[-1]
        if last.instruction.fulfilled:
            break
    assert last.instruction.fulfilled
    assert watcher.is_over
    assert (last.score, last.action) == (1.0, None)


def test_then_and_now_are_both_told():
    pair = PairedWatchers(Watcher(size=32), Watcher(size=32), seed=1)
    pair.show(GO_TO, 0)
    text = next(request.text for request in pair.frame(1.0)[0].requests if not request.is_fulfilled)
    assert [frame.instruction for frame in pair.instruct(text)] == [InstructionStatus(text, "person")] * 2
    assert all(frame.instruction.steps == 1 for frame in pair.step())


def test_a_world_that_checks_nothing_offers_nothing_and_says_so():
    watcher = Watcher(size=32)
    watcher.show(Task(key="gym:CartPole-v1"), None)
    assert watcher.step().requests == ()
    with pytest.raises(NotUnderstood):
        watcher.instruct("open the fridge")
