import pytest
import torch

from agents.config import EWCConfig
from agents.continual.ewc import EWC
from agents.continual.fisher import fisher_diagonal, scaled


@pytest.fixture
def ewc(memory, chance):
    return EWC(EWCConfig(strength=2.0, samples=4_000), memory, chance)


def test_springs_are_slack_where_they_were_anchored(policy, ewc, move):
    assert ewc.penalty(policy) == 0.0
    ewc.consolidate(policy, 0, policy.encode(["apple left"], [0]))
    assert float(ewc.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-9)
    move(policy, 0.1)
    assert float(ewc.penalty(policy).detach()) > 0


def test_one_spring_stands_for_the_springs_of_every_task(policy, ewc, move):
    kept = []
    for text in ("apple left", "house right", "apple right"):
        observations = policy.encode([text], [0])
        before = {name: values.clone() for name, values in ewc.springs.stiffness.items()}
        ewc.consolidate(policy, 0, observations)
        fisher = {name: values - before.get(name, 0.0) for name, values in ewc.springs.stiffness.items()}
        kept.append((fisher, {name: weight.detach().clone() for name, weight in policy.named_parameters()}))
        move(policy, 0.3)
    expected = sum(
        (fisher[name] * (weight - anchor[name]) ** 2).sum()
        for fisher, anchor in kept
        for name, weight in policy.named_parameters()
        if name in fisher
    )
    # 0.5 * strength = 1
    assert float(ewc.penalty(policy).detach()) == pytest.approx(float(expected.detach()), rel=1e-4)


def test_importance_is_the_fisher_diagonal(policy, chance, move):
    move(policy, 0.5)  # an agent with opinions
    texts = ["apple left", "house right", "apple left right"]
    observations = policy.encode(texts, [0] * 3)
    log_probs = policy(observations)[0].logits.log_softmax(-1)
    weights = {name: weight for name, weight in policy.named_parameters() if not name.startswith("value.")}
    exact = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    for row in log_probs:
        for action in range(2):
            odds = float(row[action].detach().exp())
            gradients = torch.autograd.grad(row[action], list(weights.values()), retain_graph=True, allow_unused=True)
            for name, gradient in zip(weights, gradients, strict=True):
                if gradient is not None:
                    exact[name] += odds * gradient**2 / len(texts)
    largest = max(float(values.max()) for values in exact.values())
    fisher = fisher_diagonal(policy, observations, 4_000, chance)
    for name, values in exact.items():
        torch.testing.assert_close(fisher[name], values, atol=0.05 * largest, rtol=0.05)


@pytest.mark.parametrize("is_scaled", [True, False])
def test_springs_are_as_stiff_as_measured_unless_importance_is_scaled(policy, memory, is_scaled):
    observations = policy.encode(["apple left", "house right"], [0, 0])
    strategy = EWC(EWCConfig(samples=64, scaled=is_scaled), memory, torch.Generator().manual_seed(0))
    strategy.consolidate(policy, 0, observations)
    measured = fisher_diagonal(policy, observations, 64, torch.Generator().manual_seed(0))
    expected = scaled(measured) if is_scaled else measured
    assert max(float(values.max()) for values in scaled(measured).values()) == pytest.approx(1.0)
    for name, importance in expected.items():
        torch.testing.assert_close(strategy.springs.stiffness[name], importance, atol=0.0, rtol=0.0)


def test_new_words_are_held_by_nothing(policy, ewc):
    ewc.consolidate(policy, 0, policy.encode(["apple left"], [0]))
    policy.meet(2, ("north", "south"), ("zebra",))
    assert float(ewc.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-9)


def test_the_critic_is_left_out(policy, ewc):
    ewc.consolidate(policy, 0, policy.encode(["apple left"], [0]))
    assert not [name for name in ewc.springs.stiffness if name.startswith("value.")]
