import pytest

from agents.config import agent, algorithms, learning, strategies
from agents.config.algorithms import DQNConfig, QLearningConfig
from envs.task import library
from envs.teaching import Teaching
from widgets.forms.field_titles import (
    EXPERT,
    FIELDS,
    FULL,
    LEVELS,
    SIMPLE,
    WORLD,
    WORLD_EXPERT,
    WORLD_FULL,
    label_and_level,
    shows,
)
from widgets.forms.model_form import ModelForm
from widgets.settings.config_section import HIDDEN

PLAIN = [
    kind
    for part in (agent, algorithms, learning, strategies)
    for kind in vars(part).values()
    if isinstance(kind, type) and kind.__module__ == part.__name__
]
WORLDS = {spec.options for spec in library()}


@pytest.mark.parametrize(
    "kind", [*PLAIN, *sorted(WORLDS, key=lambda kind: kind.__name__), Teaching], ids=lambda kind: kind.__name__
)
def test_every_setting_has_a_label_and_a_level(kind):
    for name in set(kind.model_fields) - {"name", *HIDDEN}:
        keys = {name, *(f"{base.__name__}.{name}" for base in kind.__mro__)}
        assert keys & set(FIELDS), f"give {kind.__name__}.{name} a row in widgets/forms/field_titles.py"


def test_a_row_of_a_class_takes_precedence():
    assert label_and_level(QLearningConfig, "alpha").label == "Learning rate at the start"
    assert label_and_level(DQNConfig, "alpha").label == "How much they are preferred (alpha)"


def test_each_level_shows_more_than_the_one_before():
    counts = [sum(shows(level, words) for words in FIELDS.values()) for level in LEVELS]
    assert counts == sorted(set(counts))
    assert counts[-1] == len(FIELDS)


def test_no_setting_has_two_rows():
    assert len(FIELDS) == sum(map(len, (SIMPLE, FULL, EXPERT, WORLD, WORLD_FULL, WORLD_EXPERT)))


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_labels_within_a_table_differ_and_have_no_underscores(kind):
    labels = [label_and_level(kind, name).label for name in kind.model_fields if name not in ("name", *HIDDEN)]
    assert len(labels) == len(set(labels))
    assert not any("_" in label for label in labels)


def different_value(value):
    """Return another value of the same type, which a form does not validate."""
    return f"{value}x" if isinstance(value, str) else not value if isinstance(value, bool) else (value or 0) + 1


def choice(kind, name, value):
    choices = getattr(kind.model_fields[name].annotation, "__args__", ())
    return next((found for found in choices if isinstance(found, str) and found != value), None) or different_value(
        value
    )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_a_changed_setting_is_shown_at_every_level(qtbot, kind, level):
    model = kind()
    fields = tuple(name for name in kind.model_fields if name not in ("name", *HIDDEN))
    for name in fields:
        changed = model.model_copy(update={name: choice(kind, name, getattr(model, name))})
        form = ModelForm(changed, fields, level=level)
        qtbot.addWidget(form)
        assert not form._editors[name].isHidden()
        shown = {key for key in fields if shows(level, label_and_level(kind, key))}
        assert {key for key in fields if not form._editors[key].isHidden()} == shown | {name}
        assert {key for key in fields if not form._labels[key].isHidden()} == shown | {name}
        assert form.hidden == len(fields) - len(shown | {name})
