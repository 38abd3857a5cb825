"""Exact search finds what a plain sort finds, whatever was added and dropped before."""

import numpy as np
import pytest

from agents.knowledge.vector_index import VectorIndex


def filled(rng, count, size=16):
    index, kept = VectorIndex(size), {}
    for id_ in range(count):
        vector = rng.normal(size=size).astype(np.float32)
        kept[id_] = vector / np.linalg.norm(vector)
        index.put(id_, kept[id_], offered=id_ % 3 > 0)
    return index, kept


def sorted_plainly(kept, cue, ids):
    return sorted(ids, key=lambda id_: (-round(float(kept[id_] @ cue), 5), id_))


@pytest.mark.parametrize("count", [0, 1, 10, 300])
@pytest.mark.parametrize("limit", [0, 1, 5, 1_000])
def test_the_nearest_are_those_of_a_plain_sort(count, limit):
    rng = np.random.default_rng(count)
    index, kept = filled(rng, count)
    for gone in [id_ for id_ in kept if id_ % 7 == 2]:
        index.drop(gone)
        del kept[gone]
    cue = rng.normal(size=16).astype(np.float32)
    offered = [id_ for id_ in kept if id_ % 3 > 0]
    named = [id_ for id_ in kept if id_ % 3 == 0][:2]
    for ids, found in (
        (offered, index.nearest(cue, limit)),
        (offered + named, index.nearest(cue, limit, named)),
        (list(kept), index.nearest(cue, limit, every=True)),
    ):
        assert [id_ for id_, _ in found] == sorted_plainly(kept, cue, ids)[:limit]
        assert all(near == pytest.approx(float(kept[id_] @ cue), abs=1e-5) for id_, near in found)


def test_the_same_order_of_rows_makes_the_same_block():
    index, _ = filled(np.random.default_rng(1), 100)
    for gone in (3, 50, 99):
        index.drop(gone)
    again = VectorIndex(16)
    for id_, vector in zip(index.ids, index.vectors, strict=True):
        again.put(id_, vector, offered=True)
    assert again.ids == index.ids
    assert np.array_equal(again.vectors, index.vectors)


def test_a_copy_is_its_own():
    index, kept = filled(np.random.default_rng(2), 5)
    twin = index.copy()
    twin.drop(1)
    assert len(index) == len(kept)
    assert len(twin) == len(kept) - 1
