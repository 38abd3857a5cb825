"""Streams of decisions laid end to end as one rollout: none sees what belongs to another."""

import numpy as np
import pytest
import torch

from agents.algorithms.advantages import generalised_advantages
from agents.instructions import writer_of
from agents.instructions.option_rollout import Decision, laid_out

GAMMA, LAMBDA = 0.9, 0.8
EVERYTHING = np.ones(2, dtype=np.bool_)
TEXT = "corridor . visit both ends . at 1 ."


def decision(task_id=0, **facts):
    return Decision(TEXT, task_id, 1, -0.5, **{"value": 0.2, "allowed": EVERYTHING, "steps": 1, **facts})


def rollout(policy, *streams, final=0.7):
    return laid_out(streams, policy, lambda texts, task_id: np.full(len(texts), final, np.float32), {"fulfilled": 1.0})


def test_a_decision_that_lasted_counts_what_follows_by_as_many_discounts(policy):
    task_id = writer_of(0)
    stream = [decision(task_id, value=0.3, steps=3), decision(task_id, value=0.5, steps=2, reward=1.0, is_final=True)]
    advantages = generalised_advantages(rollout(policy, stream), GAMMA, LAMBDA).flatten().tolist()
    last = GAMMA**1 * 1.0 - 0.5
    first = GAMMA**3 * 0.5 - 0.3 + GAMMA**3 * LAMBDA * last
    assert advantages == pytest.approx([first, last])


def test_a_stream_that_is_cut_goes_on_with_what_is_expected_and_not_with_its_neighbour(policy):
    one, other = [decision(value=0.1, cut=TEXT)], [decision(value=0.9, reward=1.0, is_final=True)]
    advantages = generalised_advantages(rollout(policy, one, other), GAMMA, LAMBDA).flatten().tolist()
    assert advantages == pytest.approx([GAMMA * 0.7 - 0.1, 1.0 - 0.9])


def test_what_could_not_be_chosen_has_no_odds(policy):
    forbidden = np.array([False, True])
    made = rollout(policy, [decision(is_final=True)], [decision(writer_of(0), allowed=forbidden, is_final=True)])
    probabilities = policy(made.observations)[0].probs.detach()
    assert probabilities[1].tolist() == pytest.approx([0.0, 1.0])
    assert 0 < probabilities[0, 0] < 1
    assert made.extra_metrics == {"fulfilled": 1.0}


def test_what_is_saved_of_it_comes_back(policy):
    made = rollout(policy, [decision(cut=TEXT, steps=2)], [decision(is_final=True)])
    again = type(made).restored(made.state())
    assert torch.equal(again.durations, made.durations)
    assert torch.equal(again.observations.allowed, made.observations.allowed)
    assert torch.equal(again.final_values, made.final_values)
