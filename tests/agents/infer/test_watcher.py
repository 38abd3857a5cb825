import numpy as np
import pytest

from agents.agent import Agent, Snapshot, restore
from agents.config import RunConfig
from agents.infer.watcher import Watcher
from envs.curriculum import Stage
from envs.task import Task

GO_TO = Task(key="household/go-to")


def test_an_untrained_agent_can_be_watched_before_any_run():
    watcher = Watcher(size=64)
    watcher.show(GO_TO, 0)
    frame = watcher.step()
    assert frame.picture.shape == (64, 64, 3)
    assert sum(frame.probabilities) == pytest.approx(1.0, abs=1e-5)
    assert sum(weight for _, weight in frame.attention) == pytest.approx(1.0, abs=1e-5)


def test_an_episode_ends_with_its_score_and_the_next_begins():
    watcher = Watcher(size=64)
    watcher.show(GO_TO, 0)
    frames = [watcher.step() for _ in range(200)]
    ends = [index for index, frame in enumerate(frames) if frame.score is not None]
    assert ends
    assert frames[ends[0]].action is None
    assert frames[ends[0] + 1].time == 0
    assert frames[ends[0] + 1].episode == frames[ends[0]].episode + 1


def test_the_watched_agent_decides_like_the_agent_it_was_copied_from():
    agent = Agent(RunConfig(seed=5, stages=(Stage(task="household/go-to"),)))
    agent.add_task(GO_TO, 0)
    watcher = Watcher(size=64)
    watcher.show(GO_TO, 0)
    watcher.load(agent.snapshot(123))
    frame = watcher.reset()
    distribution, value = agent.policy(agent.policy.encode([frame.text], [0]))
    np.testing.assert_allclose(frame.probabilities, distribution.probs[0].tolist(), atol=1e-6)
    assert frame.value == pytest.approx(float(value.detach()), abs=1e-6)
    assert frame.agent_step == 123


def test_a_task_outside_the_curriculum_can_be_watched_and_left_again():
    agent = Agent(RunConfig())
    agent.add_task(GO_TO, 0)
    watcher = Watcher(size=64)
    watcher.load(agent.snapshot(0))
    watcher.show(Task(key="gym:CartPole-v1"), None)
    assert watcher.step().actions == ("left", "right")
    watcher.load(agent.snapshot(1))
    watcher.show(GO_TO, 0)
    assert len(watcher.step().actions) == 4


def test_a_stored_state_is_drawn_as_it_was():
    world = GO_TO.make()
    world.reset(seed=3)
    picture = Watcher().picture(GO_TO, world.picture_state(), 64)
    np.testing.assert_array_equal(picture, world.draw(world.picture_state(), 64))


def test_the_watched_agent_uses_the_weights_of_the_watched_task():
    agent = Agent(RunConfig(seed=5, stages=(Stage(task="household/go-to"),)))
    agent.add_task(GO_TO, 0)
    agent.add_task(Task(key="mirror/go-to"), 1)
    plain = agent.snapshot(1)
    other = {name: array + np.float32(0.1) * (array != 0) for name, array in plain.arrays.items()}
    watcher = Watcher(size=64)
    watcher.load(Snapshot(1, plain.arrays, plain.about, {0: other}))
    seen = []
    for task_id, key in enumerate(("household/go-to", "mirror/go-to", "household/go-to")):
        watcher.show(Task(key=key), task_id % 2)  # no new weights come in between
        frame = watcher.step()
        expected = restore(Snapshot(1, plain.arrays, plain.about, {0: other}), task_id % 2)
        distribution, _ = expected(expected.encode([frame.text], [task_id % 2]))
        np.testing.assert_allclose(frame.probabilities, distribution.probs[0].tolist(), atol=1e-6)
        default = restore(plain)(expected.encode([frame.text], [task_id % 2]))[0].probs[0].tolist()
        seen.append(np.allclose(frame.probabilities, default, atol=1e-6))
    assert seen == [False, True, False]


def test_a_task_outside_the_curriculum_is_watched_with_the_latest_weights():
    agent = Agent(RunConfig())
    agent.add_task(GO_TO, 0)
    plain = agent.snapshot(1)
    other = {name: array + np.float32(1) for name, array in plain.arrays.items()}
    with_task_weights, plain_watcher = Watcher(size=64), Watcher(size=64)
    with_task_weights.load(Snapshot(1, plain.arrays, plain.about, {0: other}))
    with_task_weights.show(GO_TO, 0)
    plain_watcher.load(plain)
    for watcher in (with_task_weights, plain_watcher):
        watcher.reseed(0)
        watcher.show(Task(key="gym:CartPole-v1"), None)
    assert with_task_weights.step().probabilities == plain_watcher.step().probabilities
