import math

import numpy as np
import pytest

from agents.pretraining.ngrams import Bigram, Unigram, perplexity

LINES = [[0, 1, 2, 1], [0, 1, 1]]


def test_a_unigram_counts_words_wherever_they_stand():
    # what may come: 1, 2, 1, 1, 1; one more of each of four words
    told = np.exp(Unigram(LINES, 4).log_probs([0, 0, 1, 2, 3]))
    np.testing.assert_allclose(told, np.array([1, 5, 2, 1]) / 9)


def test_a_bigram_counts_what_followed_with_the_unigram_as_one_more_sight():
    # after 1 came 2 and 1 once each
    told = np.exp(Bigram(LINES, 4).log_probs([1, 2]))
    assert told == pytest.approx((1 + 2 / 9) / (2 + 1))
    unseen = np.exp(Bigram(LINES, 4).log_probs([3, 2]))
    assert unseen == pytest.approx(2 / 9)


@pytest.mark.parametrize("kind", [Unigram, Bigram])
@pytest.mark.parametrize("before", range(4))
def test_the_odds_of_all_words_sum_to_1(kind, before):
    model = kind(LINES, 4)
    assert sum(math.exp(model.log_probs([before, after])[0]) for after in range(4)) == pytest.approx(1)


def test_perplexity_of_a_fair_die_is_its_sides():
    fair = [[side, other] for side in range(6) for other in range(6)]
    assert perplexity(Unigram(fair, 6), fair) == pytest.approx(6)
