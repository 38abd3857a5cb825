"""V-trace against the discounted returns that it equals on-policy, and at the limits of ratio truncation."""

import pytest
import torch

from agents.continual.v_trace import v_trace


def random_sequences(steps=9, n_envs=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    rewards, values = (torch.randn(steps, n_envs, generator=generator, dtype=torch.float64) for _ in range(2))
    ended = torch.rand(steps, n_envs, generator=generator) < 0.2
    return 0.9 * (1 - ended.double()), rewards, values, torch.randn(n_envs, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("log_ratio", [0.0, 0.7, 5.0])
def test_with_ratios_of_at_least_one_targets_are_discounted_returns(log_ratio):
    discounts, rewards, values, last = random_sequences()
    targets, advantages = v_trace(torch.full_like(rewards, log_ratio), discounts, rewards, values, last)
    expected = last
    for step in reversed(range(len(rewards))):
        expected = rewards[step] + discounts[step] * expected
        torch.testing.assert_close(targets[step], expected)
        torch.testing.assert_close(advantages[step], expected - values[step])


def test_a_step_that_does_not_count_changes_nothing_before_it():
    discounts, rewards, values, last = random_sequences()
    log_ratios = torch.full_like(rewards, -0.3)
    log_ratios[6:] = -torch.inf
    targets, advantages = v_trace(log_ratios, discounts, rewards, values, last)
    short = v_trace(log_ratios[:6], discounts[:6], rewards[:6], values[:6], values[6])
    torch.testing.assert_close((targets[:6], advantages[:6]), short)
    assert torch.equal(targets[6:], values[6:])
    assert not advantages[6:].any()


def test_actions_that_became_unlikely_hardly_change_the_targets():
    discounts, rewards, values, last = random_sequences()
    targets, advantages = v_trace(torch.full_like(rewards, -12.0), discounts, rewards, values, last)
    torch.testing.assert_close(targets, values, atol=1e-3, rtol=0)
    assert advantages.abs().max() < 1e-3
