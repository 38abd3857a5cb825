import pytest
import torch

from agents.supervised import online
from agents.supervised.digits import DigitTask, Examples
from agents.supervised.online import OPTIMISERS, learn_in_batches, learn_online

RATES = {"sgd": 0.1, "adam": 3e-3}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_one_pass_sample_by_sample_learns_most_of_it(optimiser):
    course = learn_online(optimiser, RATES[optimiser], 0)
    assert course.prequential > 0.65
    assert course.held_out > course.prequential


def test_what_cannot_be_known_beforehand_is_not_counted(monkeypatch):
    """Labels drawn by lot: who asks before learning stays at chance, whatever is learned afterwards."""
    generator = torch.Generator().manual_seed(0)
    lot = Examples(torch.randint(17, (600, 64), generator=generator), torch.randint(10, (600,), generator=generator))
    task = DigitTask(tuple(range(10)), lot, lot)
    monkeypatch.setattr(online, "permuted", lambda seed, validation: [task])
    assert learn_online("sgd", 0.1, 0).prequential < 0.2
    assert learn_in_batches(0).prequential < 0.2
    assert learn_in_batches(0).held_out > 0.2


def test_batches_end_better_than_one_pass():
    assert learn_in_batches(0).held_out > learn_online("sgd", 0.1, 0).held_out - 0.02
