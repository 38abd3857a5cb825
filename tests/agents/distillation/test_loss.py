"""The loss of distillation, against Torch's own functions and the formulas of the paper."""

from dataclasses import fields

import pytest
import torch
from torch.distributions import Categorical, kl_divergence
from torch.nn import functional as F

from agents.distillation.loss import distillation_loss

B, A = 7, 5


@pytest.fixture
def drawn():
    rng = torch.Generator().manual_seed(0)
    logits, taught = torch.randn(2, B, A, generator=rng, dtype=torch.float64) * 2
    return logits.requires_grad_(), taught


@pytest.mark.parametrize("temperature", [1.0, 2.0, 7.5])
def test_the_divergence_is_that_of_torch_between_flattened_odds(drawn, temperature):
    logits, taught = drawn
    found = distillation_loss(logits, taught.softmax(-1), taught.argmax(-1), temperature)
    teacher, student = Categorical(logits=taught / temperature), Categorical(logits=logits / temperature)
    torch.testing.assert_close(found.soft, kl_divergence(teacher, student).mean())
    torch.testing.assert_close(found.cross_entropy, F.cross_entropy(logits, taught.argmax(-1)))
    plain = kl_divergence(Categorical(logits=taught), Categorical(logits=logits)).mean()
    torch.testing.assert_close(found.plain, plain.detach())


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_alpha_weighs_choices_against_odds(drawn, alpha):
    logits, taught = drawn
    found = distillation_loss(logits, taught.softmax(-1), taught.argmax(-1), 3.0)
    by_hand = alpha * found.cross_entropy + (1 - alpha) * 9 * found.soft
    torch.testing.assert_close(found.loss(alpha, 3.0), by_hand)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_of_two_actions_it_is_the_closed_form(temperature):
    p, z = 0.8, 0.3
    flat = p ** (1 / temperature) / (p ** (1 / temperature) + (1 - p) ** (1 / temperature))
    q = torch.tensor(z / temperature, dtype=torch.float64).sigmoid().item()
    wanted = flat * torch.tensor(flat / q).log().item() + (1 - flat) * torch.tensor((1 - flat) / (1 - q)).log().item()
    logits = torch.tensor([[z, 0.0]], dtype=torch.float64)
    found = distillation_loss(logits, torch.tensor([[p, 1 - p]], dtype=torch.float64), torch.tensor([0]), temperature)
    assert found.soft.item() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_its_gradient_is_that_of_the_paper(drawn, temperature):
    logits, taught = drawn  # Hinton et al. (2015), equation 2: (q − p) / T for each case
    loss = distillation_loss(logits, taught.softmax(-1), taught.argmax(-1), temperature).loss(0.0, temperature)
    (slope,) = torch.autograd.grad(loss, logits)
    wanted = ((logits / temperature).softmax(-1) - (taught / temperature).softmax(-1)) * temperature / B
    torch.testing.assert_close(slope, wanted.detach())


def test_at_high_temperature_it_matches_logits(drawn):
    logits, taught = (part - part.mean(-1, keepdim=True) for part in drawn)
    logits = logits.detach().requires_grad_()
    (slope,) = torch.autograd.grad(
        distillation_loss(logits, taught.softmax(-1), taught.argmax(-1), 1e4).loss(0.0, 1e4), logits
    )
    torch.testing.assert_close(slope, ((logits - taught) / A / B).detach(), rtol=1e-2, atol=1e-4)  # equation 4


def test_actions_that_nobody_offers_change_nothing(drawn):
    logits, taught = drawn
    probabilities, choices = taught.softmax(-1), taught.argmax(-1)
    barred = torch.full((B, 3), torch.finfo(torch.float64).min, dtype=torch.float64)
    wide, narrow = (
        distillation_loss(torch.cat([logits, barred], -1), probabilities, choices, 2.0),
        distillation_loss(logits, probabilities, choices, 2.0),
    )
    for name in (field.name for field in fields(wide)):
        torch.testing.assert_close(getattr(wide, name), getattr(narrow, name))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_teacher_who_is_sure_gives_finite_slopes(dtype):
    lowest = torch.finfo(dtype).min
    logits = torch.tensor([[200.0, -200.0, 0.0, lowest]], dtype=dtype, requires_grad=True)
    probabilities = torch.tensor([[0.0, 0.5, 0.5]], dtype=dtype)
    found = distillation_loss(logits, probabilities, torch.tensor([1]), 2.0)
    found.loss(0.5, 2.0).backward()
    assert torch.isfinite(logits.grad).all()


def test_who_takes_either_of_two_equally_good_actions_agrees():
    probabilities = torch.tensor([[0.5, 0.5, 0.0]] * 3)
    logits = torch.eye(3)
    assert distillation_loss(logits, probabilities, torch.tensor([0, 0, 0]), 1.0).agreement.item() == pytest.approx(
        2 / 3
    )
