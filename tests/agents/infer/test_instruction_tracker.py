"""The user instructs the watched agent, sees its progress, and the agent returns to its goal."""

import pytest

from agents.events import InstructionStatus
from agents.infer.instruction_tracker import MAX_STEPS
from agents.infer.paired_watchers import PairedWatchers
from agents.infer.watcher import Watcher
from envs.requests import NotUnderstood
from envs.task import Task

STORE = Task(key="household/store")
GO_TO = Task(key="household/go-to", options={"objects": 3})


@pytest.fixture
def watcher():
    watcher = Watcher(size=32)
    watcher.show(STORE, 0)
    return watcher


def frames_until_over(watcher, text):
    frames = [watcher.instruct(text)]
    while frames[-1].instruction.fulfilled is None:
        frames.append(watcher.step())
    return frames


def open_request(watcher, start="take"):
    frame = watcher.frame(1.0)
    return next(each.text for each in frame.requests if each.text.startswith(start) and not each.is_fulfilled)


def test_there_is_no_instruction_at_first(watcher):
    assert watcher.step().instruction is None


def test_the_instruction_replaces_the_goal_until_it_is_over(watcher):
    goal = watcher.reset().goal
    text = open_request(watcher)
    frames = frames_until_over(watcher, text.upper())
    assert frames[0].instruction == InstructionStatus(text, "person")
    assert f". {text} ." in frames[0].text
    assert all(frame.goal == goal for frame in frames)
    assert [frame.instruction.steps for frame in frames] == list(range(len(frames)))
    assert all(f". {text} ." in frame.text for frame in frames[:-1])
    assert f". {goal} ." in frames[-1].text
    assert all(frame.reward == 0 for frame in frames)


@pytest.mark.parametrize("seed", range(4))
def test_it_ends_when_it_is_fulfilled_or_times_out(seed):
    watcher = Watcher(size=32, seed=seed)
    watcher.show(STORE, 0)
    frames = frames_until_over(watcher, open_request(watcher, "open the"))
    last = frames[-1].instruction
    is_fulfilled = {request.text: request.is_fulfilled for request in frames[-1].requests}[last.text]
    assert last.fulfilled == is_fulfilled
    assert last.fulfilled or last.steps == MAX_STEPS


def test_a_fulfilled_request_ends_at_once(watcher):
    frame = watcher.reset()
    text = next(request.text for request in frame.requests if request.is_fulfilled)
    frame_after = watcher.instruct(text)
    assert frame_after.instruction == InstructionStatus(text, "person", 0, True)
    assert frame_after.text == frame.text


def test_an_unknown_instruction_changes_nothing(watcher):
    before = watcher.reset()
    with pytest.raises(NotUnderstood):
        watcher.instruct("open the moon")
    after = watcher.frame(1.0)
    assert (after.text, after.action, after.instruction) == (before.text, before.action, None)


def test_a_new_episode_ends_it_as_failed(watcher):
    text = open_request(watcher, "put")
    watcher.instruct(text)
    frame = watcher.reset()
    assert frame.instruction == InstructionStatus(text, "person", 0, False)
    assert f". {frame.goal} ." in frame.text
    assert watcher.step().instruction == frame.instruction


def test_an_episode_that_was_over_continues_until_the_instruction_ends():
    watcher = Watcher(size=32)
    watcher.show(GO_TO, 0)
    frame = watcher.reset()
    while not watcher.is_over:
        frame = watcher.step()
    text = next(request.text for request in frame.requests if not request.is_fulfilled)
    frames = frames_until_over(watcher, text)
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
        last = frames_until_over(watcher, goal)[-1]
        if last.instruction.fulfilled:
            break
    assert last.instruction.fulfilled
    assert watcher.is_over
    assert (last.score, last.action) == (1.0, None)


def test_both_paired_watchers_are_instructed():
    pair = PairedWatchers(Watcher(size=32), Watcher(size=32), seed=1)
    pair.show(GO_TO, 0)
    text = next(request.text for request in pair.frame(1.0)[0].requests if not request.is_fulfilled)
    assert [frame.instruction for frame in pair.instruct(text)] == [InstructionStatus(text, "person")] * 2
    assert all(frame.instruction.steps == 1 for frame in pair.step())


def test_an_environment_without_requests_refuses_instructions():
    watcher = Watcher(size=32)
    watcher.show(Task(key="gym:CartPole-v1"), None)
    assert watcher.step().requests == ()
    with pytest.raises(NotUnderstood):
        watcher.instruct("open the fridge")
