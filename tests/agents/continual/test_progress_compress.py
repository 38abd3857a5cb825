import pytest
import torch

from agents.config.strategies import OnlineEWCConfig, ProgressCompressConfig
from agents.continual.ewc import OnlineEWC
from agents.continual.offline_distillation import Source, retrain
from agents.continual.progress_compress import ProgressCompress
from agents.continual.quadratic_penalty import QuadraticPenalty

QUICK = ProgressCompressConfig(compress_steps=20, samples=16)


@pytest.fixture
def task_ids(memory, rng):
    return ProgressCompress(QUICK, memory, rng)


def test_the_first_column_is_the_first_knowledge_base(policy, task_ids, learn, collected, texts, weights):
    task_ids.begin_task(policy, 0)
    learn(policy, task_ids, 0)
    before = weights(policy)
    list(task_ids.end_task(policy, 0, collected(policy, texts)))
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())


def test_nothing_holds_the_active_column(policy, task_ids, live, move):
    live(task_ids, 0)
    task_ids.begin_task(policy, 1)
    move(policy, 0.1)
    assert task_ids.penalty(policy) == 0.0


@pytest.mark.parametrize("anew", [False, True])
def test_a_stage_begins_with_the_knowledge_base_or_anew(policy, task_ids, live, weights, anew):
    birth = weights(policy)
    live(task_ids, 0)
    known = weights(policy)
    task_ids.config = QUICK.model_copy(update={"reinitialise": anew})
    task_ids.begin_task(policy, 1)
    expected = birth if anew else known
    assert all(torch.equal(weight, expected[name]) for name, weight in policy.named_parameters())


def test_without_springs_the_knowledge_base_decides_like_the_column_that_is_distilled(
    policy, task_ids, live, learn, collected, texts
):
    task_ids.config = QUICK.model_copy(update={"strength": 0.0})
    live(task_ids, 0)
    task_ids.begin_task(policy, 1)
    learn(policy, task_ids, 1, steps=20)
    then = policy(policy.encode(texts, [1] * 3))[0].probs.detach()
    saved, weights = task_ids.state(), {name: weight.clone() for name, weight in policy.state_dict().items()}
    slips = []
    for steps in (0, 200):
        task_ids.restore(saved)
        policy.load_state_dict(weights)
        task_ids.config = QUICK.model_copy(update={"strength": 0.0, "compress_steps": steps})
        list(task_ids.end_task(policy, 1, collected(policy, texts, 1)))
        now = policy(policy.encode(texts, [1] * 3))[0].probs.detach()
        slips.append(float((then * (then / now).log()).sum()))
    assert slips[0] > 0.1
    assert slips[1] < 0.05 * slips[0]


def test_stopped_half_way_both_columns_are_as_they_were(policy, task_ids, learn, collected, texts, weights):
    list(task_ids.end_task(policy, 0, collected(policy, texts)))
    task_ids.begin_task(policy, 1)
    learn(policy, task_ids, 1)
    active, knowledge = weights(policy), dict(task_ids.state()["knowledge"])
    end = task_ids.end_task(policy, 1, collected(policy, texts, 1))
    next(end)
    assert any(not torch.equal(weight, active[name]) for name, weight in policy.named_parameters())
    end.close()
    assert all(torch.equal(weight, active[name]) for name, weight in policy.named_parameters())
    assert all(torch.equal(weight, knowledge[name]) for name, weight in task_ids.state()["knowledge"].items())


def test_the_springs_are_those_of_online_ewc(policy, task_ids, live, learn, collected, texts):
    live(task_ids, 0)
    task_ids.begin_task(policy, 1)
    learn(policy, task_ids, 1)
    list(task_ids.end_task(policy, 1, collected(policy, texts, 1)))
    twin = OnlineEWC(OnlineEWCConfig(strength=QUICK.strength), task_ids.memory, torch.Generator())
    twin.restore(task_ids.state()["quadratic_penalty"])
    held = task_ids.state()["quadratic_penalty"]
    assert held["consolidated"] == [0, 1]
    assert all(torch.equal(held["anchors"][name], task_ids.state()["knowledge"][name]) for name in held["anchors"])
    assert float(twin.penalty(policy).detach()) == 0.0  # the knowledge base is where the springs hang
    with torch.no_grad():
        policy.model.tokens += 0.1
    by_hand = 0.5 * QUICK.strength * held["importance"]["model.tokens"].sum() * 0.1**2
    value = twin.penalty(policy)
    torch.testing.assert_close(value.detach(), by_hand, atol=0.0, rtol=1e-4)
    expected = torch.autograd.grad(value, policy.model.tokens)[0]
    policy.model.tokens.grad = torch.zeros_like(policy.model.tokens)
    task_ids._gradient(policy)
    torch.testing.assert_close(policy.model.tokens.grad, expected, atol=1e-6, rtol=1e-5)


def test_stiffer_springs_let_the_knowledge_base_move_less(policy, task_ids, live, learn, collected, texts):
    live(task_ids, 0)
    task_ids.begin_task(policy, 1)
    learn(policy, task_ids, 1, steps=20)
    saved, weights = task_ids.state(), {name: weight.clone() for name, weight in policy.state_dict().items()}
    quadratic_penalty, moved = QuadraticPenalty.restored(saved["quadratic_penalty"]), []
    for strength in (0.0, 100.0):
        task_ids.restore(saved)
        policy.load_state_dict(weights)
        task_ids.config = QUICK.model_copy(update={"strength": strength, "compress_steps": 60})
        list(task_ids.end_task(policy, 1, collected(policy, texts, 1)))
        moved.append(float(quadratic_penalty.value(policy).detach()))
    assert 0 < moved[1] < 0.5 * moved[0]


@pytest.mark.parametrize("temperature", [1.0, 2.0, 5.0])
def test_the_divergence_is_that_of_the_flattened_decisions(policy, texts, move, temperature):
    observations = policy.encode(texts[:1], [0])
    source = Source.from_policy(policy, observations, temperature)
    then = (policy(observations)[0].probs.detach().double()) ** (1 / temperature)
    move(policy, 0.2)
    now = (policy(observations)[0].probs.detach().double()) ** (1 / temperature)
    then, now = then / then.sum(), now / now.sum()
    expected = float((then * (then / now).log()).sum())
    assert float(source.divergence(policy, torch.Generator()).detach()) == pytest.approx(expected, abs=1e-6)


def test_what_amends_a_gradient_is_followed(policy, texts):
    source = Source.from_policy(policy, policy.encode(texts, [0] * 3))
    before = policy.value.bias.detach().clone()

    def pull():
        policy.value.bias.grad += 1.0

    list(retrain(policy, [source], 3, pull, torch.Generator()))
    assert float(policy.value.bias.detach() - before) < -1e-4


def test_switched_on_in_mid_run_it_learns_what_is_remembered_and_goes_on_as_it_is(
    policy, rng, remembered, weights, answers
):
    memory, then = remembered
    task_ids = ProgressCompress(ProgressCompressConfig(compress_steps=200), memory, rng)
    before = weights(policy)
    task_ids.begin_task(policy, 1)
    assert all(torch.equal(weight, before[name]) for name, weight in policy.named_parameters())
    torch.testing.assert_close(answers(policy, task_ids, 0)[0].softmax(-1), then, atol=0.1, rtol=0.0)
