import pytest
import torch

from agents.benchmarks.reference.random_models import draw_model
from agents.benchmarks.speed import device
from agents.benchmarks.speed.device import available_devices, measure
from agents.benchmarks.speed.device_agent import DeviceAgent
from agents.config.agent import ModelConfig
from agents.config.learning import LearningConfig

FEW = LearningConfig(n_envs=2, n_steps=2)


def test_a_pretrained_model_is_measured_beside_the_built_in_one(tmp_path):
    figures = {figure.name: figure for figure in measure(str(draw_model(tmp_path)), rounds=1, worlds=2)}
    for kind in available_devices():
        assert figures[f"{kind.device}: matrix product, float32"].value > 0
        for model in ("built-in", "pretrained"):
            assert figures[f"{kind.device}, {model}: collecting and learning"].value > 0
            assert figures[f"{kind.device}, {model}: share of the matrix rate, reading"].value > 0
    assert figures["another device: difference of the weights after an update"].verdict == "holds"


def test_operations_are_those_of_matrix_products():
    left, right = torch.ones(3, 5), torch.ones(5, 7)
    assert device._operations(lambda: left @ right) == 2 * 3 * 5 * 7


def test_reading_with_gradients_takes_three_times_the_operations_of_reading():
    agent = DeviceAgent(ModelConfig(), 2, torch.device("cpu"), FEW)
    forward, both = device._operations(agent.read), device._operations(agent.descend)
    # the backward pass takes two products for each of the forward pass, except for the embedding
    assert both / forward == pytest.approx(3, rel=0.15)


def test_reading_changes_no_weight():
    agent = DeviceAgent(ModelConfig(), 2, torch.device("cpu"), FEW)
    before = [weight.clone() for weight in agent.policy.parameters()]
    agent.read()
    agent.descend()
    assert all(torch.equal(old, new) for old, new in zip(before, agent.policy.parameters(), strict=True))
    assert agent.policy.model.share
