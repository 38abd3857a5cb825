import pytest
import torch

from agents.rollout import Rollout


@pytest.mark.parametrize(
    ("actions", "repetition"),
    [([[0, 1], [0, 1]], 1.0), ([[0, 1], [0, 2]], 0.5), ([[0, 1], [1, 2]], 0.0), ([[3, 3, 3, 1]] * 3, 1.0)],
)
def test_repetition_is_the_fraction_of_environments_with_one_action_throughout(actions, repetition):
    rollout = Rollout(None, torch.tensor(actions), *[None] * 7)
    assert rollout.repetition == repetition
