import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.random_integers import BLOCK, RandomIntegers


def test_numbers_are_uniform():
    rng = RandomIntegers(np.random.default_rng(0))
    counts = np.bincount([rng.pick(6) for _ in range(12_000)], minlength=6)
    assert len(counts) == 6
    assert counts == pytest.approx(2_000, rel=0.1)


@given(draws=st.integers(0, 3 * BLOCK))
def test_a_restored_state_gives_the_same_numbers(draws):
    rng, twin = RandomIntegers(np.random.default_rng(1)), RandomIntegers(np.random.default_rng(2))
    for _ in range(draws):
        rng.pick(6)
    twin.set_state(json.loads(json.dumps(rng.get_state())))
    assert [twin.pick(100) for _ in range(2 * BLOCK)] == [rng.pick(100) for _ in range(2 * BLOCK)]
