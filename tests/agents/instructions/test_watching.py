"""A watched agent tells itself what to do, frame by frame; what a person asks goes before it."""

import pytest

from agents.agent import Agent
from agents.config import RunConfig
from agents.infer.watcher import Watcher
from agents.instructions import writer_of
from envs.curriculum import Stage
from envs.task import Task

STORE = Task(key="household/store")


@pytest.fixture(params=[{}, {"knowledge.max_entries": 8}], ids=["plain", "knowing"])
def watcher(request):
    config = RunConfig(stages=(Stage(task=STORE.key),)).changed(
        {"instructions.writer": "learned", "instructions.max_steps": 3, **request.param}
    )
    agent = Agent(config)
    agent.add_task(STORE, 0)
    made = Watcher(size=64)
    made.load(agent.snapshot(0))
    made.show(STORE, 0)
    return made


def test_each_frame_tells_the_instruction_that_is_carried_out(watcher):
    frames = [watcher.step() for _ in range(40)]
    going_on = [frame for frame in frames if frame.action is not None]
    assert {frame.instruction.writer for frame in frames} == {"agent"}
    assert all(f". {frame.instruction.text} ." in frame.text for frame in going_on)
    assert all(frame.instruction.steps < 3 for frame in going_on)
    assert len({frame.instruction.text for frame in frames}) > 3
    assert all(frame.goal.startswith("put the ") for frame in frames)


def test_the_frame_that_ends_an_episode_tells_how_the_last_instruction_ended(watcher):
    ends = [frame for frame in (watcher.step() for _ in range(60)) if frame.score is not None]
    assert ends
    assert all(frame.instruction.fulfilled is not None for frame in ends)


def test_a_person_goes_before_and_the_agent_goes_on_after(watcher):
    wanted = next(request.text for request in watcher.reset().requests if not request.is_fulfilled)
    frame = watcher.instruct(wanted)
    assert frame.instruction.writer == "person"
    assert f". {wanted} ." in frame.text
    while frame.instruction.writer == "person" and frame.instruction.fulfilled is None:
        frame = watcher.step()
    assert frame.instruction.writer == "person"  # how it ended is seen once
    while frame.action is None:
        frame = watcher.step()
    assert watcher.step().instruction.writer == "agent"


def test_weights_alone_tell_by_their_menus_that_the_agent_writes(watcher):
    assert writer_of(0) in watcher._policy.action_sets
    bare = Agent(RunConfig(stages=(Stage(task=STORE.key),)))
    bare.add_task(STORE, 0)
    watcher.load(bare.snapshot(0))
    assert watcher.reset().instruction is None
