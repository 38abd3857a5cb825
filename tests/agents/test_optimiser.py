import pytest
import torch
from torch import nn

from agents.optimiser import EPSILON, FlatAdam


def net(seed=0):
    generator = torch.Generator().manual_seed(seed)
    layers = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    with torch.no_grad():
        for weight in layers.parameters():
            weight.normal_(0, 1, generator=generator)
    return layers


def descend(module, optimiser, steps, seed=1, rate=1e-2):
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        inputs = torch.randn(8, 3, generator=generator)
        loss = module(inputs).square().mean()
        if isinstance(optimiser, FlatAdam):
            optimiser.zero_grad()
            loss.backward()
            optimiser.step(rate)
        else:
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


@pytest.mark.parametrize("steps", [1, 2, 50])
def test_it_is_adam(steps):
    flat, reference = net(), net()
    descend(flat, FlatAdam(flat), steps)
    descend(reference, torch.optim.Adam(reference.parameters(), lr=1e-2, eps=EPSILON), steps)
    for ours, theirs in zip(flat.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)


def test_moments_are_returned_by_the_weights_names():
    flat, reference = net(), net()
    optimiser, adam = FlatAdam(flat), torch.optim.Adam(reference.parameters(), lr=1e-2, eps=EPSILON)
    descend(flat, optimiser, 5)
    descend(reference, adam, 5)
    moments = optimiser.moments()
    assert list(moments) == [name for name, _ in reference.named_parameters()]
    for name, weight in reference.named_parameters():
        torch.testing.assert_close(moments[name][0], adam.state[weight]["exp_avg"], atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(moments[name][1], adam.state[weight]["exp_avg_sq"], atol=1e-6, rtol=1e-5)


def test_it_continues_from_restored_moments():
    first_net, second_net = net(), net()
    first = FlatAdam(first_net)
    descend(first_net, first, 10)
    second_net.load_state_dict(first_net.state_dict())
    second = FlatAdam(second_net)
    second.restore(first.moments(), first.steps)
    descend(first_net, first, 5, seed=2)
    descend(second_net, second, 5, seed=2)
    for ours, theirs in zip(first_net.parameters(), second_net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=0, rtol=0)


def test_a_weight_that_grew_keeps_its_moments_and_new_rows_start_at_zero():
    module = nn.ParameterDict({"words": nn.Parameter(torch.ones(2, 3)), "other": nn.Parameter(torch.ones(4))})
    optimiser = FlatAdam(module)
    optimiser.zero_grad()
    (module["words"].sum() + module["other"].sum()).backward()
    optimiser.step(0.1)
    old = optimiser.moments()["words"][0].clone()
    module["words"] = nn.Parameter(torch.cat([module["words"].detach(), torch.zeros(1, 3)]))
    optimiser.gather()
    first, second = optimiser.moments()["words"]
    assert torch.equal(first[:2], old)
    assert first[2].abs().max() == second[2].abs().max() == 0
    assert optimiser.moments()["other"][0].abs().min() > 0
    assert optimiser.steps == 1


def test_gathering_again_changes_nothing():
    module = net()
    optimiser = FlatAdam(module)
    addresses = [weight.data_ptr() for weight in module.parameters()]
    optimiser.gather()
    assert [weight.data_ptr() for weight in module.parameters()] == addresses


def test_weights_loaded_from_elsewhere_are_the_ones_that_are_stepped():
    module, second_net = net(0), net(1)
    optimiser = FlatAdam(module)
    module.load_state_dict(second_net.state_dict())
    descend(module, optimiser, 1)
    descend(second_net, torch.optim.Adam(second_net.parameters(), lr=1e-2, eps=EPSILON), 1)
    for ours, theirs in zip(module.parameters(), second_net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)


def test_frozen_weights_stay():
    module = net()
    module[0].weight.requires_grad_(False)
    before = module[0].weight.clone()
    descend(module, FlatAdam(module), 3)
    assert torch.equal(module[0].weight, before)
