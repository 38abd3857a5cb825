import numpy as np
import pytest
import torch

from agents.config.agent import ModelConfig
from agents.language.transformer import Transformer
from agents.policies.batched import BatchedPolicy, draw_rows
from agents.policies.language import LanguagePolicy


class Counting(LanguagePolicy):
    """Counts the sentences that it computes."""

    read = 0

    def forward(self, observations):
        self.read += len(observations)
        return super().forward(observations)


@pytest.fixture
def policy():
    generator = torch.Generator().manual_seed(0)
    policy = Counting(Transformer(ModelConfig(width=16, heads=2), generator), generator)
    policy.add_task(0, ("left", "right"), ("here", "there"))
    return policy


def test_a_sentence_is_computed_once_however_often_it_occurs(policy):
    outputs = BatchedPolicy(policy, 0)
    first = outputs.rows_for(["here", "there", "here"])
    second = outputs.rows_for(["there", "here"])
    assert policy.read == 2
    assert first.tolist() == [0, 1, 0]
    assert second.tolist() == [1, 0]


def test_without_reuse_every_decision_is_computed(policy):
    outputs = BatchedPolicy(policy, 0, reuse=False)
    assert outputs.rows_for(["here", "here"]).tolist() == [0, 1]
    assert outputs.rows_for(["here"]).tolist() == [2]
    assert policy.read == 3


@pytest.mark.parametrize("reuse", [True, False])
def test_outputs_are_those_of_the_policy(policy, reuse):
    outputs = BatchedPolicy(policy, 0, reuse=reuse)
    rows = outputs.rows_for(["here", "there", "here"])
    actions, values = policy(policy.encode(["here", "there", "here"], [0] * 3))
    np.testing.assert_allclose(outputs.log_probs(rows), actions.logits.detach(), atol=1e-6)
    np.testing.assert_allclose(outputs.values(rows), values.detach(), atol=1e-6)


def test_sampling_follows_the_probabilities_and_repeats():
    log_probs = np.log(np.tile(np.array([0.1, 0.6, 0.3], np.float32), (20_000, 1)))
    drawn = draw_rows(log_probs, torch.Generator().manual_seed(0))
    np.testing.assert_allclose(np.bincount(drawn) / len(drawn), [0.1, 0.6, 0.3], atol=0.01)
    assert (drawn == draw_rows(log_probs, torch.Generator().manual_seed(0))).all()
