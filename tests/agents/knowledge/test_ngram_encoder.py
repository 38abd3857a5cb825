"""Sentences are near where they share words, and each is where it was."""

import numpy as np
import pytest

from agents.knowledge.ngram_encoder import HashedNgrams


def cosine(one, other):
    encoder = HashedNgrams()
    return float(encoder.embed(one) @ encoder.embed(other))


@pytest.mark.parametrize("sentence", ["the apple belongs in the drawer", "苹果放进抽屉", "Zebra!"])
def test_a_sentence_has_length_one_and_stays_where_it_is(sentence):
    assert np.linalg.norm(HashedNgrams().embed(sentence)) == pytest.approx(1, abs=1e-6)
    assert cosine(sentence, sentence) == pytest.approx(1, abs=1e-6)


def test_a_sentence_without_a_word_is_nowhere():
    assert not HashedNgrams().embed(" ").any()


@pytest.mark.parametrize(
    ("cue", "near", "far"),
    [
        ("put the apple away", "the apple belongs in the drawer", "the pear belongs in the drawer"),
        ("open the fridge", "fridges are opened by the handle", "the lamp is in the hall"),
        ("is the milk cold", "milk is kept in the cold", "where is the hall"),
    ],
)
def test_what_shares_its_telling_words_is_nearer(cue, near, far):
    assert cosine(cue, near) > cosine(cue, far)


def test_strangers_are_nearly_at_right_angles():
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("bcdfghklmnprstw"), 7)) for _ in range(200)]
    pairs = [abs(cosine(one, other)) for one, other in zip(words[::2], words[1::2], strict=True)]
    assert np.mean(pairs) < 0.1
