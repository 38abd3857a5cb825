import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.random_integers import BLOCK, RandomIntegers


def test_every_number_comes_equally_often():
    dice = RandomIntegers(np.random.default_rng(0))
    counts = np.bincount([dice.pick(6) for _ in range(12_000)], minlength=6)
    assert len(counts) == 6
    assert counts == pytest.approx(2_000, rel=0.1)


@given(rolled=st.integers(0, 3 * BLOCK))
def test_restored_dice_roll_on_exactly(rolled):
    dice, twin = RandomIntegers(np.random.default_rng(1)), RandomIntegers(np.random.default_rng(2))
    for _ in range(rolled):
        dice.pick(6)
    twin.set_state(json.loads(json.dumps(dice.get_state())))
    assert [twin.pick(100) for _ in range(2 * BLOCK)] == [dice.pick(100) for _ in range(2 * BLOCK)]
