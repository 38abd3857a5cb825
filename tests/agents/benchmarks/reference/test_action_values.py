import pytest
import torch

from agents.algorithms.dqn import DQN
from agents.benchmarks.reference.action_values import ActionValuePolicy
from agents.config.algorithms import DQNConfig


def create(temperature=1.0):
    return ActionValuePolicy((2, 8, 3), temperature, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_dqn_reads_the_networks_outputs_back(temperature):
    policy = create(temperature)
    values, _ = DQN(DQNConfig(temperature=temperature)).q_values(
        policy, policy.encode(["0.5 -1.0", "2.0 0.25"], [0, 0])
    )
    torch.testing.assert_close(values, policy.network(torch.tensor([[0.5, -1.0], [2.0, 0.25]])))


def test_a_task_or_observation_of_another_size_raises():
    with pytest.raises(ValueError, match="3 outputs, the task 2 actions; make it fit"):
        create().add_task(0, ("left", "right"), ())
    with pytest.raises(ValueError, match="reads 2 numbers, got"):
        create().encode(["1.0"], [0])
