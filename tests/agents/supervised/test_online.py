import pytest
import torch

from agents.supervised import online
from agents.supervised.digits import DigitTask, Examples
from agents.supervised.online import OPTIMISERS, learn_in_batches, learn_online

RATES = {"sgd": 0.1, "adam": 3e-3}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_one_pass_sample_by_sample_reaches_two_thirds_accuracy(optimiser):
    result = learn_online(optimiser, RATES[optimiser], 0)
    assert result.prequential > 0.65
    assert result.held_out > result.prequential


def test_prequential_accuracy_on_random_labels_is_at_chance(monkeypatch):
    """Each image is classified before it is trained on, so that memorising labels does not count."""
    generator = torch.Generator().manual_seed(0)
    random_labels = Examples(
        torch.randint(17, (600, 64), generator=generator), torch.randint(10, (600,), generator=generator)
    )
    task = DigitTask(tuple(range(10)), random_labels, random_labels)
    monkeypatch.setattr(online, "permuted", lambda seed, validation: [task])
    assert learn_online("sgd", 0.1, 0).prequential < 0.2
    assert learn_in_batches(0).prequential < 0.2
    assert learn_in_batches(0).held_out > 0.2


def test_batches_end_better_than_one_pass():
    assert learn_in_batches(0).held_out > learn_online("sgd", 0.1, 0).held_out - 0.02
