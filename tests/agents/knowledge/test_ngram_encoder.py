"""Sentences that share words are near, and embeddings are deterministic."""

import numpy as np
import pytest

from agents.knowledge.ngram_encoder import HashedNgrams


def cosine(left, right):
    encoder = HashedNgrams()
    return float(encoder.embed(left) @ encoder.embed(right))


@pytest.mark.parametrize("sentence", ["the apple belongs in the drawer", "苹果放进抽屉", "Zebra!"])
def test_an_embedding_has_norm_one_and_is_deterministic(sentence):
    assert np.linalg.norm(HashedNgrams().embed(sentence)) == pytest.approx(1, abs=1e-6)
    assert cosine(sentence, sentence) == pytest.approx(1, abs=1e-6)


def test_a_sentence_without_a_word_has_the_zero_vector():
    assert not HashedNgrams().embed(" ").any()


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("put the apple away", "the apple belongs in the drawer", "the pear belongs in the drawer"),
        ("open the fridge", "fridges are opened by the handle", "the lamp is in the hall"),
        ("is the milk cold", "milk is kept in the cold", "where is the hall"),
    ],
)
def test_sentences_that_share_rare_words_are_nearer(query, near, far):
    assert cosine(query, near) > cosine(query, far)


def test_sentences_without_common_ngrams_are_nearly_orthogonal():
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("bcdfghklmnprstw"), 7)) for _ in range(200)]
    pairs = [abs(cosine(left, right)) for left, right in zip(words[::2], words[1::2], strict=True)]
    assert np.mean(pairs) < 0.1
