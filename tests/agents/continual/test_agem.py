import numpy as np
import pytest
import torch

from agents.config import AGEMConfig, EpisodicConfig
from agents.continual.agem import AGEM, overrule
from agents.events import MemoryEntry
from agents.memory.episodic import EpisodicMemory


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
    overrule(list(zip(own, other, strict=True)))
    torch.testing.assert_close(flat(own), expected, atol=1e-12, rtol=1e-6)
    assert float(flat(own) @ r) >= -1e-12


@pytest.fixture
def agem(chance):
    memory = EpisodicMemory(EpisodicConfig(capacity=2), np.random.default_rng(0))
    memory.choose(0, 2, 1)
    entries = [MemoryEntry(id=-1, column=0, text=text, action="", reward=0.0, step=0) for text in ("apple", "house")]
    memory.write(0, entries, step=0)
    memory.settle(0, torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.zeros(2))
    return AGEM(AGEMConfig(rows=2_000), memory, chance)


def divergence(policy):
    then = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    now = policy(policy.encode(["apple", "house"], [0, 0]))[0].logits
    return (then * (then.log() - now)).sum(-1).mean()


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_no_step_makes_remembered_decisions_worse(policy, agem, move, direction):
    move(policy, 0.3)
    agem.begin_task(policy, 1)
    policy.zero_grad()
    (direction * divergence(policy)).backward()
    before = flat([weight.grad.clone() for weight in policy.parameters() if weight.grad is not None])
    agem.project(policy)
    after = flat([weight.grad for weight in policy.parameters() if weight.grad is not None])
    if direction > 0:
        assert torch.equal(after, before)
    else:  # up to the sampling of memories, the gradient that works against them is gone
        assert float(after.norm()) < 0.1 * float(before.norm())


def test_in_the_first_task_every_step_is_allowed(policy, memory, chance):
    agem = AGEM(AGEMConfig(), memory, chance)
    agem.begin_task(policy, 0)
    for weight in policy.parameters():
        weight.grad = torch.ones_like(weight)
    agem.project(policy)
    assert all(bool((weight.grad == 1).all()) for weight in policy.parameters())
