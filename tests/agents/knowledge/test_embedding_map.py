"""Similarity search in the inspector equals the agent's retrieval, and the map is a principal plane."""

import numpy as np
import pytest

from agents.events import KnowledgeEntry
from agents.knowledge.embedding_map import EmbeddingMap, principal_plane
from agents.knowledge.ngram_encoder import HashedNgrams


def entries_of(*sentences, first=0):
    return [KnowledgeEntry(id=first + i, sentence=text, source="environment") for i, text in enumerate(sentences)]


@pytest.fixture
def embedding_map():
    return EmbeddingMap(HashedNgrams())


def test_the_search_finds_what_the_agent_retrieves(embedding_map, base):
    entries = entries_of("the apple belongs in the cupboard", "the ball is red", "I can put the apple away")
    assert embedding_map.update(entries, 10)
    knowledge = base()
    for entry in entries:
        knowledge.add_sentence(entry.sentence)
    found = embedding_map.nearest("put the apple away", 3, 0.1)
    assert list(found.items()) == [
        (entry.id, cosine) for entry, cosine in knowledge.nearest("put the apple away", 3) if cosine >= 0.1
    ]


def test_entries_are_embedded_a_few_at_a_time(embedding_map):
    entries = entries_of(*(f"sentence {number}" for number in range(5)))
    assert [embedding_map.update(entries, 2) for _ in range(3)] == [False, False, True]
    assert sorted(embedding_map.ids) == list(range(5))
    assert embedding_map.update(entries[3:], 2)
    assert sorted(embedding_map.ids) == [3, 4]


@pytest.mark.parametrize("rows", [3, 40])
def test_the_plane_is_that_of_the_singular_value_decomposition(rows):
    vectors = np.random.default_rng(rows).standard_normal((rows, 8)).astype(np.float32)
    left, sizes, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(principal_plane(vectors)), np.abs(left[:, :2] * sizes[:2]), atol=1e-4)


@pytest.mark.parametrize("rows", [0, 1])
def test_the_plane_of_few_vectors_has_two_columns(rows):
    assert principal_plane(np.ones((rows, 8), dtype=np.float32)).shape == (rows, 2)
