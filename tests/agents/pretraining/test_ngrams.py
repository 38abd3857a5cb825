import math

import numpy as np
import pytest

from agents.pretraining.ngrams import Bigram, Unigram, perplexity

LINES = [[0, 1, 2, 1], [0, 1, 1]]


def test_a_unigram_counts_tokens_without_context():
    # counted tokens: 1, 2, 1, 1, 1; plus one for each of four
    probabilities = np.exp(Unigram(LINES, 4).log_probs([0, 0, 1, 2, 3]))
    np.testing.assert_allclose(probabilities, np.array([1, 5, 2, 1]) / 9)


def test_a_bigram_counts_pairs_with_the_unigram_as_one_more_observation():
    # 1 was followed by 2 once, and by 1 once
    probabilities = np.exp(Bigram(LINES, 4).log_probs([1, 2]))
    assert probabilities == pytest.approx((1 + 2 / 9) / (2 + 1))
    unseen = np.exp(Bigram(LINES, 4).log_probs([3, 2]))
    assert unseen == pytest.approx(2 / 9)


@pytest.mark.parametrize("kind", [Unigram, Bigram])
@pytest.mark.parametrize("before", range(4))
def test_the_probabilities_of_all_tokens_sum_to_1(kind, before):
    model = kind(LINES, 4)
    assert sum(math.exp(model.log_probs([before, after])[0]) for after in range(4)) == pytest.approx(1)


def test_perplexity_of_a_fair_die_is_its_sides():
    fair = [[side, other_side] for side in range(6) for other_side in range(6)]
    assert perplexity(Unigram(fair, 6), fair) == pytest.approx(6)
