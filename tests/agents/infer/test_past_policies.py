import pytest

from agents.agent import Agent, Snapshot
from agents.config import RunConfig
from agents.infer.explanation_data import Milestone
from agents.infer.past_policies import PastPolicies
from agents.infer.watcher import Watcher
from envs.curriculum import Stage
from envs.task import Task

GO_TO = Task(key="household/go-to")
BALANCE = Task(key="gym:CartPole-v1")
MILESTONES = (Milestone("untrained", 0), Milestone("before", 100))


@pytest.fixture
def stored(runs):
    """A run with checkpoints of two different agents at steps 0 and 90, both with the first task only."""
    config = RunConfig(stages=(Stage(task="household/go-to"),))
    run = runs.create(config)
    for step, seed in ((0, 1), (90, 2)):
        agent = Agent(config.changed({"seed": seed}))
        agent.add_task(GO_TO, 0)
        snapshot = agent.snapshot(step)
        run.keep(snapshot.step, snapshot.arrays, snapshot.about)
    return run


@pytest.fixture
def watcher():
    watcher = Watcher(size=64)
    watcher.show(GO_TO, 0)
    return watcher


def explained(watcher, run):
    past_policies = PastPolicies()
    past_policies.set_run(run, MILESTONES)
    return watcher.explain(past_policies)


def test_a_decision_is_compared_with_the_weights_stored_last_before_each_milestone(stored, watcher):
    found = explained(watcher, stored).divergences
    assert [each.milestone for each in found] == list(MILESTONES)
    assert found[0].nats > 0
    assert found[0].probabilities != found[1].probabilities


def test_the_untrained_agent_has_no_divergence_from_itself(stored, watcher):
    arrays, about, step = stored.checkpoint_at(0)
    watcher.load(Snapshot(step, arrays, about))
    assert explained(watcher, stored).divergences[0].nats == pytest.approx(0.0, abs=1e-6)


def test_earlier_agents_without_the_task_get_it_for_the_comparison(stored, watcher):
    watcher.show(BALANCE, 1)
    found = explained(watcher, stored).divergences
    assert [len(each.probabilities) for each in found] == [2, 2]


def test_without_a_stored_run_there_is_nothing_to_compare_with(watcher):
    assert watcher.explain(PastPolicies()).divergences == ()


def test_each_agent_is_read_from_disk_once(stored, watcher, monkeypatch):
    past_policies = PastPolicies()
    past_policies.set_run(stored, MILESTONES)
    watcher.explain(past_policies)
    monkeypatch.setattr(type(stored), "checkpoint_at", None)
    assert len(watcher.explain(past_policies).divergences) == 2


def test_without_a_task_there_is_no_explanation():
    assert Watcher(size=64).explain(PastPolicies()) is None
