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
    gradient = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((3, 4), (5,), (2, 2))]
    reference = [torch.randn(part.shape, generator=generator, dtype=torch.float64) for part in gradient]
    g, r = flat(gradient), flat(reference)
    if (g @ r) * sign < 0:
        reference, r = [-part for part in reference], -r
    expected = g if g @ r >= 0 else g - (g @ r) / (r @ r) * r
    project_gradient(list(zip(gradient, reference, strict=True)))
    torch.testing.assert_close(flat(gradient), expected, atol=1e-12, rtol=1e-6)
    assert float(flat(gradient) @ r) >= -1e-12


@pytest.fixture
def agem(rng):
    memory = EpisodicMemory(EpisodicConfig(buffer_size=2), np.random.default_rng(0))
    memory.choose(0, 2, 1)
    entries = [MemoryEntry(id=-1, task_id=0, text=text, action="", reward=0.0, step=0) for text in ("apple", "house")]
    memory.write(0, entries, step=0)
    memory.store_targets(0, torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.zeros(2))
    return AGEM(AGEMConfig(batch_size=2_000), memory, rng)


LIKELIEST = torch.tensor([0, 1])
"""The likeliest stored action of the two memory entries."""


def remembered_loss(policy):
    logits = policy(policy.encode(["apple", "house"], [0, 0]))[0].logits
    return -logits.gather(1, LIKELIEST[:, None]).mean()


def reference_gradient(policy):
    """The gradient of the loss on all memory entries, as one vector; the value head has none."""
    weights = [weight for name, weight in policy.named_parameters() if not name.startswith("value.")]
    return flat(torch.autograd.grad(remembered_loss(policy), weights))


def decision_weights(policy):
    return flat([w.detach().clone() for name, w in policy.named_parameters() if not name.startswith("value.")])


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_no_projected_gradient_raises_the_loss_on_memories(policy, agem, move, direction):
    move(policy, 0.3)
    agem.begin_task(policy, 1)
    policy.zero_grad()
    (direction * remembered_loss(policy)).backward()
    before = flat([weight.grad.clone() for weight in policy.parameters() if weight.grad is not None])
    agem.project(policy)
    after = flat([weight.grad for weight in policy.parameters() if weight.grad is not None])
    if direction > 0:
        assert torch.equal(after, before)
    else:  # up to the sampling of memories, the harmful gradient is removed
        assert float(after.norm()) < 0.1 * float(before.norm())


def test_the_reference_gradient_is_not_zero_at_a_stages_first_step(policy, agem, move):
    move(policy, 0.3)
    with torch.no_grad():
        probabilities = policy(policy.encode(["apple", "house"], [0, 0]))[0].probs
    agem.memory.store_targets(0, probabilities, torch.zeros(2))  # equal to the policy's, bit by bit
    agem.begin_task(policy, 1)
    reference = agem.reference(policy)
    assert float(flat(reference.values()).norm()) > 1e-3
    by_hand = torch.autograd.grad(
        -policy(policy.encode(["apple", "house"], [0, 0]))[0].probs.log().max(-1).values.mean(), policy.model.tokens
    )[0]
    torch.testing.assert_close(reference["model.tokens"], by_hand, atol=0.05 * float(by_hand.abs().max()), rtol=0.05)


def count_harmful_steps(policy, agem, loss, project, steps=150):
    """Train on the other task with Adam; count the steps that to first order raise the loss on memories."""
    agem.config = AGEMConfig(batch_size=64, project=project)
    agem.begin_task(policy, 1)
    optimiser, count = FlatAdam(policy, 1e-6), 0
    for _ in range(steps):
        before = decision_weights(policy)
        total = loss(policy, 1)
        optimiser.zero_grad()
        total.backward()
        agem.project(policy)
        stored = project == "step" and flat(agem._reference[name] for name in decision_weight_names(policy))
        against = reference_gradient(policy) if project == "gradient" else stored
        optimiser.step(1e-3)
        agem.constrain(policy)
        count += float(against @ (decision_weights(policy) - before)) > 0
    return count


def decision_weight_names(policy):
    return [name for name, _ in policy.named_parameters() if not name.startswith("value.")]


def test_adam_takes_harmful_steps_with_projected_gradients_and_none_with_projected_steps(policy, agem, loss):
    initial = {name: weight.clone() for name, weight in policy.state_dict().items()}
    by_gradient = count_harmful_steps(policy, agem, loss, "gradient")
    policy.load_state_dict(initial)
    assert count_harmful_steps(policy, agem, loss, "step") == 0
    assert by_gradient > 15


def test_a_harmless_step_is_not_changed(policy, agem, move):
    agem.config = AGEMConfig(batch_size=64, project="step")
    agem.begin_task(policy, 1)
    move(policy, 0.3)
    optimiser = FlatAdam(policy, 1e-6)
    optimiser.zero_grad()
    remembered_loss(policy).backward()
    gradient = optimiser.gradient.clone()
    agem.project(policy)
    assert torch.equal(optimiser.gradient, gradient)
    optimiser.step(1e-3)
    stepped = decision_weights(policy)
    agem.constrain(policy)
    assert torch.equal(decision_weights(policy), stepped)


@pytest.mark.parametrize("project", ["gradient", "step"])
def test_in_the_first_task_nothing_is_projected(policy, memory, rng, project):
    agem = AGEM(AGEMConfig(project=project), memory, rng)
    agem.begin_task(policy, 0)
    for weight in policy.parameters():
        weight.grad = torch.ones_like(weight)
    agem.project(policy)
    assert all(bool((weight.grad == 1).all()) for weight in policy.parameters())
    before = decision_weights(policy)
    agem.constrain(policy)
    assert torch.equal(decision_weights(policy), before)
