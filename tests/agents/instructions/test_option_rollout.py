"""Streams of decisions are concatenated to one rollout, and their advantages stay separate."""

import numpy as np
import pytest
import torch

from agents.algorithms.advantages import generalised_advantages
from agents.instructions import writer_task_id
from agents.instructions.option_rollout import Decision, build_option_rollout

GAMMA, LAMBDA = 0.9, 0.8
EVERYTHING = np.ones(2, dtype=np.bool_)
TEXT = "corridor . visit both ends . at 1 ."


def decision(task_id=0, **fields):
    return Decision(TEXT, task_id, 1, -0.5, **{"value": 0.2, "allowed": EVERYTHING, "steps": 1, **fields})


def rollout(policy, *streams, final=0.7):
    return build_option_rollout(
        streams, policy, lambda texts, task_id: np.full(len(texts), final, np.float32), {"fulfilled": 1.0}
    )


def test_a_decision_over_several_steps_discounts_by_their_number(policy):
    task_id = writer_task_id(0)
    stream = [decision(task_id, value=0.3, steps=3), decision(task_id, value=0.5, steps=2, reward=1.0, is_final=True)]
    advantages = generalised_advantages(rollout(policy, stream), GAMMA, LAMBDA).flatten().tolist()
    last = GAMMA**1 * 1.0 - 0.5
    first = GAMMA**3 * 0.5 - 0.3 + GAMMA**3 * LAMBDA * last
    assert advantages == pytest.approx([first, last])


def test_a_stream_that_is_cut_is_bootstrapped_and_not_continued_by_the_next(policy):
    first, second = [decision(value=0.1, cut=TEXT)], [decision(value=0.9, reward=1.0, is_final=True)]
    advantages = generalised_advantages(rollout(policy, first, second), GAMMA, LAMBDA).flatten().tolist()
    assert advantages == pytest.approx([GAMMA * 0.7 - 0.1, 1.0 - 0.9])


def test_forbidden_actions_have_probability_zero(policy):
    forbidden = np.array([False, True])
    joined = rollout(policy, [decision(is_final=True)], [decision(writer_task_id(0), allowed=forbidden, is_final=True)])
    probabilities = policy(joined.observations)[0].probs.detach()
    assert probabilities[1].tolist() == pytest.approx([0.0, 1.0])
    assert 0 < probabilities[0, 0] < 1
    assert joined.extra_metrics == {"fulfilled": 1.0}


def test_a_restored_rollout_is_equal(policy):
    joined = rollout(policy, [decision(cut=TEXT, steps=2)], [decision(is_final=True)])
    restored = type(joined).restored(joined.state())
    assert torch.equal(restored.durations, joined.durations)
    assert torch.equal(restored.observations.allowed, joined.observations.allowed)
    assert torch.equal(restored.final_values, joined.final_values)
