import math

import pytest
import torch
from gymnasium.wrappers.utils import RunningMeanStd

from agents.replay.reward_scaling import ReturnScale


def test_the_divisor_is_the_deviation_of_discounted_sums():
    generator = torch.Generator().manual_seed(0)
    scale, reference = ReturnScale(), RunningMeanStd(epsilon=1e-12)
    sums = torch.zeros(5)
    for _ in range(4):
        rewards = 10 * torch.rand(7, 5, generator=generator)
        ends = (torch.rand(7, 5, generator=generator) < 0.2).float()
        scale.observe(rewards, ends, gamma=0.9)
        history = []
        for step_rewards, ended in zip(rewards, ends, strict=True):
            sums = 0.9 * sums + step_rewards
            history.append(sums)
            sums = sums * (1 - ended)
        reference.update(torch.cat(history).numpy().astype("float64"))
    assert abs(scale.divisor - float(reference.var) ** 0.5) < 1e-5


def test_small_rewards_are_not_scaled_up():
    scale = ReturnScale()
    scale.observe(torch.full((4, 2), 0.01), torch.zeros(4, 2), gamma=0.9)
    assert scale.divisor == 1.0


@pytest.mark.parametrize(("reward", "unit"), [(0.01, 0.0199), (-0.01, 0.0199), (0.4, 0.796), (30.0, 1.0)])
def test_the_unit_is_the_largest_discounted_sum_and_at_most_1(reward, unit):
    scale = ReturnScale()
    scale.observe(torch.tensor([[reward], [reward], [0.0]]), torch.zeros(3, 1), gamma=0.99)
    assert scale.unit == pytest.approx(unit)
    scale.observe(torch.zeros(3, 1), torch.zeros(3, 1), gamma=0.99)
    assert scale.unit == pytest.approx(unit)


def test_without_any_reward_the_unit_is_infinite():
    scale = ReturnScale()
    assert scale.unit == math.inf
    scale.observe(torch.zeros(4, 2), torch.zeros(4, 2), gamma=0.9)
    assert scale.unit == math.inf


def test_the_unit_is_part_of_the_state():
    scale, restored = ReturnScale(), ReturnScale()
    scale.observe(torch.tensor([[0.25], [0.0]]), torch.zeros(2, 1), gamma=0.9)
    restored.restore(scale.state())
    assert restored.unit == scale.unit == 0.25
