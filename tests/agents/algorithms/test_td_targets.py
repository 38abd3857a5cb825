"""TD targets by their papers, and the loss against PyTorch's."""

import pytest
import torch
from torch.nn import functional as F

from agents.algorithms.td_targets import huber, td_errors, td_targets
from agents.replay import TransitionBatch


def test_double_q_learning_selects_with_the_online_and_evaluates_with_the_target_network():
    steps = TransitionBatch(None, None, torch.tensor([1.0]), None, torch.tensor([0.5]))
    online, old = torch.tensor([[3.0, 1.0]]), torch.tensor([[2.0, 10.0]])
    assert td_targets(online, old, steps).item() == 1 + 0.5 * 2
    assert td_targets(old, old, steps).item() == 1 + 0.5 * 10


def test_the_error_is_pytorchs_huber_loss():
    td_error = torch.tensor([-3.0, -0.5, 0.0, 0.2, 4.0])
    torch.testing.assert_close(huber(td_error, torch.ones(5)), F.smooth_l1_loss(torch.zeros(5), td_error))
    assert td_errors(torch.tensor([[1.0, 5.0]]), torch.tensor([2.0]), torch.tensor([1])).item() == -3


def test_each_error_counts_by_its_weight():
    td_error, weights = torch.tensor([-3.0, 0.2]), torch.tensor([0.25, 1.0])
    assert huber(td_error, weights).item() == pytest.approx((0.25 * 2.5 + 0.5 * 0.2**2) / 2)
