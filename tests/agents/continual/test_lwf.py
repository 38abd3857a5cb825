import pytest
import torch

from agents.config.strategies import LwFConfig
from agents.continual.lwf import LwF

TEXTS = ["apple left", "house right", "apple left right"]


@pytest.fixture
def strategy(memory, rng):
    return lambda **settings: LwF(LwFConfig(batch_size=2_000, **settings), memory, rng)


@pytest.fixture
def learned(policy, move, collected):
    return lambda lwf: teacher_logits(lwf, policy, move, collected)


def teacher_logits(lwf, policy, move, collected):
    """Finish task 0 and begin task 1; return the teacher's logits (3, A) in task 0 on the sentences of task 1."""
    move(policy, 0.5)
    lwf.begin_task(policy, 0)
    lwf.end_task(policy, 0, collected(policy, TEXTS))
    lwf.begin_task(policy, 1)
    lwf.observe(collected(policy, TEXTS, task_id=1))
    return policy(policy.encode(TEXTS, [0] * 3))[0].logits.detach()


def test_the_first_task_distils_nothing(policy, strategy, collected):
    lwf = strategy()
    lwf.begin_task(policy, 0)
    lwf.observe(collected(policy, TEXTS))
    assert lwf.penalty(policy) == 0.0


def test_the_penalty_is_zero_for_unchanged_decisions(policy, strategy, learned):
    lwf = strategy()
    learned(lwf)
    assert float(lwf.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("alpha", "temperature"), [(0.5, 1.0), (0.2, 2.0), (0.9, 4.0)])
def test_the_loss_is_the_weighted_divergence_from_the_old_head_on_new_sentences(
    policy, strategy, learned, move, alpha, temperature
):
    lwf = strategy(alpha=alpha, temperature=temperature)
    teacher = (learned(lwf) / temperature).softmax(-1)
    move(policy, 0.3, seed=2)
    student = (policy(policy.encode(TEXTS, [0] * 3))[0].logits.detach() / temperature).log_softmax(-1)
    expected = (teacher * (teacher.log() - student)).sum(-1).mean() * (1 - alpha) / alpha
    assert float(lwf.penalty(policy).detach()) == pytest.approx(float(expected), rel=0.1)


def test_the_whole_gradient_is_scaled_by_alpha(policy, strategy, learned):
    lwf = strategy(alpha=0.25)
    learned(lwf)
    for weight in policy.parameters():
        weight.grad = torch.full_like(weight, 2.0)
    lwf.project(policy)
    assert all(bool((weight.grad == 0.5).all()) for weight in policy.parameters())


def test_words_that_the_teacher_does_not_know_are_no_error(policy, strategy, learned, collected):
    lwf = strategy()
    learned(lwf)
    policy.add_task(2, ("east", "west"), ("zebra",))
    lwf.observe(collected(policy, ["zebra left"], task_id=1))
    assert float(lwf.penalty(policy).detach()) == pytest.approx(0.0, abs=1e-6)
