"""A watched agent writes its own instructions; a request of the user replaces them."""

import pytest

from agents.agent import Agent
from agents.config import RunConfig
from agents.infer.watcher import Watcher
from agents.instructions import writer_task_id
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
    watcher = Watcher(size=64)
    watcher.load(agent.snapshot(0))
    watcher.show(STORE, 0)
    return watcher


def test_each_frame_has_the_current_instruction(watcher):
    frames = [watcher.step() for _ in range(40)]
    unfinished = [frame for frame in frames if frame.action is not None]
    assert {frame.instruction.writer for frame in frames} == {"agent"}
    assert all(f". {frame.instruction.text} ." in frame.text for frame in unfinished)
    assert all(frame.instruction.steps < 3 for frame in unfinished)
    assert len({frame.instruction.text for frame in frames}) > 3
    assert all(frame.goal.startswith("put the ") for frame in frames)


def test_the_last_frame_of_an_episode_has_the_result_of_the_last_instruction(watcher):
    ends = [frame for frame in (watcher.step() for _ in range(60)) if frame.score is not None]
    assert ends
    assert all(frame.instruction.fulfilled is not None for frame in ends)


def test_a_request_replaces_instructions_until_it_is_over(watcher):
    wanted = next(request.text for request in watcher.reset().requests if not request.is_fulfilled)
    frame = watcher.instruct(wanted)
    assert frame.instruction.writer == "person"
    assert f". {wanted} ." in frame.text
    while frame.instruction.writer == "person" and frame.instruction.fulfilled is None:
        frame = watcher.step()
    assert frame.instruction.writer == "person"  # the final status is shown for one frame
    while frame.action is None:
        frame = watcher.step()
    assert watcher.step().instruction.writer == "agent"


def test_without_an_action_set_of_instructions_the_agent_writes_none(watcher):
    assert writer_task_id(0) in watcher._policy.action_sets
    bare = Agent(RunConfig(stages=(Stage(task=STORE.key),)))
    bare.add_task(STORE, 0)
    watcher.load(bare.snapshot(0))
    assert watcher.reset().instruction is None
