import sys

import pytest
import torch

from agents.benchmarks.reference.exactness import weight_difference
from agents.benchmarks.reference.our_agent import SETTINGS
from agents.benchmarks.report.timing import medians
from agents.benchmarks.speed.loop_speed import loop_speeds
from agents.benchmarks.speed.sb3_agent import create_sb3_agent
from agents.benchmarks.speed.throughput import TOLERANCE, measure
from agents.config.algorithms import A2CConfig
from agents.config.learning import LearningConfig


def test_it_measures_both_contenders_in_both_settings(monkeypatch):
    monkeypatch.setattr("agents.benchmarks.speed.throughput.loop_speeds", lambda rounds, worlds: [])
    threads = torch.get_num_threads()
    figures = {figure.name: figure for figure in measure(rounds=1, worlds=4)}
    assert torch.get_num_threads() == threads
    for name in ("24 tokens", "6 tokens"):
        ours, baseline = figures[f"{name}: our agent"].value, figures[f"{name}: stable-baselines3"].value
        assert figures[f"{name}: ratio"].value == pytest.approx(ours / baseline)
        assert figures[f"{name}: ratio"].holds == (ours / baseline >= 2)
    assert figures["matrix product"].value > 0
    assert figures["24 tokens: length of a sentence"].value == pytest.approx(23, abs=2)
    assert figures["6 tokens: length of a sentence"].value == pytest.approx(6, abs=0.8)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_twenty_gradient_steps_give_the_weights_of_the_plain_computation(setting):
    assert weight_difference(32, setting) <= TOLERANCE


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_baseline_has_our_agents_transformer(setting):
    agent = create_sb3_agent([setting.make() for _ in range(2)], setting.longest, seed=0)
    sizes = {name: weight.numel() for name, weight in agent.policy.features_extractor.model.named_parameters()}
    assert 100_000 < sum(sizes.values()) < 150_000
    agent.learn(64)


def test_without_stable_baselines3_one_line_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    monkeypatch.delitem(sys.modules, "agents.benchmarks.speed.sb3_agent", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'palimpsest\[bench\]'"):
        measure(rounds=1, worlds=2)


def test_every_algorithm_is_timed_beside_its_baseline_with_a_goal_where_both_are_the_same():
    figures = {figure.name: figure for figure in loop_speeds(rounds=1, worlds=2)}
    for name in ("a2c", "reinforce", "grpo", "dqn"):
        ours, baseline = figures[f"{name}: ours"].value, figures[f"{name}: stable-baselines3"].value
        assert figures[f"{name}: ratio"].value == pytest.approx(ours / baseline)
    assert [name for name, figure in figures.items() if figure.goal] == ["a2c: ratio", "dqn: ratio"]


def test_the_baseline_a2c_takes_one_step_of_adam_a_rollout_as_ours_does():
    learning = LearningConfig(n_steps=5)
    homes = [SETTINGS[1].make() for _ in range(2)]
    agent = create_sb3_agent(homes, SETTINGS[1].longest, 0, A2CConfig(), learning)
    agent.learn(3 * 2 * learning.n_steps)
    steps = {int(state["step"]) for state in agent.policy.optimizer.state.values()}
    assert steps == {3}


def test_contenders_alternate_and_the_first_round_is_discarded():
    calls = []
    seconds = medians({"one": lambda: calls.append(1), "two": lambda: calls.append(2)}, rounds=2)
    assert calls == [1, 2] * 3
    assert set(seconds) == {"one", "two"}
