"""V-trace, against the returns it must equal on what the policy itself lived, and against what clipping promises."""

import pytest
import torch

from agents.continual.v_trace import v_trace


def told(steps=9, worlds=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    rewards, values = (torch.randn(steps, worlds, generator=generator, dtype=torch.float64) for _ in range(2))
    ended = torch.rand(steps, worlds, generator=generator) < 0.2
    return 0.9 * (1 - ended.double()), rewards, values, torch.randn(worlds, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("log_ratio", [0.0, 0.7, 5.0])
def test_what_is_at_least_as_likely_now_is_worth_its_discounted_return(log_ratio):
    discounts, rewards, values, last = told()
    targets, advantages = v_trace(torch.full_like(rewards, log_ratio), discounts, rewards, values, last)
    following = last
    for step in reversed(range(len(rewards))):
        following = rewards[step] + discounts[step] * following
        torch.testing.assert_close(targets[step], following)
        torch.testing.assert_close(advantages[step], following - values[step])


def test_a_step_that_does_not_count_changes_nothing_before_it():
    discounts, rewards, values, last = told()
    log_ratios = torch.full_like(rewards, -0.3)
    log_ratios[6:] = -torch.inf
    targets, advantages = v_trace(log_ratios, discounts, rewards, values, last)
    short = v_trace(log_ratios[:6], discounts[:6], rewards[:6], values[:6], values[6])
    torch.testing.assert_close((targets[:6], advantages[:6]), short)
    assert torch.equal(targets[6:], values[6:])
    assert not advantages[6:].any()


def test_decisions_that_are_hardly_taken_any_more_say_hardly_anything():
    discounts, rewards, values, last = told()
    targets, advantages = v_trace(torch.full_like(rewards, -12.0), discounts, rewards, values, last)
    torch.testing.assert_close(targets, values, atol=1e-3, rtol=0)
    assert advantages.abs().max() < 1e-3
