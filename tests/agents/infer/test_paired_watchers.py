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
    made = Watcher(size=64)
    made.load(agent.snapshot(agent_seed))
    return made


def test_two_copies_of_one_agent_live_the_same_life():
    pair = PairedWatchers(watcher(1), watcher(1), seed=5)
    pair.show(GO_TO, 0)
    for _ in range(60):
        then, now = pair.step()
        np.testing.assert_array_equal(then.picture, now.picture)
        assert (then.text, then.action, then.probabilities) == (now.text, now.action, now.probabilities)


def test_two_agents_begin_every_episode_in_the_same_world_and_wait_for_each_other():
    pair = PairedWatchers(watcher(1), watcher(2), seed=5)
    pair.show(GO_TO, 0)
    lives = [pair.step() for _ in range(400)]
    begun = [(then, now) for then, now in lives if then.time == 0 and then.action is not None]
    assert len(begun) > 2
    assert len({then.text for then, _ in begun}) > 1
    for then, now in begun:
        assert (then.text, then.episode, now.time) == (now.text, now.episode, 0)
    assert all(then.episode == now.episode for then, now in lives)
    assert any(then.time != now.time for then, now in lives)


@pytest.mark.parametrize("blend", [0.0, 0.5, 1.0])
def test_who_waits_stands_still(blend):
    pair = PairedWatchers(watcher(1), watcher(2), seed=5)
    pair.show(GO_TO, 0)
    last = pair.step()
    while not any(one.is_over for one in pair.watchers) or all(one.is_over for one in pair.watchers):
        last = pair.step()
    waiting = next(place for place, one in enumerate(pair.watchers) if one.is_over)
    pair.step()
    np.testing.assert_array_equal(pair.frame(blend)[waiting].picture, last[waiting].picture)


def test_one_alone_lives_as_it_always_did():
    alone, plain = PairedWatchers(watcher(1)), watcher(1)
    alone.show(GO_TO, 0)
    plain.show(GO_TO, 0)
    for _ in range(60):
        assert alone.step()[0].text == plain.step().text
