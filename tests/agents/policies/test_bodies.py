"""Policies without a language model read the same sentences, and have the interface of every policy."""

import json

import pytest
import torch

from agents.config.agent import MLPConfig, TableConfig
from agents.config.algorithms import RandomConfig
from agents.policies.epsilon_greedy import EpsilonGreedy
from agents.policies.factory import policy_from_description
from agents.policies.sentence_mlp import SentenceMLP
from agents.policies.table import TablePolicy
from agents.policies.uniform import UniformPolicy

BODIES = {
    "mlp": (SentenceMLP, MLPConfig(width=16)),
    "table": (TablePolicy, TableConfig()),
    "random": (UniformPolicy, RandomConfig()),
}
TEXTS = ["go to the red ball", "the red ball is left", "a word never met"]


def create(name):
    kind, config = BODIES[name]
    policy = kind.create(config, torch.Generator().manual_seed(0))
    policy.add_task(0, ("left", "right", "up"), ["go to the red ball is left"])
    policy.add_task(1, ("left", "right"), ["another"])
    if name == "table":
        policy.write(0, torch.rand(len(policy.rows(0, TEXTS)), 3, generator=torch.Generator().manual_seed(1)).numpy())
    return policy


@pytest.mark.parametrize("name", BODIES)
def test_each_decision_is_among_its_own_tasks_actions(name):
    policy = create(name)
    distribution, values = policy(policy.encode(TEXTS, [0, 1, 1]))
    assert distribution.probs.shape == (3, 3)
    assert values.shape == (3,)
    torch.testing.assert_close(distribution.probs.sum(1), torch.ones(3))
    assert (distribution.probs[1:, 2] == 0).all()


@pytest.mark.parametrize("name", BODIES)
def test_a_policy_is_rebuilt_from_its_description_and_weights(name):
    policy = create(name)
    rebuilt = policy_from_description(json.loads(json.dumps(policy.description())))
    rebuilt.load_state_dict(policy.state_dict())
    for original, copy in zip(
        policy(policy.encode(TEXTS, [0, 0, 1])), rebuilt(rebuilt.encode(TEXTS, [0, 0, 1])), strict=True
    ):
        torch.testing.assert_close(getattr(original, "probs", original), getattr(copy, "probs", copy))
    assert rebuilt.action_sets == policy.action_sets


def test_the_mlp_sums_the_vectors_of_words_at_their_positions():
    policy = create("mlp")
    vectors = policy.vectors.view(-1, policy.config.context, policy.config.width)
    words = {word: row for row, word in enumerate(["", *policy.description()["words"]])}
    summed = sum(vectors[words[word], position] for position, word in enumerate(TEXTS[0].split()))
    hidden = torch.tanh(policy.hidden[0](torch.tanh(summed + policy.offset)))
    logits = policy.choices[:3] @ hidden
    torch.testing.assert_close(policy(policy.encode(TEXTS[:1], [0]))[0].probs[0], logits.softmax(0))


def test_a_new_task_does_not_change_the_mlps_outputs():
    policy = create("mlp")
    before = policy(policy.encode(TEXTS, [0] * 3))[0].probs
    policy.add_task(2, ("jump", "duck", "run", "sing"), ["piano"])
    torch.testing.assert_close(policy(policy.encode(TEXTS, [0] * 3))[0].probs[:, :3], before)


def test_a_table_is_uniform_for_an_unknown_sentence():
    policy = create("table")
    distribution, value = policy(policy.encode(["something else"], [0]))
    torch.testing.assert_close(distribution.probs, torch.full((1, 3), 1 / 3))
    assert value.item() == 0
    assert len(policy.tables["0"]) == len(TEXTS)


@pytest.mark.parametrize("epsilon", [0.0, 0.3, 1.0])
def test_epsilon_greedy_takes_the_best_action_or_any_available_one(epsilon):
    policy = create("mlp")
    observations = policy.encode(TEXTS, [0, 0, 1])
    best = policy(observations)[0].probs.argmax(1)
    counts = torch.tensor([3, 3, 2])
    probabilities = EpsilonGreedy(policy, epsilon)(observations)[0].probs
    torch.testing.assert_close(probabilities[torch.arange(3), best], 1 - epsilon + epsilon / counts)
    assert probabilities[2, 2] == 0
