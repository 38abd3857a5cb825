import pytest
import torch

from agents.config.strategies import OnlineEWCConfig, ProgressCompressConfig
from agents.continual.ewc import OnlineEWC
from agents.continual.offline_distillation import Source, retrain
from agents.continual.progress_compress import ProgressCompress
from agents.continual.quadratic_penalty import QuadraticPenalty

QUICK = ProgressCompressConfig(compress_steps=20, samples=16)


@pytest.fixture
def strategy(memory, rng):
    return ProgressCompress(QUICK, memory, rng)


def test_the_first_column_is_the_first_knowledge_base(policy, strategy, learn, collected, texts, weights):
    strategy.begin_task(policy, 0)
    learn(policy, strategy, 0)
    before = weights(policy)
    list(strategy.end_task(policy, 0, collected(policy, texts)))
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


def test_the_active_column_has_no_penalty(policy, strategy, run_stage, move):
    run_stage(strategy, 0)
    strategy.begin_task(policy, 1)
    move(policy, 0.1)
    assert strategy.penalty(policy) == 0.0


@pytest.mark.parametrize("reinitialise", [False, True])
def test_a_stage_begins_with_the_knowledge_base_or_the_initial_weights(
    policy, strategy, run_stage, weights, reinitialise
):
    initial = weights(policy)
    run_stage(strategy, 0)
    knowledge = weights(policy)
    strategy.config = QUICK.model_copy(update={"reinitialise": reinitialise})
    strategy.begin_task(policy, 1)
    expected = initial if reinitialise else knowledge
    assert all(torch.equal(weight, expected[name]) for name, weight in policy.named_parameters())


def test_without_a_penalty_the_knowledge_base_decides_like_the_distilled_column(
    policy, strategy, run_stage, learn, collected, texts
):
    strategy.config = QUICK.model_copy(update={"strength": 0.0})
    run_stage(strategy, 0)
    strategy.begin_task(policy, 1)
    learn(policy, strategy, 1, steps=20)
    target = policy(policy.encode(texts, [1] * 3))[0].probs.detach()
    saved, weights = strategy.state(), {name: weight.clone() for name, weight in policy.state_dict().items()}
    divergences = []
    for steps in (0, 200):
        strategy.restore(saved)
        policy.load_state_dict(weights)
        strategy.config = QUICK.model_copy(update={"strength": 0.0, "compress_steps": steps})
        list(strategy.end_task(policy, 1, collected(policy, texts, 1)))
        probabilities = policy(policy.encode(texts, [1] * 3))[0].probs.detach()
        divergences.append(float((target * (target / probabilities).log()).sum()))
    assert divergences[0] > 0.1
    assert divergences[1] < 0.05 * divergences[0]


def test_when_distillation_is_stopped_both_columns_are_restored(policy, strategy, learn, collected, texts, weights):
    list(strategy.end_task(policy, 0, collected(policy, texts)))
    strategy.begin_task(policy, 1)
    learn(policy, strategy, 1)
    active, knowledge = weights(policy), dict(strategy.state()["knowledge"])
    end = strategy.end_task(policy, 1, collected(policy, texts, 1))
    next(end)
    assert any(not torch.equal(weight, active[name]) for name, weight in policy.named_parameters())
    end.close()
    assert all(torch.equal(weight, active[name]) for name, weight in policy.named_parameters())
    assert all(torch.equal(weight, knowledge[name]) for name, weight in strategy.state()["knowledge"].items())


def test_the_penalty_is_that_of_online_ewc(policy, strategy, run_stage, learn, collected, texts):
    run_stage(strategy, 0)
    strategy.begin_task(policy, 1)
    learn(policy, strategy, 1)
    list(strategy.end_task(policy, 1, collected(policy, texts, 1)))
    ewc = OnlineEWC(OnlineEWCConfig(strength=QUICK.strength), strategy.memory, torch.Generator())
    ewc.restore(strategy.state()["quadratic_penalty"])
    penalty = strategy.state()["quadratic_penalty"]
    assert penalty["consolidated"] == [0, 1]
    assert all(
        torch.equal(penalty["anchors"][name], strategy.state()["knowledge"][name]) for name in penalty["anchors"]
    )
    assert float(ewc.penalty(policy).detach()) == 0.0  # the anchors are the knowledge base
    with torch.no_grad():
        policy.model.tokens += 0.1
    by_hand = 0.5 * QUICK.strength * penalty["importance"]["model.tokens"].sum() * 0.1**2
    value = ewc.penalty(policy)
    torch.testing.assert_close(value.detach(), by_hand, atol=0.0, rtol=1e-4)
    expected = torch.autograd.grad(value, policy.model.tokens)[0]
    policy.model.tokens.grad = torch.zeros_like(policy.model.tokens)
    strategy._add_penalty_gradient(policy)
    torch.testing.assert_close(policy.model.tokens.grad, expected, atol=1e-6, rtol=1e-5)


def test_a_stronger_penalty_lets_the_knowledge_base_change_less(policy, strategy, run_stage, learn, collected, texts):
    run_stage(strategy, 0)
    strategy.begin_task(policy, 1)
    learn(policy, strategy, 1, steps=20)
    saved, weights = strategy.state(), {name: weight.clone() for name, weight in policy.state_dict().items()}
    quadratic_penalty, moved = QuadraticPenalty.restored(saved["quadratic_penalty"]), []
    for strength in (0.0, 100.0):
        strategy.restore(saved)
        policy.load_state_dict(weights)
        strategy.config = QUICK.model_copy(update={"strength": strength, "compress_steps": 60})
        list(strategy.end_task(policy, 1, collected(policy, texts, 1)))
        moved.append(float(quadratic_penalty.value(policy).detach()))
    assert 0 < moved[1] < 0.5 * moved[0]


@pytest.mark.parametrize("temperature", [1.0, 2.0, 5.0])
def test_the_divergence_is_that_of_the_softened_distributions(policy, texts, move, temperature):
    observations = policy.encode(texts[:1], [0])
    source = Source.from_policy(policy, observations, temperature)
    teacher = (policy(observations)[0].probs.detach().double()) ** (1 / temperature)
    move(policy, 0.2)
    student = (policy(observations)[0].probs.detach().double()) ** (1 / temperature)
    teacher, student = teacher / teacher.sum(), student / student.sum()
    expected = float((teacher * (teacher / student).log()).sum())
    assert float(source.divergence(policy, torch.Generator()).detach()) == pytest.approx(expected, abs=1e-6)


def test_edited_gradients_are_applied(policy, texts):
    source = Source.from_policy(policy, policy.encode(texts, [0] * 3))
    before = policy.value.bias.detach().clone()

    def add_one():
        policy.value.bias.grad += 1.0

    list(retrain(policy, [source], 3, add_one, torch.Generator()))
    assert float(policy.value.bias.detach() - before) < -1e-4


def test_switched_on_during_a_run_it_compresses_remembered_tasks_and_keeps_the_weights(
    policy, rng, remembered, weights, answers
):
    memory, stored = remembered
    strategy = ProgressCompress(ProgressCompressConfig(compress_steps=200), memory, rng)
    before = weights(policy)
    strategy.begin_task(policy, 1)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    torch.testing.assert_close(answers(policy, strategy, 0)[0].softmax(-1), stored, atol=0.1, rtol=0.0)
