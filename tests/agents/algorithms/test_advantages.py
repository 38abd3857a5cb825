import math

import numpy as np
import pytest
import torch
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from stable_baselines3.common.buffers import RolloutBuffer

from agents.algorithms.advantages import discounted_returns, generalised_advantages, normalised, normalised_by_task
from agents.policies import Observations
from agents.rollout import Rollout


def random_rollout(steps, worlds, seed, endings=0.2):
    generator = torch.Generator().manual_seed(seed)

    def numbers(*shape):
        return torch.randn(*shape, generator=generator)

    ended = torch.rand(steps, worlds, generator=generator) < endings
    by_limit = torch.rand(steps, worlds, generator=generator) < 0.5
    truncated = (ended & by_limit).float()
    return Rollout(
        observations=Observations(None, torch.arange(steps * worlds), torch.zeros(steps * worlds)),
        actions=torch.zeros(steps, worlds, dtype=torch.long),
        log_probs=numbers(steps, worlds),
        values=numbers(steps, worlds),
        rewards=numbers(steps, worlds),
        terminated=(ended & ~by_limit).float(),
        truncated=truncated,
        final_values=numbers(steps, worlds) * truncated,
        last_values=numbers(worlds),
    )


def td_error(rollout, t, n, gamma):
    next_value = rollout.values[t + 1, n] if t + 1 < len(rollout.values) else rollout.last_values[n]
    if rollout.terminated[t, n]:
        next_value = 0.0
    if rollout.truncated[t, n]:
        next_value = rollout.final_values[t, n]
    return (rollout.rewards[t, n] + gamma * next_value - rollout.values[t, n]).item()


def closed_form(rollout, gamma, gae_lambda):
    """Sum the discounted TD errors of the rest of the episode, term by term."""
    steps, worlds = rollout.rewards.shape
    advantages = torch.zeros(steps, worlds, dtype=torch.float64)
    for n in range(worlds):
        for start in range(steps):
            for t in range(start, steps):
                advantages[start, n] += (gamma * gae_lambda) ** (t - start) * td_error(rollout, t, n, gamma)
                if rollout.terminated[t, n] or rollout.truncated[t, n]:
                    break
    return advantages


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    gamma=st.floats(0.5, 1.0),
    gae_lambda=st.floats(0.0, 1.0),
    endings=st.sampled_from([0.0, 0.2, 0.9]),
)
def test_advantages_equal_the_closed_form(seed, gamma, gae_lambda, endings):
    rollout = random_rollout(12, 2, seed, endings)
    found = generalised_advantages(rollout, gamma, gae_lambda)
    torch.testing.assert_close(found.double(), closed_form(rollout, gamma, gae_lambda), atol=1e-5, rtol=1e-6)


def test_in_double_precision_they_equal_it_to_one_in_a_million():
    rollout = random_rollout(20, 3, 0)
    numbers = [getattr(rollout, name) for name in list(Rollout.__dataclass_fields__)[1:]]
    double = Rollout(rollout.observations, *(part.double() for part in numbers if isinstance(part, torch.Tensor)))
    found = generalised_advantages(double, 0.99, 0.95)
    torch.testing.assert_close(found, closed_form(double, 0.99, 0.95), atol=1e-9, rtol=1e-6)


@pytest.mark.parametrize("gae_lambda", [1.0, 0.95, 0.0])
def test_advantages_are_those_that_stable_baselines3_computes_for_a2c_and_ppo(gae_lambda):
    """Its buffer has no final values: its collector adds them to the reward, and so does this test."""
    rollout = random_rollout(16, 3, seed=5)
    ended = ((rollout.terminated + rollout.truncated) > 0).numpy()
    space = spaces.Box(-1, 1, (1,))
    theirs = RolloutBuffer(16, space, spaces.Discrete(2), gae_lambda=gae_lambda, gamma=0.99, n_envs=3)
    theirs.reset()
    rewards = (rollout.rewards + 0.99 * rollout.final_values).numpy()
    starts = np.concatenate([np.ones((1, 3)), ended[:-1]])
    nothing = np.zeros((3, 1), dtype=np.float32)
    for t in range(16):
        theirs.add(nothing, nothing, rewards[t], starts[t], rollout.values[t], torch.zeros(3))
    theirs.compute_returns_and_advantage(rollout.last_values, ended[-1].astype(np.float32))
    found = generalised_advantages(rollout, 0.99, gae_lambda)
    np.testing.assert_allclose(found, theirs.advantages, atol=1e-5)
    np.testing.assert_allclose(found + rollout.values, theirs.returns, atol=1e-5)


def test_returns_are_the_discounted_rewards_and_the_bootstrapped_value():
    rollout = random_rollout(3, 1, 0, endings=0.0)
    r, v = rollout.rewards[:, 0], rollout.last_values[0]
    expected = torch.stack([r[0] + 0.5 * r[1] + 0.25 * r[2] + 0.125 * v, r[1] + 0.5 * r[2] + 0.25 * v, r[2] + 0.5 * v])
    torch.testing.assert_close(discounted_returns(rollout, 0.5)[:, 0], expected)


def test_normalised_advantages_have_no_mean_and_unit_deviation():
    scaled = normalised(torch.tensor([3.0, 5.0, 10.0, -2.0]))
    assert scaled.mean().item() == pytest.approx(0.0, abs=1e-6)
    assert scaled.std().item() == pytest.approx(1.0, abs=1e-6)


def test_a_single_advantage_is_left_as_it_is():
    assert normalised(torch.tensor([3.0])).item() == 3.0


MAGNITUDES = [10.0**power for power in range(-6, 7)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("magnitude", MAGNITUDES)
def test_advantages_that_are_equal_up_to_rounding_become_exactly_0(magnitude, dtype):
    units = torch.randint(-8, 9, (300,), generator=torch.Generator().manual_seed(0))
    same = magnitude * (1 + torch.finfo(dtype).eps * units.to(dtype))
    neighbours = torch.tensor([magnitude, magnitude], dtype=dtype)
    neighbours[1] = torch.nextafter(neighbours[1], neighbours[1] * 2)
    assert same.unique().numel() > 1
    for sign in (1, -1):
        assert not normalised(sign * same).any()
        assert normalised(sign * neighbours).tolist() == [0, 0]


@pytest.mark.parametrize("magnitude", MAGNITUDES)
def test_differences_of_returns_and_values_that_agree_up_to_rounding_become_0(magnitude):
    values = torch.full((50,), magnitude / 3)
    returns = values * (1 + 2e-7 * torch.randn(50, generator=torch.Generator().manual_seed(0)))
    assert (returns - values).abs().max() > 0
    assert not normalised(returns - values, returns).any()


@pytest.mark.parametrize("magnitude", MAGNITUDES)
def test_normalised_advantages_do_not_depend_on_the_magnitude(magnitude):
    plain = torch.randn(64, generator=torch.Generator().manual_seed(0))
    expected = (plain.double() - plain.double().mean()) / plain.double().std()
    torch.testing.assert_close(normalised(plain * magnitude).double(), expected, rtol=1e-5, atol=1e-6)
    shifted = normalised(plain * magnitude * 1e-2 + magnitude)  # an offset a hundred times the spread hides nothing
    torch.testing.assert_close(shifted.double(), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_nan_and_infinity_are_not_taken_for_equal(wrong):
    assert not torch.isfinite(normalised(torch.tensor([1.0, wrong, 1.0]))).all()


def test_not_centred_advantages_are_divided_by_their_deviation_and_keep_their_sign():
    returns = torch.tensor([3.0, 5.0, 10.0, 4.0])
    torch.testing.assert_close(normalised(returns, centred=False), returns / returns.std())
    equal = torch.full((4,), 0.1)
    assert torch.equal(normalised(equal, centred=False), equal)


def test_advantages_normalised_by_task_have_mean_0_and_deviation_1_in_each_task():
    generator = torch.Generator().manual_seed(0)
    task_ids = torch.randint(3, (200,), generator=generator)
    advantages = torch.randn(200, generator=generator) * 10.0**task_ids + task_ids
    normalised_advantages = normalised_by_task(advantages, advantages, task_ids)
    for task_id in range(3):
        own = normalised_advantages[task_ids == task_id]
        torch.testing.assert_close(own.mean(), torch.tensor(0.0), atol=1e-5, rtol=0)
        torch.testing.assert_close(own.std(), torch.tensor(1.0), atol=1e-4, rtol=0)


@pytest.mark.parametrize("floor", [0.05, 0.2, 3.0])
@pytest.mark.parametrize("centred", [True, False])
def test_advantages_are_divided_by_their_deviation_or_by_the_floor_where_that_is_more(floor, centred):
    advantages = torch.tensor([0.3, -0.1, 0.2, -0.4])
    assert 0.2 < advantages.std() < 3
    expected = (advantages - advantages.mean() * centred) / max(advantages.std().item(), floor)
    torch.testing.assert_close(normalised(advantages, floor=floor, centred=centred), expected)


def test_before_the_first_reward_of_a_task_its_advantages_are_noise_and_become_0():
    noise = torch.randn(32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(normalised(noise, floor=math.inf), torch.zeros(32))
    assert normalised(torch.tensor([1.0, math.nan]), floor=math.inf).isnan().any()


def test_equal_advantages_become_0_under_a_floor_too():
    assert torch.equal(normalised(torch.full((8,), -0.08), floor=0.2), torch.zeros(8))


def test_a_floor_applies_only_to_its_own_task():
    generator = torch.Generator().manual_seed(0)
    task_ids = torch.randint(3, (200,), generator=generator)
    advantages = 0.01 * torch.randn(200, generator=generator) + 0.1
    normalised_advantages, plain = (
        normalised_by_task(advantages, advantages, task_ids, floors) for floors in ({1: 0.2}, {})
    )
    own = task_ids == 1
    torch.testing.assert_close(normalised_advantages[own], (advantages[own] - advantages[own].mean()) / 0.2)
    assert torch.equal(normalised_advantages[~own], plain[~own])
