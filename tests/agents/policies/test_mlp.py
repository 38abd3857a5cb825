import math

import numpy as np
import pytest
import torch
from torch import nn

from agents.collect.collector import Collector
from agents.policies.mlp import MLPPolicy, mlp
from agents.runtime.iteration import drain
from envs.gym_worlds.numeric import Numeric
from envs.gym_worlds.verbalize import Verbalized
from envs.options import GymOptions


def create(inputs=4, actions=3, seed=0):
    policy = MLPPolicy(inputs, actions, torch.Generator().manual_seed(seed))
    policy.add_task(0, ("push left", "push right"), ())
    policy.add_task(1, ("a", "b", "c"), ())
    return policy


def test_numbers_are_parsed_exactly():
    rows = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    observations = create().encode([" ".join(map(repr, row.tolist())) for row in rows], [0] * 5)
    assert np.array_equal(observations.prompts.tokens.numpy(), rows)


def test_each_task_has_its_own_actions_and_an_untrained_policy_is_near_uniform():
    policy = create()
    distribution, value = policy(policy.encode(["0.1 2.0 -1.0 0.5"] * 2, [0, 1]))
    assert distribution.probs[0, 2] == 0
    entropy = distribution.entropy().detach()
    assert entropy[0] > 0.99 * math.log(2)
    assert entropy[1] > 0.99 * math.log(3)
    assert value.shape == (2,)
    assert torch.isfinite(distribution.logits).all()


def test_a_decision_is_the_same_alone_and_in_a_batch():
    policy = create()
    texts = ["0.0 0.0 0.0 0.0", "1.0 2.0 3.0 4.0", "1.0 2.0 3.0 4.0", "-1.0 0.0 1.0 0.0"]
    together = policy.encode(texts, [0, 1, 0, 1])
    chosen = torch.tensor([3, 1])
    logits, values = policy(together)[0].logits, policy(together)[1]
    selected = policy(together[chosen])
    torch.testing.assert_close(selected[0].logits, logits[chosen])
    torch.testing.assert_close(selected[1], values[chosen])


def test_a_wrong_number_of_actions_or_inputs_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="4 actions, the network has 3; make it wider"):
        create().add_task(2, ("a", "b", "c", "d"), ())
    with pytest.raises(ValueError, match="reads 4 numbers, got"):
        create().encode(["1.0 2.0"], [0])


@pytest.mark.parametrize("gym_id", ["CartPole-v1", "Taxi-v4"])
def test_numeric_and_verbalized_environments_have_the_same_rewards_and_ends(gym_id):
    worlds = [kind(GymOptions(max_episode_steps=30), gym_id=gym_id) for kind in (Numeric, Verbalized)]
    for world in worlds:
        world.reset(seed=3)
    for number in range(30):
        collected = [world.step(number % 2)[1:] for world in worlds]
        assert collected[0] == collected[1]
        if collected[0][1] or collected[0][2]:
            break


def test_a_collector_works_with_it_as_with_any_policy():
    worlds = [Numeric(GymOptions(), gym_id="CartPole-v1") for _ in range(3)]
    policy = create()
    rollout = drain(Collector(worlds, 0, 0, reuse=False).collect(policy, 20, torch.Generator().manual_seed(0)))
    with torch.no_grad():
        distribution, values = policy(rollout.observations)
    torch.testing.assert_close(distribution.log_prob(rollout.actions.flatten()).view(20, 3), rollout.log_probs)
    torch.testing.assert_close(values.view(20, 3), rollout.values)
    assert worlds[0].observation_space.contains(worlds[0].reset(seed=0)[0])


def test_the_same_seed_draws_the_same_network():
    draws = [mlp((4, 5, 2), nn.ReLU, torch.Generator().manual_seed(1))(torch.ones(1, 4)) for _ in range(2)]
    assert torch.equal(*draws)
