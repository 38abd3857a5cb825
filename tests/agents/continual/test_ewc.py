from dataclasses import replace

import pytest
import torch

from agents.config.strategies import EWCConfig, OnlineEWCConfig, ProgressCompressConfig
from agents.continual.ewc import EWC
from agents.continual.fisher import MAX_SUMMED_ACTIONS, fisher_diagonal, scaled
from agents.registry import build


@pytest.fixture
def ewc(memory, rng):
    return EWC(EWCConfig(strength=2.0, samples=4_000), memory, rng)


def test_the_penalty_is_zero_at_the_anchors(policy, ewc, move):
    assert ewc.penalty(policy) == 0.0
    ewc.consolidate(policy, 0, policy.encode(["apple left"], [0]))
    assert float(ewc.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-9)
    move(policy, 0.1)
    assert float(ewc.penalty(policy).detach()) > 0


def test_the_merged_penalty_equals_the_sum_over_tasks(policy, ewc, move):
    terms = []
    for text in ("apple left", "house right", "apple right"):
        observations = policy.encode([text], [0])
        before = {name: values.clone() for name, values in ewc.quadratic_penalty.importance.items()}
        ewc.consolidate(policy, 0, observations)
        fisher = {name: values - before.get(name, 0.0) for name, values in ewc.quadratic_penalty.importance.items()}
        terms.append((fisher, {name: weight.detach().clone() for name, weight in policy.named_parameters()}))
        move(policy, 0.3)
    expected = sum(
        (fisher[name] * (weight - anchor[name]) ** 2).sum()
        for fisher, anchor in terms
        for name, weight in policy.named_parameters()
        if name in fisher
    )
    # 0.5 * strength = 1
    assert float(ewc.penalty(policy).detach()) == pytest.approx(float(expected.detach()), rel=1e-4)


@pytest.fixture
def confident_policy(policy, move):
    """A policy far from uniform, with tasks of 2, 16 and 17 actions, and one with phrases of several tokens."""
    policy.add_task(2, tuple(f"w{i}" for i in range(MAX_SUMMED_ACTIONS)), ())
    policy.add_task(3, tuple(f"w{i}" for i in range(MAX_SUMMED_ACTIONS + 1)), ())
    policy.add_task(4, ("go north", "go south now", "take it"), ())
    move(policy, 0.5)
    return policy


def expected_by_hand(policy, observations):
    """The expected squared gradient, with a separate backward pass for each decision and action."""
    weights = {name: weight for name, weight in policy.named_parameters() if not name.startswith("value.")}
    exact = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for row in range(len(observations)):
        probabilities = policy(observations[torch.tensor([row])])[0].probs[0].detach()
        for action in probabilities.nonzero().flatten().tolist():
            policy.zero_grad(set_to_none=True)
            policy(observations[torch.tensor([row])])[0].log_prob(torch.tensor([action])).sum().backward()
            for name, weight in weights.items():
                if weight.grad is not None:
                    exact[name] += float(probabilities[action]) * weight.grad**2 / len(observations)
    policy.zero_grad(set_to_none=True)
    return exact


@pytest.mark.parametrize("task_id", [0, 2, 4])
def test_importance_is_the_exact_diagonal_of_the_fisher_information(confident_policy, rng, task_id):
    observations = confident_policy.encode(
        ["apple left", "house right", "apple left", "apple left right"], [task_id] * 4
    )
    fisher = fisher_diagonal(confident_policy, observations, 1_024, rng)
    expected = expected_by_hand(confident_policy, observations)
    assert fisher.keys() == expected.keys()  # tied weights once, the critic left out
    for name, values in expected.items():
        torch.testing.assert_close(fisher[name], values, atol=1e-6, rtol=1e-4)


def test_with_more_actions_one_is_sampled_for_each_decision(confident_policy, rng):
    texts = ["apple left", "house right"] * 1_000
    observations = confident_policy.encode(texts, [3] * len(texts))
    expected = expected_by_hand(confident_policy, confident_policy.encode(texts[:2], [3] * 2))
    largest = max(float(values.max()) for values in expected.values())
    fisher = fisher_diagonal(confident_policy, observations, len(texts), rng)
    for name, values in expected.items():
        torch.testing.assert_close(fisher[name], values, atol=0.05 * largest, rtol=0.05)


def test_decisions_count_as_often_as_they_were_taken_and_only_among_what_was_allowed(confident_policy, rng):
    once = confident_policy.encode(["apple left", "house right"], [2, 2])
    some = torch.arange(MAX_SUMMED_ACTIONS) < 4
    barred = replace(
        once[torch.tensor([0, 0, 0, 1])],
        allowed=torch.stack([some, torch.ones_like(some), some, torch.ones_like(some)]),
    )
    fisher = fisher_diagonal(confident_policy, barred, 1_024, rng)
    for name, values in expected_by_hand(confident_policy, barred).items():
        torch.testing.assert_close(fisher[name], values, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("samples", [7, 1_024])
@pytest.mark.parametrize("config", [EWCConfig, OnlineEWCConfig, ProgressCompressConfig])
def test_sampling_seeds_change_nothing(confident_policy, memory, collected, config, samples):
    rollout = collected(
        confident_policy, [f"apple {way}" for way in ("left", "right", "house left", "house right")] * 5
    )
    found = []
    for seed in range(8):
        strategy = build(config(samples=samples), memory, torch.Generator().manual_seed(seed))
        strategy.begin_task(confident_policy, 0)
        list(strategy.end_task(confident_policy, 0, rollout))
        state = strategy.state()
        found.append(state.get("quadratic_penalty", state)["importance"])
    for other in found[1:]:
        assert all(torch.equal(other[name], values) for name, values in found[0].items())


@pytest.mark.parametrize("is_scaled", [True, False])
def test_importance_is_the_fisher_diagonal_unless_it_is_scaled(policy, memory, is_scaled):
    observations = policy.encode(["apple left", "house right"], [0, 0])
    strategy = EWC(EWCConfig(samples=64, scaled=is_scaled), memory, torch.Generator().manual_seed(0))
    strategy.consolidate(policy, 0, observations)
    measured = fisher_diagonal(policy, observations, 64, torch.Generator().manual_seed(0))
    expected = scaled(measured) if is_scaled else measured
    for name, importance in expected.items():
        torch.testing.assert_close(strategy.quadratic_penalty.importance[name], importance, atol=0.0, rtol=0.0)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_scaled_importance_has_a_mean_of_one_for_any_magnitude(confident_policy, rng, factor):
    measured = fisher_diagonal(confident_policy, confident_policy.encode(["apple left"], [0]), 8, rng)
    values = flat(scaled({name: factor * each for name, each in measured.items()}))
    assert float(values.mean()) == pytest.approx(1.0, rel=1e-5)
    torch.testing.assert_close(values, flat(scaled(measured)), rtol=1e-4, atol=1e-6)


def test_rounding_noise_of_a_deterministic_policy_is_not_scaled_up(policy):
    noise = {name: torch.full_like(weight, 1e-18) for name, weight in policy.named_parameters()}
    assert float(flat(scaled(noise)).max()) < 1e-3
    assert float(flat(scaled({name: 0 * each for name, each in noise.items()})).max()) == 0.0


def flat(importances):
    return torch.cat([values.flatten() for values in importances.values()])


def test_new_rows_are_not_penalised(policy, ewc):
    ewc.consolidate(policy, 0, policy.encode(["apple left"], [0]))
    policy.add_task(2, ("north", "south"), ("zebra",))
    assert float(ewc.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-9)


def test_the_critic_is_left_out(policy, ewc):
    ewc.consolidate(policy, 0, policy.encode(["apple left"], [0]))
    assert not [name for name in ewc.quadratic_penalty.importance if name.startswith("value.")]
