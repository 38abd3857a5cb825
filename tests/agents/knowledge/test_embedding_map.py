"""Whoever looks at a knowledge base finds sentences as the agent recalls them, and sees where they lie."""

import numpy as np
import pytest

from agents.events import KnowledgeEntry
from agents.knowledge.embedding_map import EmbeddingMap, principal_plane
from agents.knowledge.ngram_encoder import HashedNgrams


def known(*sentences, first=0):
    return [KnowledgeEntry(id=first + at, sentence=said, source="told") for at, said in enumerate(sentences)]


@pytest.fixture
def meanings():
    return EmbeddingMap(HashedNgrams())


def test_what_is_found_is_what_the_agent_finds(meanings, base):
    entries = known("the apple belongs in the cupboard", "the ball is red", "I can put the apple away")
    assert meanings.hold(entries, 10)
    mind = base()
    for entry in entries:
        mind.add_sentence(entry.sentence)
    found = meanings.nearest("put the apple away", 3, 0.1)
    assert list(found.items()) == [(e.id, near) for e, near in mind.alike("put the apple away", 3) if near >= 0.1]


def test_thousands_are_placed_a_few_at_a_time(meanings):
    entries = known(*(f"sentence {number}" for number in range(5)))
    assert [meanings.hold(entries, 2) for _ in range(3)] == [False, False, True]
    assert sorted(meanings.ids) == list(range(5))
    assert meanings.hold(entries[3:], 2)
    assert sorted(meanings.ids) == [3, 4]


@pytest.mark.parametrize("rows", [3, 40])
def test_the_plane_is_that_of_the_singular_value_decomposition(rows):
    vectors = np.random.default_rng(rows).standard_normal((rows, 8)).astype(np.float32)
    left, sizes, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(principal_plane(vectors)), np.abs(left[:, :2] * sizes[:2]), atol=1e-4)


@pytest.mark.parametrize("rows", [0, 1])
def test_few_sentences_have_a_place_too(rows):
    assert principal_plane(np.ones((rows, 8), dtype=np.float32)).shape == (rows, 2)
