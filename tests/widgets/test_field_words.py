import pytest

from agents import config
from agents.config import RunConfig
from envs.options import Frozen
from envs.task import library
from envs.teaching import Teaching
from widgets.config_section import HIDDEN
from widgets.field_words import FIELDS, LEVELS, field_words, shows

KINDS = [kind for kind in vars(config).values() if isinstance(kind, type) and issubclass(kind, Frozen)]
PLAIN = [kind for kind in KINDS if kind not in (Frozen, RunConfig, config.BothConfig, config.Stage)]
WORLDS = {spec.options for spec in library()}


@pytest.mark.parametrize(
    "kind", [*PLAIN, *sorted(WORLDS, key=lambda kind: kind.__name__), Teaching], ids=lambda kind: kind.__name__
)
def test_every_setting_has_a_plain_name_and_a_level(kind):
    for name in set(kind.model_fields) - {"name", *HIDDEN}:
        keys = {name, *(f"{above.__name__}.{name}" for above in kind.__mro__)}
        assert keys & set(FIELDS), f"give {kind.__name__}.{name} a row in widgets/field_words.py"


def test_a_row_of_a_class_goes_before_one_of_any():
    assert field_words(config.QLearningConfig, "alpha").label == "Learning rate at the start"
    assert field_words(config.DQNConfig, "alpha").label == "How much they are preferred"


def test_each_level_shows_more_than_the_one_before():
    counts = [sum(shows(level, words) for words in FIELDS.values()) for level in LEVELS]
    assert counts == sorted(set(counts))
    assert counts[-1] == len(FIELDS)
