import numpy as np
import pytest

from agents.agent import Agent
from agents.config import RunConfig
from agents.infer.paired_watchers import PairedWatchers
from agents.infer.watcher import Watcher
from envs.curriculum import Stage
from envs.task import Task

GO_TO = Task(key="household/go-to")


def watcher(agent_seed):
    agent = Agent(RunConfig(seed=agent_seed, stages=(Stage(task="household/go-to"),)))
    agent.add_task(GO_TO, 0)
    watcher = Watcher(size=64)
    watcher.load(agent.snapshot(agent_seed))
    return watcher


def test_two_copies_of_one_agent_have_the_same_frames():
    pair = PairedWatchers(watcher(1), watcher(1), seed=5)
    pair.show(GO_TO, 0)
    for _ in range(60):
        then, now = pair.step()
        np.testing.assert_array_equal(then.picture, now.picture)
        assert (then.text, then.action, then.probabilities) == (now.text, now.action, now.probabilities)


def test_two_agents_begin_every_episode_in_the_same_state_and_wait_for_each_other():
    pair = PairedWatchers(watcher(1), watcher(2), seed=5)
    pair.show(GO_TO, 0)
    pairs = [pair.step() for _ in range(400)]
    begun = [(then, now) for then, now in pairs if then.time == 0 and then.action is not None]
    assert len(begun) > 2
    assert len({then.text for then, _ in begun}) > 1
    for then, now in begun:
        assert (then.text, then.episode, now.time) == (now.text, now.episode, 0)
    assert all(then.episode == now.episode for then, now in pairs)
    assert any(then.time != now.time for then, now in pairs)


@pytest.mark.parametrize("blend", [0.0, 0.5, 1.0])
def test_a_waiting_watcher_does_not_move(blend):
    pair = PairedWatchers(watcher(1), watcher(2), seed=5)
    pair.show(GO_TO, 0)
    last = pair.step()
    while not any(each.is_over for each in pair.watchers) or all(each.is_over for each in pair.watchers):
        last = pair.step()
    waiting = next(index for index, each in enumerate(pair.watchers) if each.is_over)
    pair.step()
    np.testing.assert_array_equal(pair.frame(blend)[waiting].picture, last[waiting].picture)


def test_a_single_watcher_behaves_as_without_a_pair():
    single, plain = PairedWatchers(watcher(1)), watcher(1)
    single.show(GO_TO, 0)
    plain.show(GO_TO, 0)
    for _ in range(60):
        assert single.step()[0].text == plain.step().text
