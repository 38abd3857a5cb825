"""Episodes and their group-relative advantages, against loops that write the definitions out."""

from dataclasses import replace

import pytest
import torch

from agents.algorithms.episodes import EpisodeSegments, episode_segments
from agents.algorithms.grpo import GRPO, group_advantages
from agents.config.agent import ModelConfig
from agents.config.algorithms import GRPOConfig
from agents.language.transformer import Transformer
from agents.policies import Observations
from agents.policies.language import LanguagePolicy
from agents.rollout import Batch, Rollout


def collected(steps=10, worlds=3, seed=0, task_ids=None):
    generator = torch.Generator().manual_seed(seed)
    ended = torch.rand(steps, worlds, generator=generator) < 0.3
    by_limit = torch.rand(steps, worlds, generator=generator) < 0.5
    nothing = torch.zeros(steps, worlds)
    task_ids = torch.zeros(steps * worlds) if task_ids is None else task_ids
    rows = torch.arange(steps * worlds)
    return Rollout(
        observations=Observations(_Rows(rows), rows, task_ids),
        actions=rows.view(steps, worlds),
        log_probs=nothing,
        values=nothing,
        rewards=torch.randn(steps, worlds, generator=generator),
        terminated=ending((ended & ~by_limit).float(), last=1.0),
        truncated=ending((ended & by_limit).float(), last=0.0),
        final_values=nothing,
        last_values=torch.zeros(worlds),
    )


def ending(flags, last):
    """End an episode in every environment's last step."""
    flags[-1] = last
    return flags


class _Rows:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, chosen):
        return _Rows(self.rows[chosen])


def episodes_of(rollout, gamma):
    """Return the (step, environment) indices of each episode, and its return, by a plain loop."""
    episodes = []
    for n in range(rollout.rewards.shape[1]):
        episode = []
        for t in range(len(rollout.rewards)):
            episode.append((t, n))
            if rollout.terminated[t, n] or rollout.truncated[t, n]:
                episodes.append(episode)
                episode = []
        episodes += [episode] if episode else []
    returns = [sum(gamma**k * rollout.rewards[index].item() for k, index in enumerate(episode)) for episode in episodes]
    return episodes, returns


@pytest.mark.parametrize("seed", range(4))
def test_a_rollout_is_cut_where_episodes_end(seed):
    rollout = collected(seed=seed)
    segments = episode_segments(rollout, 0.9)
    episodes, returns = episodes_of(rollout, 0.9)
    assert len(segments.outcomes) == len(episodes)
    for episode, expected in zip(episodes, returns, strict=True):
        (segment,) = {int(segments.of[index]) for index in episode}
        assert segments.outcomes[segment].item() == pytest.approx(expected, abs=1e-5)
        assert segments.lengths[segment] == len(episode)


def test_each_task_is_a_group_of_its_own():
    task_ids = torch.tensor([0, 0, 5]).repeat(10).float()
    segments = episode_segments(collected(task_ids=task_ids, seed=1), 1.0)
    advantages = group_advantages(segments, spread=True)
    assert set(segments.groups.tolist()) == {0, 5}
    for task_id in (0, 5):
        group = segments.groups == task_id
        outcomes = segments.outcomes[group]
        expected = (outcomes - outcomes.mean()) / outcomes.std()
        torch.testing.assert_close(advantages[group], expected)


@pytest.mark.parametrize("spread", [True, False])
@pytest.mark.parametrize("outcomes", [[0.1] * 7, [3.0]])
def test_equal_returns_give_advantages_of_0(outcomes, spread):
    count = len(outcomes)
    zeros = torch.zeros(count, dtype=torch.long)
    group = EpisodeSegments(zeros, torch.tensor(outcomes), torch.ones(count), zeros, torch.ones(count).bool())
    assert not group_advantages(group, spread=spread).any()


def advantages_of(rollout, **settings):
    (batch,) = GRPO(GRPOConfig(n_epochs=1, batch_size=1_000, gamma=0.9, **settings)).batches(rollout, torch.Generator())
    return batch.advantages[batch.actions.argsort()].view_as(rollout.rewards)


def test_weighted_per_episode_a_long_one_counts_no_more_than_a_short_one():
    rollout = collected(seed=2)
    episodes, returns = episodes_of(rollout, 0.9)
    mean = sum(returns) / len(returns)
    long = sum(map(len, episodes)) / len(episodes)
    equal, plain = (advantages_of(rollout, scale_rewards=False, per_episode=flag) for flag in (True, False))
    for episode, expected in zip(episodes, returns, strict=True):
        for index in episode:
            assert plain[index].item() == pytest.approx(expected - mean, abs=1e-5)
            assert equal[index].item() == pytest.approx((expected - mean) * long / len(episode), abs=1e-5)


def test_values_and_the_scale_of_rewards_do_not_matter():
    rollout = collected(seed=3)
    other = replace(rollout, values=torch.randn(10, 3), last_values=torch.ones(3), rewards=rollout.rewards * 100)
    torch.testing.assert_close(advantages_of(rollout), advantages_of(other), atol=1e-2, rtol=1e-2)


def test_episodes_with_equal_initial_states_are_a_group_of_their_own():
    """Three environments; the first two start equally and return 1 and 3, the third differs and returns 9."""
    nothing = torch.zeros(2, 3)
    rollout = replace(
        collected(steps=2),
        rewards=torch.tensor([[0.0, 1.0, 4.0], [1.0, 2.0, 5.0]]),
        terminated=torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]),
        truncated=nothing,
        starts=torch.tensor([[0, 0, 1], [0, 0, 1]]),
    )
    (batch,) = GRPO(GRPOConfig(n_epochs=1, gamma=1.0, scale_rewards=False)).batches(rollout, torch.Generator())
    advantages = batch.advantages[batch.actions.argsort()].view(2, 3)
    assert advantages.tolist() == [[-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]]


@pytest.fixture
def policy():
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2, layers=1), generator), generator)
    policy.add_task(0, ("left", "right"), ("house", "apple"))
    return policy


def shift(policy):
    with torch.no_grad():
        for weight in policy.parameters():
            weight += 0.2 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(len(weight)))


def batch_of(policy):
    observations = policy.encode(["house", "apple", "house apple"], [0, 0, 0])
    actions = torch.tensor([0, 1, 1])
    with torch.no_grad():
        log_probs = policy(observations)[0].log_prob(actions)
    return Batch(observations, actions, log_probs, torch.ones(3), torch.ones(3))


@pytest.mark.parametrize(("reference", "ages"), [(1, [0, 0, 0, 0, 0]), (2, [0, 1, 0, 1, 0]), (0, [0, 1, 2, 3, 4])])
def test_the_divergence_is_from_the_policy_of_the_last_synchronisation(policy, reference, ages):
    grpo = GRPO(GRPOConfig(ref_model_sync_steps=reference))
    grpo.begin_stage(policy)
    past = []
    for age in ages:
        grpo.begin_update(policy)
        batch = batch_of(policy)
        past.append(policy(batch.observations)[0].log_prob(batch.actions).detach())
        log_ratio = past[-1] - past[-1 - age]
        expected = (torch.exp(-log_ratio) - 1 + log_ratio).mean()  # equation 4 of Shao et al.
        torch.testing.assert_close(grpo.loss(policy, batch).terms["kl"], expected)
        shift(policy)


def test_a_restored_reference_stays_and_reads_words_learned_since_with_current_weights(policy):
    grpo, other = GRPO(GRPOConfig(ref_model_sync_steps=0)), GRPO(GRPOConfig(ref_model_sync_steps=0))
    grpo.begin_update(policy)
    shift(policy)
    other.restore(grpo.state())
    policy.add_task(1, ("north", "south"), ("garden",))
    for each in (grpo, other):
        each.begin_update(policy)
    batch = batch_of(policy)
    divergences = [each.loss(policy, batch).terms["kl"] for each in (grpo, other)]
    assert divergences[0] == divergences[1] > 0
