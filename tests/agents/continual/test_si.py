import pytest
import torch
from torch import nn

from agents.config.strategies import SIConfig
from agents.continual.si import SI

CURVES = torch.tensor([4.0, 1.0, 0.25, 0.0])
"""Second derivatives of a bowl, ½ Σ a θ²."""


class Bowl(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[1.0, -2.0, 3.0, 4.0]]))


def descend(strategy, bowl, steps, rate=1e-3, centre=0.0):
    for _ in range(steps):
        loss = 0.5 * (CURVES * (bowl.weight - centre) ** 2).sum() + strategy.penalty(bowl)
        bowl.weight.grad = None
        loss.backward()
        strategy.project(bowl)
        with torch.no_grad():
            bowl.weight -= rate * bowl.weight.grad
        strategy.constrain(bowl)


@pytest.fixture
def strategy(memory, rng):
    return SI(SIConfig(strength=0.5, damping=0.1), memory, rng)


def test_importance_is_the_closed_form_of_gradient_descent_on_a_bowl(strategy):
    bowl, start, steps, rate = Bowl().double(), Bowl().weight.detach().double(), 500, 1e-3
    strategy.begin_task(bowl, 0)
    descend(strategy, bowl, steps, rate)
    # θ shrinks by q = 1 − rate·a a step, and g Δθ = −rate a² θ²: a geometric series
    curves = CURVES.double()
    q2 = (1 - rate * curves) ** 2
    series = torch.where(curves > 0, (1 - q2**steps) / (1 - q2).clamp_min(1e-30), 0.0)
    path = rate * curves**2 * start**2 * series
    torch.testing.assert_close(strategy.paths["weight"], path, rtol=1e-6, atol=1e-9)
    displacement = bowl.weight.detach() - start
    strategy.end_task(bowl, 0, None)
    torch.testing.assert_close(
        strategy.quadratic_penalty.importance["weight"], path / (displacement**2 + 0.1), rtol=1e-6, atol=1e-9
    )


def test_the_gradient_of_the_penalty_is_no_part_of_the_path_integral(strategy):
    bowl = Bowl().double()
    strategy.begin_task(bowl, 0)
    descend(strategy, bowl, 200)
    strategy.end_task(bowl, 0, None)
    strategy.begin_task(bowl, 1)
    before, bowl.weight.grad = bowl.weight.detach().clone(), None
    loss = 0.5 * (CURVES * (bowl.weight - 5.0) ** 2).sum() + strategy.penalty(bowl)
    loss.backward()
    strategy.project(bowl)
    with torch.no_grad():
        bowl.weight -= 0.01
    strategy.constrain(bowl)
    torch.testing.assert_close(strategy.paths["weight"], 0.01 * CURVES.double() * (before - 5.0), rtol=1e-6, atol=1e-9)


def test_the_penalty_is_that_of_the_paper(strategy):
    bowl = Bowl()
    strategy.begin_task(bowl, 0)
    descend(strategy, bowl, 50)
    strategy.end_task(bowl, 0, None)
    importance, anchor = strategy.quadratic_penalty.importance["weight"], bowl.weight.detach().clone()
    with torch.no_grad():
        bowl.weight += 1.5
    expected = 0.5 * float((importance * (anchor - bowl.weight.detach()) ** 2).sum())
    assert float(strategy.penalty(bowl).detach()) == pytest.approx(expected, rel=1e-6)


def test_a_path_that_raised_the_loss_has_no_importance(strategy):
    bowl = Bowl()
    strategy.begin_task(bowl, 0)
    descend(strategy, bowl, 10, rate=-1e-3)
    strategy.end_task(bowl, 0, None)
    assert strategy.quadratic_penalty.importance["weight"].abs().max() == 0


def test_rows_added_during_a_task_are_accumulated_from_then_on(strategy):
    bowl = Bowl()
    strategy.begin_task(bowl, 0)
    bowl.weight = nn.Parameter(torch.cat([bowl.weight.detach(), torch.ones(1, 4)]))
    descend(strategy, bowl, 10)
    assert strategy.paths["weight"].shape == (2, 4)
    strategy.end_task(bowl, 0, None)
    assert strategy.quadratic_penalty.importance["weight"][1, 0] > 0
