import torch
from gymnasium.wrappers.utils import RunningMeanStd

from agents.scaling import ReturnScale


def test_the_divisor_is_the_deviation_of_discounted_sums():
    generator = torch.Generator().manual_seed(0)
    scale, reference = ReturnScale(), RunningMeanStd(epsilon=1e-12)
    sums = torch.zeros(5)
    for _ in range(4):
        rewards = 10 * torch.rand(7, 5, generator=generator)
        ends = (torch.rand(7, 5, generator=generator) < 0.2).float()
        scale.observe(rewards, ends, gamma=0.9)
        seen = []
        for paid, ended in zip(rewards, ends, strict=True):
            sums = 0.9 * sums + paid
            seen.append(sums)
            sums = sums * (1 - ended)
        reference.update(torch.cat(seen).numpy().astype("float64"))
    assert abs(scale.divisor - float(reference.var) ** 0.5) < 1e-5


def test_small_rewards_are_not_blown_up():
    scale = ReturnScale()
    scale.observe(torch.full((4, 2), 0.01), torch.zeros(4, 2), gamma=0.9)
    assert scale.divisor == 1.0
