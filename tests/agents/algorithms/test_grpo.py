"""Episodes and their group-relative advantages, against loops that write the definitions out."""

from dataclasses import replace

import pytest
import torch

from agents.algorithms.grpo import GRPO, group_advantages
from agents.algorithms.stretches import Stretches, stretches
from agents.config import GRPOConfig
from agents.policies import Observations
from agents.rollout import Rollout


def lived(steps=10, worlds=3, seed=0, columns=None):
    generator = torch.Generator().manual_seed(seed)
    ended = torch.rand(steps, worlds, generator=generator) < 0.3
    by_limit = torch.rand(steps, worlds, generator=generator) < 0.5
    nothing = torch.zeros(steps, worlds)
    columns = torch.zeros(steps * worlds) if columns is None else columns
    rows = torch.arange(steps * worlds)
    return Rollout(
        observations=Observations(_Rows(rows), rows, columns),
        actions=rows.view(steps, worlds),
        log_probs=nothing,
        values=nothing,
        rewards=torch.randn(steps, worlds, generator=generator),
        terminated=(ended & ~by_limit).float(),
        truncated=(ended & by_limit).float(),
        final_values=nothing,
        last_values=torch.zeros(worlds),
    )


class _Rows:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, chosen):
        return _Rows(self.rows[chosen])


def by_hand(rollout, gamma):
    """Walk through each world, and put what it paid on the pile of the running episode."""
    piles = []
    for n in range(rollout.rewards.shape[1]):
        pile = []
        for t in range(len(rollout.rewards)):
            pile.append((t, n))
            if rollout.terminated[t, n] or rollout.truncated[t, n]:
                piles.append(pile)
                pile = []
        piles += [pile] if pile else []
    worth = [sum(gamma**k * rollout.rewards[place].item() for k, place in enumerate(pile)) for pile in piles]
    return piles, worth


@pytest.mark.parametrize("seed", range(4))
def test_a_rollout_is_cut_where_episodes_end(seed):
    rollout = lived(seed=seed)
    found = stretches(rollout, 0.9)
    piles, worth = by_hand(rollout, 0.9)
    assert len(found.outcomes) == len(piles)
    for pile, outcome in zip(piles, worth, strict=True):
        (number,) = {int(found.of[place]) for place in pile}
        assert found.outcomes[number].item() == pytest.approx(outcome, abs=1e-5)
        assert found.lengths[number] == len(pile)


def test_each_task_is_a_group_of_its_own():
    columns = torch.tensor([0, 0, 5]).repeat(10).float()
    found = stretches(lived(columns=columns, seed=1), 1.0)
    advantages = group_advantages(found, spread=True)
    assert set(found.groups.tolist()) == {0, 5}
    for column in (0, 5):
        group = found.groups == column
        outcomes = found.outcomes[group]
        expected = (outcomes - outcomes.mean()) / outcomes.std()
        torch.testing.assert_close(advantages[group], expected, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("spread", [True, False])
@pytest.mark.parametrize("outcomes", [[0.1] * 7, [3.0]])
def test_where_all_went_equally_well_there_is_nothing_to_learn(outcomes, spread):
    count = len(outcomes)
    zeros = torch.zeros(count, dtype=torch.long)
    group = Stretches(zeros, torch.tensor(outcomes), torch.ones(count), zeros)
    assert group_advantages(group, spread=spread).abs().max() < 1e-3


def advantages_of(rollout, **settings):
    (batch,) = GRPO(GRPOConfig(epochs=1, minibatch=1_000, gamma=0.9, **settings)).batches(rollout, torch.Generator())
    return batch.advantages[batch.actions.argsort()].view_as(rollout.rewards)


def test_counted_by_episode_a_long_one_weighs_no_more_than_a_short_one():
    rollout = lived(seed=2)
    piles, worth = by_hand(rollout, 0.9)
    mean = sum(worth) / len(worth)
    long = sum(map(len, piles)) / len(piles)
    equal, plain = (advantages_of(rollout, normalise=False, per_episode=flag) for flag in (True, False))
    for pile, outcome in zip(piles, worth, strict=True):
        for place in pile:
            assert plain[place].item() == pytest.approx(outcome - mean, abs=1e-5)
            assert equal[place].item() == pytest.approx((outcome - mean) * long / len(pile), abs=1e-5)


def test_values_and_the_coin_that_rewards_are_paid_in_do_not_matter():
    rollout = lived(seed=3)
    other = replace(rollout, values=torch.randn(10, 3), last_values=torch.ones(3), rewards=rollout.rewards * 100)
    torch.testing.assert_close(advantages_of(rollout), advantages_of(other), atol=1e-2, rtol=1e-2)
