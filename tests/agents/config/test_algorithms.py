"""The functions that read one setting of any algorithm, for every algorithm."""

from typing import get_args

import pytest

from agents.config.algorithms import AlgorithmConfig, batch_size, discount, ent_coef, vf_coef

KINDS = get_args(get_args(AlgorithmConfig)[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("read_setting", "field", "default"),
    [
        (discount, "gamma", None),
        (batch_size, "batch_size", None),
        (vf_coef, "vf_coef", 0.0),
        (ent_coef, "ent_coef", 0.0),
    ],
)
def test_a_setting_is_found_wherever_an_algorithm_has_it(kind, read_setting, field, default):
    config = kind()
    assert read_setting(config) == (getattr(config, field) if field in kind.model_fields else default)
