"""The loss of distillation, against Torch's own functions and the formulas of the paper."""

from dataclasses import fields

import pytest
import torch
from torch.distributions import Categorical, kl_divergence
from torch.nn import functional as F

from agents.distillation.loss import distillation_loss

B, A = 7, 5


@pytest.fixture
def random_logits():
    rng = torch.Generator().manual_seed(0)
    logits, teacher_logits = torch.randn(2, B, A, generator=rng, dtype=torch.float64) * 2
    return logits.requires_grad_(), teacher_logits


@pytest.mark.parametrize("temperature", [1.0, 2.0, 7.5])
def test_the_divergence_is_that_of_torch_at_this_temperature(random_logits, temperature):
    logits, teacher_logits = random_logits
    found = distillation_loss(logits, teacher_logits.softmax(-1), teacher_logits.argmax(-1), temperature)
    teacher, student = Categorical(logits=teacher_logits / temperature), Categorical(logits=logits / temperature)
    torch.testing.assert_close(found.soft, kl_divergence(teacher, student).mean())
    torch.testing.assert_close(found.cross_entropy, F.cross_entropy(logits, teacher_logits.argmax(-1)))
    plain = kl_divergence(Categorical(logits=teacher_logits), Categorical(logits=logits)).mean()
    torch.testing.assert_close(found.plain, plain.detach())


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_alpha_weights_cross_entropy_against_divergence(random_logits, alpha):
    logits, teacher_logits = random_logits
    found = distillation_loss(logits, teacher_logits.softmax(-1), teacher_logits.argmax(-1), 3.0)
    by_hand = alpha * found.cross_entropy + (1 - alpha) * 9 * found.soft
    torch.testing.assert_close(found.loss(alpha, 3.0), by_hand)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_of_two_actions_it_is_the_closed_form(temperature):
    p, z = 0.8, 0.3
    softened = p ** (1 / temperature) / (p ** (1 / temperature) + (1 - p) ** (1 / temperature))
    q = torch.tensor(z / temperature, dtype=torch.float64).sigmoid().item()
    wanted = (
        softened * torch.tensor(softened / q).log().item()
        + (1 - softened) * torch.tensor((1 - softened) / (1 - q)).log().item()
    )
    logits = torch.tensor([[z, 0.0]], dtype=torch.float64)
    found = distillation_loss(logits, torch.tensor([[p, 1 - p]], dtype=torch.float64), torch.tensor([0]), temperature)
    assert found.soft.item() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_its_gradient_is_that_of_the_paper(random_logits, temperature):
    logits, teacher_logits = random_logits  # Hinton et al. (2015), equation 2: (q − p) / T for each case
    loss = distillation_loss(logits, teacher_logits.softmax(-1), teacher_logits.argmax(-1), temperature).loss(
        0.0, temperature
    )
    (gradient,) = torch.autograd.grad(loss, logits)
    wanted = ((logits / temperature).softmax(-1) - (teacher_logits / temperature).softmax(-1)) * temperature / B
    torch.testing.assert_close(gradient, wanted.detach())


def test_at_high_temperature_it_matches_logits(random_logits):
    logits, teacher_logits = (part - part.mean(-1, keepdim=True) for part in random_logits)
    logits = logits.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(
        distillation_loss(logits, teacher_logits.softmax(-1), teacher_logits.argmax(-1), 1e4).loss(0.0, 1e4), logits
    )
    torch.testing.assert_close(
        gradient, ((logits - teacher_logits) / A / B).detach(), rtol=1e-2, atol=1e-4
    )  # equation 4


def test_masked_actions_change_nothing(random_logits):
    logits, teacher_logits = random_logits
    probabilities, choices = teacher_logits.softmax(-1), teacher_logits.argmax(-1)
    masked = torch.full((B, 3), torch.finfo(torch.float64).min, dtype=torch.float64)
    wide, narrow = (
        distillation_loss(torch.cat([logits, masked], -1), probabilities, choices, 2.0),
        distillation_loss(logits, probabilities, choices, 2.0),
    )
    for name in (field.name for field in fields(wide)):
        torch.testing.assert_close(getattr(wide, name), getattr(narrow, name))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_extreme_logits_give_finite_gradients(dtype):
    lowest = torch.finfo(dtype).min
    logits = torch.tensor([[200.0, -200.0, 0.0, lowest]], dtype=dtype, requires_grad=True)
    probabilities = torch.tensor([[0.0, 0.5, 0.5]], dtype=dtype)
    found = distillation_loss(logits, probabilities, torch.tensor([1]), 2.0)
    found.loss(0.5, 2.0).backward()
    assert torch.isfinite(logits.grad).all()


def test_either_of_two_equally_good_actions_counts_as_agreement():
    probabilities = torch.tensor([[0.5, 0.5, 0.0]] * 3)
    logits = torch.eye(3)
    assert distillation_loss(logits, probabilities, torch.tensor([0, 0, 0]), 1.0).agreement.item() == pytest.approx(
        2 / 3
    )
