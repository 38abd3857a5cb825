"""CLEAR: which unrolls are stored, and its four losses against explicit loops."""

from dataclasses import fields, replace

import pytest
import torch

from agents.config.strategies import CLEARConfig
from agents.continual.clear import CLEAR, replay_losses
from agents.continual.reservoir import Reservoir
from agents.continual.unrolls import Cuts
from agents.rollout import Rollout

TEXTS = ("house apple", "apple left", "left north apple", "right")


@pytest.fixture
def rollout():
    """Return a function that collects a rollout of some steps in two environments with a policy."""

    def collected(policy, steps=7, task_id=0, seed=0, ended=()):
        generator = torch.Generator().manual_seed(seed)
        texts = [TEXTS[int(row)] for row in torch.randint(len(TEXTS), (2 * steps,), generator=generator)]
        observations = policy.encode(texts, [task_id] * len(texts))
        actions = torch.randint(2, (steps, 2), generator=generator)
        with torch.no_grad():
            distribution, values = policy(observations)
        log_probs = distribution.log_prob(actions.flatten()).view(steps, 2)
        terminated, nothing = torch.zeros(steps, 2), torch.zeros(steps, 2)
        for index in ended:
            terminated[index] = 1
        rewards = torch.randn(steps, 2, generator=generator)
        numbers = (actions, log_probs, values.view(steps, 2), rewards, terminated, nothing, nothing)
        return Rollout(observations, *numbers, last_values=torch.zeros(2))

    return collected


def all_unrolls(rollout, policy, length=3):
    cuts = Cuts.of(rollout, length)
    return cuts.evaluate(range(len(cuts)), policy)


def clear(memory, rng, **settings):
    return CLEAR(CLEARConfig(**settings), memory, rng)


def test_a_rollout_is_cut_into_unrolls_followed_by_its_last_step(policy, rollout):
    collected = rollout(policy, steps=8)
    unrolls = all_unrolls(collected, policy)
    assert unrolls.valid.sum(1).tolist() == [3, 3, 3, 3, 1, 1]
    rewards = torch.cat([unrolls.rewards[row][unrolls.valid[row]] for row in (0, 2, 4)])
    assert torch.equal(rewards, collected.rewards[:7, 0])
    seen = unrolls.observations()
    for row, step in ((0, 3), (2, 6), (4, 7)):  # a shorter unroll ends with the observation at index 1
        index = 1 if row == 4 else 3
        tokens = seen.prompts.tokens[seen.rows.view(6, 4)[row, index]]
        assert torch.equal(tokens, collected.observations.prompts.tokens[collected.observations.rows[step * 2]])


def test_a_single_step_gives_no_unroll(policy, rollout, memory, rng):
    strategy = clear(memory, rng)
    strategy.observe(rollout(policy, steps=1))
    assert strategy.penalty(policy) == 0.0


@pytest.mark.parametrize("capacity", [10, 40])
def test_every_unroll_is_stored_with_equal_probability(policy, rollout, capacity):
    counts, collected = torch.zeros(15), rollout(policy, steps=5)
    for seed in range(24):
        reservoir, generator = Reservoir(), torch.Generator().manual_seed(seed)
        for number in range(15):
            marked = replace(collected, rewards=torch.full((5, 2), float(number)))
            reservoir.admit(Cuts.of(marked, 2), policy, capacity, generator)
        assert len(reservoir) == capacity
        counts += reservoir.unrolls.rewards[:, 0].long().bincount(minlength=15)
    early, late = counts[:7].mean(), counts[8:].mean()
    expected = 24 * capacity / 15
    assert float(early) == pytest.approx(expected, rel=0.25)
    assert float(late) == pytest.approx(expected, rel=0.25)


def test_on_policy_only_the_return_contributes(policy, rollout):
    unrolls = all_unrolls(rollout(policy), policy)
    terms = replay_losses(unrolls, policy, 0.9)
    assert float(terms.cloning.detach()) == pytest.approx(0.0, abs=1e-6)
    assert float(terms.value_cloning.detach()) == pytest.approx(0.0, abs=1e-9)
    assert float(terms.value.detach()) > 0.01


def test_the_losses_are_those_of_the_paper(policy, rollout, move):
    collected = rollout(policy, ended=[(2, 0), (4, 1)])
    with torch.no_grad():
        stored = policy(collected.observations)[0].probs.view(7, 2, -1)
    unrolls = all_unrolls(collected, policy, length=6)
    move(policy, 0.3)
    terms = replay_losses(unrolls, policy, 0.9)
    distribution, values = policy(collected.observations)
    logits, values = distribution.logits.view(7, 2, -1), values.detach().view(7, 2)
    policy_loss = value_loss = cloning = value_cloning = 0.0
    for world in range(2):
        target = values[6, world]
        for step in reversed(range(6)):  # equation 1 as a recursion (remark 1 of Espeholt et al.)
            log_prob = logits[step, world, collected.actions[step, world]]
            ratio = (log_prob.detach() - collected.log_probs[step, world]).exp().clamp(max=1.0)
            discount = 0.9 * (1 - collected.terminated[step, world])
            advantage = ratio * (collected.rewards[step, world] + discount * target - values[step, world])
            td_error = ratio * (
                collected.rewards[step, world] + discount * values[step + 1, world] - values[step, world]
            )
            target = values[step, world] + td_error + discount * ratio * (target - values[step + 1, world])
            policy_loss -= float((log_prob * advantage).detach())
            value_loss += float((values[step, world] - target) ** 2)
            cloning += float((stored[step, world] * (stored[step, world].log() - logits[step, world].detach())).sum())
            value_cloning += float((values[step, world] - collected.values[step, world]) ** 2)
    sums = (policy_loss, value_loss, cloning, value_cloning)
    found = [float(getattr(terms, field.name).detach()) for field in fields(terms)]
    assert found == pytest.approx([each / 12 for each in sums], rel=1e-3)


def test_the_replay_fraction_scales_the_loss(policy, rollout, memory):
    losses = {}
    for share in (0.0, 0.5, 0.75):
        strategy = clear(memory, torch.Generator().manual_seed(0), replay_fraction=share, unrolls=4)
        strategy.observe(rollout(policy))
        losses[share] = float(torch.as_tensor(strategy.penalty(policy)).detach())
    assert losses[0.0] == 0.0
    assert losses[0.75] == pytest.approx(3 * losses[0.5], rel=1e-4)


def test_unrolls_stay_readable_when_words_tasks_and_the_length_of_rollouts_change(policy, rollout, memory, rng):
    strategy = clear(memory, rng, unroll_length=4, unrolls=64)
    strategy.observe(rollout(policy, steps=3))
    strategy.penalty(policy)
    policy.add_task(2, ("far away", "north", "left"), ("quite", "new", "words"))
    strategy.observe(rollout(policy, steps=9, task_id=2))
    loss = strategy.penalty(policy)
    loss.backward()
    assert torch.isfinite(loss)
    assert set(strategy.reservoir.unrolls.task_ids.flatten().tolist()) == {0, 2}


def test_a_smaller_capacity_lets_random_ones_go(policy, rollout, rng):
    reservoir = Reservoir()
    reservoir.admit(Cuts.of(rollout(policy), 1), policy, 12, rng)
    reservoir.admit(Cuts.of(rollout(policy), 1), policy, 5, rng)
    assert len(reservoir) == 5


def test_a_restored_strategy_stores_and_draws_the_same(policy, rollout, memory):
    original, generator = clear(memory, torch.Generator().manual_seed(0), buffer_size=4), torch.Generator()
    original.observe(rollout(policy))
    original.penalty(policy)
    original.observe(rollout(policy, seed=1))  # stays pending
    generator.set_state(original.generator.get_state())
    restored = clear(memory, generator, buffer_size=4)
    restored.restore(original.state())
    for seed in (2, 3):
        for strategy in (original, restored):
            strategy.observe(rollout(policy, seed=seed))
        assert torch.equal(original.penalty(policy), restored.penalty(policy))
    assert original.reservoir.seen == restored.reservoir.seen
