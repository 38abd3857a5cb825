"""What other modules ask of an algorithm's settings, for every algorithm."""

from typing import get_args

import pytest

from agents.config.algorithms import AlgorithmConfig, discount, entropy_weight, minibatch, value_weight

KINDS = get_args(get_args(AlgorithmConfig)[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("asked", "field", "otherwise"),
    [
        (discount, "gamma", None),
        (minibatch, "minibatch", None),
        (value_weight, "value_weight", 0.0),
        (entropy_weight, "entropy_weight", 0.0),
    ],
)
def test_a_setting_is_found_wherever_an_algorithm_has_it(kind, asked, field, otherwise):
    config = kind()
    assert asked(config) == (getattr(config, field) if field in kind.model_fields else otherwise)
