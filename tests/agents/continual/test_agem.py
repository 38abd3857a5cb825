import numpy as np
import pytest
import torch

from agents.config.learning import EpisodicConfig
from agents.config.strategies import AGEMConfig
from agents.continual.agem import AGEM, project_gradient
from agents.events import MemoryEntry
from agents.memory.episodic import EpisodicMemory
from agents.optimiser import FlatAdam


def flat(tensors):
    return torch.cat([tensor.flatten() for tensor in tensors])


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_projection_is_that_of_the_paper(sign):
    generator = torch.Generator().manual_seed(0)
    own = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((3, 4), (5,), (2, 2))]
    other = [torch.randn(part.shape, generator=generator, dtype=torch.float64) for part in own]
    g, r = flat(own), flat(other)
    if (g @ r) * sign < 0:
        other, r = [-part for part in other], -r
    expected = g if g @ r >= 0 else g - (g @ r) / (r @ r) * r
    project_gradient(list(zip(own, other, strict=True)))
    torch.testing.assert_close(flat(own), expected, atol=1e-12, rtol=1e-6)
    assert float(flat(own) @ r) >= -1e-12


@pytest.fixture
def agem(rng):
    memory = EpisodicMemory(EpisodicConfig(buffer_size=2), np.random.default_rng(0))
    memory.choose(0, 2, 1)
    entries = [MemoryEntry(id=-1, task_id=0, text=text, action="", reward=0.0, step=0) for text in ("apple", "house")]
    memory.write(0, entries, step=0)
    memory.store_targets(0, torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.zeros(2))
    return AGEM(AGEMConfig(batch_size=2_000), memory, rng)


LIKELIEST = torch.tensor([0, 1])
"""What was once decided in the two remembered moments."""


def remembered_loss(policy):
    logits = policy(policy.encode(["apple", "house"], [0, 0]))[0].logits
    return -logits.gather(1, LIKELIEST[:, None]).mean()


def slope(policy):
    """The gradient of the loss on all that is remembered, one vector; the critic has none."""
    weights = [weight for name, weight in policy.named_parameters() if not name.startswith("value.")]
    return flat(torch.autograd.grad(remembered_loss(policy), weights))


def deciding(policy):
    return flat([w.detach().clone() for name, w in policy.named_parameters() if not name.startswith("value.")])


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_no_gradient_works_against_remembered_decisions(policy, agem, move, direction):
    move(policy, 0.3)
    agem.begin_task(policy, 1)
    policy.zero_grad()
    (direction * remembered_loss(policy)).backward()
    before = flat([weight.grad.clone() for weight in policy.parameters() if weight.grad is not None])
    agem.project(policy)
    after = flat([weight.grad for weight in policy.parameters() if weight.grad is not None])
    if direction > 0:
        assert torch.equal(after, before)
    else:  # up to the sampling of memories, the gradient that works against them is gone
        assert float(after.norm()) < 0.1 * float(before.norm())


def test_at_a_stages_first_step_there_is_something_to_hold_it_against(policy, agem, move):
    move(policy, 0.3)
    with torch.no_grad():
        decided = policy(policy.encode(["apple", "house"], [0, 0]))[0].probs
    agem.memory.store_targets(0, decided, torch.zeros(2))  # the agent decides as then to the last bit
    agem.begin_task(policy, 1)
    reference = agem.reference(policy)
    assert float(flat(reference.values()).norm()) > 1e-3
    by_hand = torch.autograd.grad(
        -policy(policy.encode(["apple", "house"], [0, 0]))[0].probs.log().max(-1).values.mean(), policy.model.tokens
    )[0]
    torch.testing.assert_close(reference["model.tokens"], by_hand, atol=0.05 * float(by_hand.abs().max()), rtol=0.05)


def hurting(policy, agem, loss, project, steps=150):
    """Learn the other task by Adam; count the steps that to first order make what is remembered worse."""
    agem.config = AGEMConfig(batch_size=64, project=project)
    agem.begin_task(policy, 1)
    optimiser, count = FlatAdam(policy, 1e-6), 0
    for _ in range(steps):
        before = deciding(policy)
        total = loss(policy, 1)
        optimiser.zero()
        total.backward()
        agem.project(policy)
        reference = project == "step" and flat(agem._reference[name] for name in deciding_names(policy))
        against = slope(policy) if project == "gradient" else reference
        optimiser.step(1e-3)
        agem.constrain(policy)
        count += float(against @ (deciding(policy) - before)) > 0
    return count


def deciding_names(policy):
    return [name for name, _ in policy.named_parameters() if not name.startswith("value.")]


def test_adam_makes_harmful_steps_of_projected_gradients_and_none_of_projected_steps(policy, agem, loss):
    kept = {name: weight.clone() for name, weight in policy.state_dict().items()}
    by_gradient = hurting(policy, agem, loss, "gradient")
    policy.load_state_dict(kept)
    assert hurting(policy, agem, loss, "step") == 0
    assert by_gradient > 15


def test_a_step_that_harms_nothing_is_left_as_it_is(policy, agem, move):
    agem.config = AGEMConfig(batch_size=64, project="step")
    agem.begin_task(policy, 1)
    move(policy, 0.3)
    optimiser = FlatAdam(policy, 1e-6)
    optimiser.zero()
    remembered_loss(policy).backward()
    gradient = optimiser.gradient.clone()
    agem.project(policy)
    assert torch.equal(optimiser.gradient, gradient)
    optimiser.step(1e-3)
    stepped = deciding(policy)
    agem.constrain(policy)
    assert torch.equal(deciding(policy), stepped)


@pytest.mark.parametrize("project", ["gradient", "step"])
def test_in_the_first_task_every_step_is_allowed(policy, memory, rng, project):
    agem = AGEM(AGEMConfig(project=project), memory, rng)
    agem.begin_task(policy, 0)
    for weight in policy.parameters():
        weight.grad = torch.ones_like(weight)
    agem.project(policy)
    assert all(bool((weight.grad == 1).all()) for weight in policy.parameters())
    before = deciding(policy)
    agem.constrain(policy)
    assert torch.equal(deciding(policy), before)
