"""Exact search finds the same as sorting all vectors, after additions and removals."""

import numpy as np
import pytest

from agents.knowledge.vector_index import VectorIndex


def filled(rng, count, size=16):
    index, vectors = VectorIndex(size), {}
    for id_ in range(count):
        vector = rng.normal(size=size).astype(np.float32)
        vectors[id_] = vector / np.linalg.norm(vector)
        index.put(id_, vectors[id_], searchable=id_ % 3 > 0)
    return index, vectors


def sorted_by_cosine(vectors, query, ids):
    return sorted(ids, key=lambda id_: (-round(float(vectors[id_] @ query), 5), id_))


@pytest.mark.parametrize("count", [0, 1, 10, 300])
@pytest.mark.parametrize("limit", [0, 1, 5, 1_000])
def test_the_nearest_are_those_of_a_plain_sort(count, limit):
    rng = np.random.default_rng(count)
    index, vectors = filled(rng, count)
    for removed in [id_ for id_ in vectors if id_ % 7 == 2]:
        index.drop(removed)
        del vectors[removed]
    query = rng.normal(size=16).astype(np.float32)
    searchable = [id_ for id_ in vectors if id_ % 3 > 0]
    named = [id_ for id_ in vectors if id_ % 3 == 0][:2]
    for ids, found in (
        (searchable, index.nearest(query, limit)),
        (searchable + named, index.nearest(query, limit, named)),
        (list(vectors), index.nearest(query, limit, every=True)),
    ):
        assert [id_ for id_, _ in found] == sorted_by_cosine(vectors, query, ids)[:limit]
        assert all(near == pytest.approx(float(vectors[id_] @ query), abs=1e-5) for id_, near in found)


def test_the_same_order_of_rows_gives_the_same_matrix():
    index, _ = filled(np.random.default_rng(1), 100)
    for removed in (3, 50, 99):
        index.drop(removed)
    rebuilt = VectorIndex(16)
    for id_, vector in zip(index.ids, index.vectors, strict=True):
        rebuilt.put(id_, vector, searchable=True)
    assert rebuilt.ids == index.ids
    assert np.array_equal(rebuilt.vectors, index.vectors)


def test_changing_a_copy_does_not_change_the_original():
    index, vectors = filled(np.random.default_rng(2), 5)
    copy = index.copy()
    copy.drop(1)
    assert len(index) == len(vectors)
    assert len(copy) == len(vectors) - 1
