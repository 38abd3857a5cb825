import math

import pytest
import torch

from agents.algorithms.ppo import PPO
from agents.algorithms.reinforce import Reinforce
from agents.config.agent import ModelConfig
from agents.config.algorithms import DQNConfig, PPOConfig, ReinforceConfig
from agents.config.learning import LearningConfig
from agents.continual import ContinualStrategy
from agents.errors import NotFinite
from agents.language.transformer import Transformer
from agents.optimiser import EPSILON
from agents.policies.language import LanguagePolicy
from agents.registry import ALGORITHMS, LEARNERS, build
from agents.rollout import Rollout
from agents.runtime.iteration import Iteration
from agents.update.gradient_learner import MIN_ROWS, Learner

ACTIONS = ("north", "east", "south", "west")
CONFIG = LearningConfig(
    learning_rate=1e-3,
    final_learning_rate=2e-4,
    final_ent_coef=0.01,
    burst_ent_coef=0.5,
    burst_updates=2,
    max_grad_norm=0.5,
)


def create(seed=0):
    generator = torch.Generator().manual_seed(seed)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, heads=2), generator), generator)
    policy.add_task(0, ACTIONS, ["at", "place", *map(str, range(10))])
    return policy


def some_rollout(policy, steps=8, worlds=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    texts = [f"at place {row % 10}" for row in range(steps * worlds)]
    observations = policy.encode(texts, [0] * len(texts))
    actions = torch.randint(4, (steps, worlds), generator=generator)
    with torch.no_grad():
        distribution, values = policy(observations)
    zeros = torch.zeros(steps, worlds)
    return Rollout(
        observations=observations,
        actions=actions,
        log_probs=distribution.log_prob(actions.flatten()).view(steps, worlds),
        values=values.view(steps, worlds),
        rewards=(actions == 1).float(),  # east is rewarded
        terminated=torch.ones(steps, worlds),
        truncated=zeros,
        final_values=zeros,
        last_values=torch.zeros(worlds),
    )


class Nothing(ContinualStrategy):
    def __init__(self):
        super().__init__(None, None, None)


def learner_of(policy, algorithm=None, strategy=None, config=CONFIG):
    algorithm = algorithm or PPO(PPOConfig(batch_size=16, n_epochs=2))
    return Learner(policy, algorithm, strategy or Nothing(), config, torch.Generator().manual_seed(0))


def drain(work):
    steps = Iteration(work)
    return len(list(steps)), steps.result


def test_it_yields_after_every_gradient_step_and_returns_the_terms():
    policy = create()
    learner = learner_of(policy)
    learner.begin_stage(1_000)
    count, terms = drain(learner.learn(some_rollout(policy), 0))
    assert count == 4
    assert {"policy", "value", "entropy", "kl", "clip_fraction", "gradient", "rate"} <= set(terms)
    assert all(math.isfinite(value) for value in terms.values())


GRADIENTS = [kind for kind in ALGORITHMS if kind not in LEARNERS and kind is not DQNConfig]
"""Algorithms that learn from a rollout without sentences; DQN needs the next observations."""


@pytest.mark.parametrize("kind", GRADIENTS, ids=lambda kind: kind.model_fields["name"].default)
def test_rewarded_actions_become_likelier(kind):
    policy = create()
    learner = learner_of(policy, build(kind()))
    learner.begin_stage(10_000)
    for seed in range(10):
        drain(learner.learn(some_rollout(policy, seed=seed), 0))
    probs = policy(policy.encode(["at place 3"], [0]))[0].probs[0]
    assert probs.argmax() == 1
    assert probs[1] > 0.3


def test_the_weights_after_an_update_are_those_of_plain_torch():
    policy, reference = create(), create()
    rollout = some_rollout(policy)
    learner = learner_of(policy)
    learner.begin_stage(1_000)
    drain(learner.learn(rollout, 0))
    algorithm = PPO(PPOConfig(batch_size=16, n_epochs=2))
    adam = torch.optim.Adam(reference.parameters(), lr=CONFIG.learning_rate, eps=EPSILON)
    for batch in algorithm.batches(rollout, torch.Generator().manual_seed(0)):
        adam.zero_grad()
        algorithm.loss(reference, batch).total.backward()
        torch.nn.utils.clip_grad_norm_(reference.parameters(), CONFIG.max_grad_norm)
        adam.step()
    for ours, theirs in zip(policy.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("done", "rate"), [(0, 1e-3), (500, 6e-4), (1_000, 2e-4), (2_000, 2e-4)])
def test_the_rate_falls_linearly_over_the_stage(done, rate):
    learner = learner_of(create())
    learner.begin_stage(1_000)
    assert learner.rate(done) == pytest.approx(rate)


@pytest.mark.parametrize(("done", "weight"), [(0, 0.05), (350, 0.03), (700, 0.01), (1_000, 0.01)])
def test_the_entropy_bonus_decays_over_the_first_seven_tenths(done, weight):
    learner = learner_of(create())
    learner.begin_stage(1_000)
    assert learner.ent_coef(done) == pytest.approx(weight)


def test_every_stage_after_the_first_begins_with_a_burst_of_exploration():
    policy = create()
    learner = learner_of(policy)
    rollout = some_rollout(policy)
    weights = []
    for _ in range(2):
        learner.begin_stage(1_000)
        for _ in range(3):
            drain(learner.learn(rollout, 0))
            weights.append(learner.algorithm.ent_coef)
    assert weights == [0.05, 0.05, 0.05, 0.5, 0.5, 0.05]


def test_a_new_stage_starts_with_a_fresh_optimiser():
    policy = create()
    learner = learner_of(policy)
    learner.begin_stage(1_000)
    drain(learner.learn(some_rollout(policy), 0))
    assert learner.optimiser.steps == 4
    learner.begin_stage(1_000)
    assert learner.optimiser.steps == 0


class Recording(Nothing):
    def __init__(self):
        super().__init__()
        self.calls = []

    def penalty(self, policy):
        self.calls.append("penalty")
        return policy.value.weight.square().sum()

    def project(self, policy):
        assert policy.value.weight.grad.abs().max() > 0
        self.calls.append("project")

    def constrain(self, policy):
        self.calls.append("constrain")


def test_the_strategy_is_called_in_order_at_every_step_and_its_penalty_is_a_term():
    policy, strategy = create(), Recording()
    learner = learner_of(policy, strategy=strategy)
    learner.begin_stage(1_000)
    count, terms = drain(learner.learn(some_rollout(policy), 0))
    assert strategy.calls == ["penalty", "project", "constrain"] * count
    assert terms["penalty"] > 0


def test_strategy_and_algorithm_may_be_swapped_between_updates():
    policy, strategy = create(), Recording()
    learner = learner_of(policy)
    learner.begin_stage(1_000)
    drain(learner.learn(some_rollout(policy), 0))
    learner.strategy, learner.algorithm = strategy, Reinforce(ReinforceConfig(batch_size=8))
    count, terms = drain(learner.learn(some_rollout(policy), 100))
    assert count == 4
    assert "clip_fraction" not in terms
    assert strategy.calls


def test_the_optimiser_uses_the_projected_gradient():
    class Blocking(Nothing):
        def project(self, policy):
            for weight in policy.parameters():
                weight.grad.zero_()

    policy = create()
    before = [weight.clone() for weight in policy.parameters()]
    learner = learner_of(policy, strategy=Blocking())
    learner.begin_stage(1_000)
    drain(learner.learn(some_rollout(policy), 0))
    assert all(torch.equal(a, b) for a, b in zip(before, policy.parameters(), strict=True))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_raises_before_the_weights_change(value):
    class Poisoned(Nothing):
        def penalty(self, policy):
            return policy.value.weight.sum() * value

    policy = create()
    before = [weight.clone() for weight in policy.parameters()]
    learner = learner_of(policy, strategy=Poisoned())
    learner.begin_stage(1_000)
    with pytest.raises(NotFinite, match=r"lower learning\.learning_rate"):
        drain(learner.learn(some_rollout(policy), 0))
    assert all(torch.equal(a, b) for a, b in zip(before, policy.parameters(), strict=True))


def test_words_added_in_the_middle_of_a_stage_are_learned_too():
    policy = create()
    learner = learner_of(policy)
    learner.begin_stage(1_000)
    drain(learner.learn(some_rollout(policy), 0))
    policy.add_task(1, ("sing", "dance"), ["piano"])
    before = policy.model.tokens.clone()
    drain(learner.learn(some_rollout(policy), 100))
    assert learner.optimiser.steps == 8
    assert not torch.equal(before, policy.model.tokens)
    assert policy.model.tokens.grad is not None


class Cramped(Nothing):
    """Raises `error` in gradient steps on more than `max_size` decisions."""

    def __init__(self, learner, max_size, error):
        super().__init__()
        self.learner, self.max_size, self.error, self.sizes = learner, max_size, error, []
        loss = learner.algorithm.loss

        def measured(policy, batch):
            self.sizes.append(len(batch))
            if len(batch) > max_size:
                raise error
            return loss(policy, batch)

        learner.algorithm.loss = measured


NO_MEMORY = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate"),
    MemoryError(),
)


@pytest.mark.parametrize("error", NO_MEMORY, ids=lambda error: type(error).__name__)
def test_where_memory_runs_out_minibatches_are_halved_and_every_decision_is_still_learned_from(error):
    policy = create()
    learner = learner_of(policy)
    rollout = some_rollout(policy)
    learner.begin_stage(1_000)
    count = drain(learner.learn(rollout, 0))[0]
    whole = len(rollout.observations) // (count // 2)
    cramped = Cramped(learner, whole // 2, error)
    halves, terms = drain(learner.learn(rollout, 0))
    assert halves == 2 * count
    assert learner.max_rows == whole // 2
    assert cramped.sizes.count(whole) == 1  # no second attempt
    assert sum(size for size in cramped.sizes if size <= whole // 2) == whole * count
    assert all(math.isfinite(term) for term in terms.values())
    restored = learner_of(create())
    restored.begin_stage(1_000)
    restored.restore(learner.state())
    assert restored.max_rows == whole // 2


def test_a_gradient_step_for_which_there_was_no_memory_leaves_the_weights_as_they_were():
    policy = create()
    learner = learner_of(policy)
    learner.begin_stage(1_000)
    before = [weight.clone() for weight in policy.parameters()]
    Cramped(learner, 0, MemoryError())
    with pytest.raises(MemoryError):
        drain(learner.learn(some_rollout(policy), 0))
    assert learner.max_rows == MIN_ROWS
    assert all(torch.equal(a, b) for a, b in zip(before, policy.parameters(), strict=True))
    assert learner.optimiser.steps == 0
