import pytest
import torch

from agents.config.strategies import OnlineEWCConfig
from agents.continual import ewc as online_ewc
from agents.continual.ewc import OnlineEWC
from agents.continual.fisher import scaled


@pytest.fixture
def measured(policy, rng, monkeypatch):
    """Three importances, which successive calls of `fisher_diagonal` return."""
    found = [
        {name: torch.rand(weight.shape, generator=rng) for name, weight in policy.named_parameters()} for _ in range(3)
    ]
    found = [scaled(importances) for importances in found]  # scaling them again has no effect
    remaining = iter(found)
    monkeypatch.setattr(online_ewc, "fisher_diagonal", lambda *_: next(remaining))
    return found


@pytest.fixture
def build(memory, rng):
    return lambda decay: OnlineEWC(OnlineEWCConfig(strength=3.0, decay_factor=decay), memory, rng)


@pytest.mark.parametrize("decay", [1.0, 0.9, 0.0])
def test_importance_decays_from_task_to_task_and_the_anchor_is_the_latest(
    policy, measured, build, move, collected, decay
):
    strategy = build(decay)
    for task in range(3):
        move(policy, 0.1, seed=task)
        strategy.end_task(policy, task, collected(policy, ["apple left"]))
    anchor = {name: weight.detach().clone() for name, weight in policy.named_parameters()}
    move(policy, 0.3, seed=9)
    expected = sum(
        float((decay ** (2 - task) * fisher[name] * (weight - anchor[name]) ** 2).sum().detach())
        for task, fisher in enumerate(measured)
        for name, weight in policy.named_parameters()
    )
    assert float(strategy.penalty(policy).detach()) == pytest.approx(1.5 * expected, rel=1e-6)


def test_new_rows_are_not_penalised(policy, memory, rng, collected):
    strategy = OnlineEWC(OnlineEWCConfig(samples=8), memory, rng)
    for task in range(2):
        strategy.end_task(policy, task, collected(policy, ["apple left"]))
        policy.add_task(2 + task, ("north", "south"), (f"zebra{task}",))
    assert float(strategy.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-9)
