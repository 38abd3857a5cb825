import sys

import pytest
import torch

from agents.benchmarks.exactness import drift
from agents.benchmarks.player import SETTINGS
from agents.benchmarks.rival import rival
from agents.benchmarks.throughput import DRIFT, measure


def test_it_measures_both_contenders_in_both_settings():
    threads = torch.get_num_threads()
    figures = {figure.name: figure for figure in measure(rounds=1, worlds=4)}
    assert torch.get_num_threads() == threads
    for name in ("24 tokens", "6 tokens"):
        ours, rivals = figures[f"{name}: our agent"].value, figures[f"{name}: stable-baselines3"].value
        assert figures[f"{name}: ratio"].value == pytest.approx(ours / rivals)
        assert figures[f"{name}: ratio"].holds == (ours / rivals >= 2)
    assert figures["matrix product"].value > 0
    assert figures["24 tokens: length of a sentence"].value == pytest.approx(23, abs=2)
    assert figures["6 tokens: length of a sentence"].value == pytest.approx(6, abs=0.8)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_twenty_gradient_steps_find_the_weights_of_the_plain_computation(setting):
    assert drift(32, setting) <= DRIFT


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_rival_begins_with_our_agents_transformer(setting):
    player = rival([setting.make() for _ in range(2)], setting.longest, seed=0)
    sizes = {name: weight.numel() for name, weight in player.policy.features_extractor.model.named_parameters()}
    assert 100_000 < sum(sizes.values()) < 150_000
    player.learn(64)


def test_without_stable_baselines3_one_line_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    monkeypatch.delitem(sys.modules, "agents.benchmarks.rival", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'palimpsest\[bench\]'"):
        measure(rounds=1, worlds=2)
