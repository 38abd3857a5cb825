"""The losses against the formulas in NumPy, and PPO's against the code of stable-baselines3."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Categorical

from agents.algorithms.a2c import A2C
from agents.algorithms.grpo import GRPO
from agents.algorithms.ppo import PPO
from agents.algorithms.reinforce import Reinforce
from agents.config.algorithms import A2CConfig, GRPOConfig, PPOConfig, ReinforceConfig
from agents.policies import Observations
from agents.rollout import Batch, Rollout

ALGORITHMS = [PPO(PPOConfig()), Reinforce(ReinforceConfig()), A2C(A2CConfig()), GRPO(GRPOConfig())]


def some_batch(size=40, actions=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(size, actions, generator=generator)
    values = torch.randn(size, generator=generator)
    batch = Batch(
        observations=Observations(None, torch.arange(size), torch.zeros(size)),
        actions=torch.randint(actions, (size,), generator=generator),
        log_probs=torch.randn(size, generator=generator) * 0.3 - 1.4,
        advantages=torch.randn(size, generator=generator) * 3 + 1,
        returns=torch.randn(size, generator=generator),
    )
    return batch, lambda _: (Categorical(logits=logits), values)


def numpy_parts(batch, act):
    distribution, values = act(batch.observations)
    logits = distribution.logits.numpy().astype(float)
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    log_probs = np.log(probs)[np.arange(len(batch)), batch.actions.numpy()]
    entropy = -(probs * np.log(probs)).sum(1).mean()
    error = ((values.numpy() - batch.returns.numpy()) ** 2).mean()
    advantages = batch.advantages.numpy().astype(float)
    advantages = (advantages - advantages.mean()) / advantages.std(ddof=1)
    return log_probs, entropy, error, advantages


def test_ppo_is_the_clipped_surrogate_with_value_error_and_entropy():
    batch, act = some_batch()
    log_probs, entropy, error, advantages = numpy_parts(batch, act)
    ratio = np.exp(log_probs - batch.log_probs.numpy())
    surrogate = -np.minimum(ratio * advantages, np.clip(ratio, 0.8, 1.2) * advantages).mean()
    loss = PPO(PPOConfig(clip_range=0.2, vf_coef=0.5, ent_coef=0.05)).loss(act, batch)
    assert loss.total.item() == pytest.approx(surrogate + 0.5 * error - 0.05 * entropy, abs=1e-5)
    assert loss.terms["policy"].item() == pytest.approx(surrogate, abs=1e-5)
    assert loss.terms["clip_fraction"].item() == pytest.approx((np.abs(ratio - 1) > 0.2).mean(), abs=1e-6)


def test_ppo_agrees_with_the_lines_of_stable_baselines3():
    batch, act = some_batch(seed=1)
    distribution, values = act(batch.observations)
    advantages = (batch.advantages - batch.advantages.mean()) / (batch.advantages.std() + 1e-8)
    log_prob, old = distribution.log_prob(batch.actions), batch.log_probs
    ratio = torch.exp(log_prob - old)
    policy_loss = -torch.min(advantages * ratio, advantages * torch.clamp(ratio, 1 - 0.2, 1 + 0.2)).mean()
    value_loss = torch.nn.functional.mse_loss(batch.returns, values)
    entropy_loss = -torch.mean(distribution.entropy())
    log_ratio = log_prob - old
    kl = torch.mean((torch.exp(log_ratio) - 1) - log_ratio)
    loss = PPO(PPOConfig()).loss(act, batch)
    torch.testing.assert_close(loss.total, policy_loss + 0.05 * entropy_loss + 0.5 * value_loss)
    torch.testing.assert_close(loss.terms["kl"], kl)


NORMALISING_BY_TASK = [
    PPO(PPOConfig()),
    A2C(A2CConfig(normalize_advantage=True)),
    Reinforce(ReinforceConfig()),
    Reinforce(ReinforceConfig(baseline="none")),
]


@pytest.mark.parametrize("algorithm", NORMALISING_BY_TASK, ids=lambda algorithm: algorithm.config.name)
def test_tasks_in_a_minibatch_have_equal_weight_whatever_the_scale_of_their_advantages(algorithm):
    batch, act = some_batch(size=90)
    task_ids = torch.arange(90) % 3
    mixed = replace(batch, observations=replace(batch.observations, task_ids=task_ids))
    scale = torch.tensor([1.0, 1_000.0, 1e-3])[task_ids]
    scaled = replace(mixed, advantages=mixed.advantages * scale, returns=mixed.returns * scale)
    expected = []
    for task_id in range(3):
        rows = (task_ids == task_id).nonzero().squeeze(1)
        observations = Observations(None, rows, task_ids[rows])
        own = Batch(
            observations, *(getattr(batch, name)[rows] for name in ("actions", "log_probs", "advantages", "returns"))
        )
        expected.append(algorithm.loss(lambda observations: of_rows(act, observations.rows), own).terms["policy"])
    for batch in (mixed, scaled):
        torch.testing.assert_close(algorithm.loss(act, batch).terms["policy"], torch.stack(expected).mean())


def of_rows(act, rows):
    distribution, values = act(None)
    return Categorical(logits=distribution.logits[rows]), values[rows]


def test_reinforce_is_the_log_probability_times_the_normalised_advantage():
    batch, act = some_batch(seed=2)
    log_probs, entropy, error, advantages = numpy_parts(batch, act)
    loss = Reinforce(ReinforceConfig(vf_coef=0.5, ent_coef=0.05)).loss(act, batch)
    assert loss.total.item() == pytest.approx(-(log_probs * advantages).mean() + 0.5 * error - 0.05 * entropy, abs=1e-5)


def test_reinforce_without_a_baseline_subtracts_no_mean():
    batch, act = some_batch(seed=2)
    log_probs, entropy, error, _ = numpy_parts(batch, act)
    returns = batch.returns.numpy().astype(float) + 10.0
    batch = replace(batch, advantages=batch.returns + 10.0)
    loss = Reinforce(ReinforceConfig(baseline="none", vf_coef=0.5, ent_coef=0.05)).loss(act, batch)
    expected = -(log_probs * returns / returns.std(ddof=1)).mean() + 0.5 * error - 0.05 * entropy
    assert loss.total.item() == pytest.approx(expected, rel=1e-5)


NORMALISING = [PPO(PPOConfig()), Reinforce(ReinforceConfig()), A2C(A2CConfig(normalize_advantage=True))]


@pytest.mark.parametrize("algorithm", NORMALISING, ids=lambda algorithm: algorithm.config.name)
@pytest.mark.parametrize("magnitude", [1e-6, 1.0, 1e6])
def test_advantages_that_are_equal_up_to_rounding_give_no_policy_loss(algorithm, magnitude):
    batch, act = some_batch()
    equal = torch.full((40,), magnitude)
    equal[::2] = torch.nextafter(equal[::2], 2 * equal[::2])
    loss = algorithm.loss(act, replace(batch, advantages=equal))
    assert loss.terms["policy"] == 0


@pytest.mark.parametrize("normalise", [True, False])
def test_a2c_normalises_advantages_only_if_the_settings_ask(normalise):
    batch, act = some_batch(seed=3)
    log_probs, entropy, error, scaled = numpy_parts(batch, act)
    advantages = scaled if normalise else batch.advantages.numpy()
    loss = A2C(A2CConfig(normalize_advantage=normalise, vf_coef=0.5, ent_coef=0.05)).loss(act, batch)
    expected = -(log_probs * advantages).mean() + 0.5 * error - 0.05 * entropy
    assert loss.total.item() == pytest.approx(expected, abs=1e-5)


def test_grpo_is_the_clipped_surrogate_with_a_nonnegative_divergence_and_no_value_error():
    batch, act = some_batch(seed=4)
    log_probs, entropy, _, _ = numpy_parts(batch, act)
    old, advantages = batch.log_probs.numpy(), batch.advantages.numpy()
    ratio = np.exp(log_probs - old)
    surrogate = -np.minimum(ratio * advantages, np.clip(ratio, 0.9, 1.1) * advantages).mean()
    divergence = np.exp(old - log_probs) - (old - log_probs) - 1  # equation 4 of the paper
    assert (divergence >= 0).all()
    loss = GRPO(GRPOConfig(clip_range=0.1, kl_coef=0.3, ent_coef=0.05)).loss(act, batch)
    assert loss.total.item() == pytest.approx(surrogate + 0.3 * divergence.mean() - 0.05 * entropy, abs=1e-5)
    assert loss.terms["kl"].item() == pytest.approx(divergence.mean(), abs=1e-5)
    assert "value" not in loss.terms


def test_reinforce_without_a_baseline_learns_from_the_returns_themselves():
    rollout = rollout_of(4, 2)
    rollout = replace(rollout, values=torch.full_like(rollout.rewards, 7.0), last_values=torch.zeros(2))
    batches = {}
    for baseline in ("value", "none"):
        algorithm = Reinforce(ReinforceConfig(baseline=baseline, gamma=0.5, batch_size=100))
        (batch,) = algorithm.batches(rollout, torch.Generator().manual_seed(0))
        batches[baseline] = batch
    rewards = rollout.rewards
    first = rewards[0] + 0.5 * rewards[1] + 0.25 * rewards[2] + 0.125 * rewards[3]
    without = batches["none"].advantages[batches["none"].actions.argsort()].view(4, 2)
    torch.testing.assert_close(without[0], first)
    torch.testing.assert_close(batches["none"].returns, batches["none"].advantages)
    torch.testing.assert_close(batches["value"].advantages, batches["value"].returns - 7)


def test_a2c_takes_one_step_over_the_whole_rollout():
    (batch,) = A2C(A2CConfig()).batches(rollout_of(6, 3), torch.Generator().manual_seed(0))
    assert torch.equal(batch.actions.sort().values, torch.arange(18))


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.config.name)
def test_the_current_entropy_weight_is_used(algorithm):
    batch, act = some_batch()
    weight = algorithm.ent_coef
    with_bonus = algorithm.loss(act, batch)
    algorithm.ent_coef = 0.0
    without = algorithm.loss(act, batch)
    algorithm.ent_coef = weight
    expected = without.total - weight * without.terms["entropy"]
    torch.testing.assert_close(with_bonus.total, expected)


def rollout_of(steps, worlds, last=1.0):
    numbers = torch.arange(steps * worlds, dtype=torch.float32).view(steps, worlds)
    zeros, terminated = torch.zeros_like(numbers), torch.zeros_like(numbers)
    terminated[-1] = last
    observations = Observations(_Sentences(steps * worlds), torch.arange(steps * worlds), torch.zeros(steps * worlds))
    return Rollout(
        observations,
        torch.arange(steps * worlds).view(steps, worlds),
        numbers,
        zeros,
        numbers,
        terminated,
        zeros,
        zeros,
        torch.zeros(worlds),
    )


class _Sentences:
    """Prompts that are their own row numbers."""

    def __init__(self, size=None, rows=None):
        self.rows = torch.arange(size) if rows is None else rows

    def __getitem__(self, chosen):
        return _Sentences(rows=self.rows[chosen])


@pytest.mark.parametrize(
    ("algorithm", "passes"),
    [
        (PPO(PPOConfig(n_epochs=3, batch_size=5)), 3),
        (Reinforce(ReinforceConfig(batch_size=5)), 1),
        (GRPO(GRPOConfig(n_epochs=2, batch_size=5)), 2),
    ],
    ids=["ppo", "reinforce", "grpo"],
)
def test_every_decision_is_learned_from_once_a_pass_with_its_own_sentence(algorithm, passes):
    batches = list(algorithm.batches(rollout_of(6, 3), torch.Generator().manual_seed(0)))
    actions = torch.cat([batch.actions for batch in batches])
    assert torch.equal(actions.sort().values, torch.arange(18).repeat_interleave(passes))
    assert all(len(batch) <= 5 for batch in batches)
    for batch in batches:
        sentences = batch.observations.prompts.rows[batch.observations.rows]
        assert torch.equal(sentences, batch.actions)
        assert torch.equal(batch.log_probs, batch.actions.float())


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.config.name)
def test_shuffling_repeats_with_the_same_generator(algorithm):
    orders = [
        [batch.actions.tolist() for batch in algorithm.batches(rollout_of(8, 4), torch.Generator().manual_seed(7))]
        for _ in range(2)
    ]
    assert orders[0] == orders[1]
