from itertools import product
from types import NoneType
from typing import Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.commands import LIVE_TABLES
from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.changes import changes_between
from agents.config.strategies import EWCConfig, ReplayConfig, SIConfig
from agents.config.strategy_pair import BothConfig
from agents.registry import ALGORITHMS, MEMORIES, META, MODELS, STRATEGIES

KINDS = {"algorithm": ALGORITHMS, "strategy": STRATEGIES, "meta": META, "memory": MEMORIES, "model": MODELS}
PAIRS = (
    BothConfig(first=EWCConfig(strength=7), second=ReplayConfig()),
    BothConfig(first=EWCConfig(), second=ReplayConfig(batch_size=3)),
    BothConfig(first=ReplayConfig(), second=SIConfig()),
)


@pytest.fixture(scope="module", autouse=True)
def no_incompatibility():
    """Allow every combination of parts, since these tests compare the parts one by one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("agents.config.incompatibility", lambda config: None)
        yield


def config_with(key, value):
    return RunConfig.model_validate({**dict(RunConfig()), key: value})


@st.composite
def settings(draw, kind):
    """Draw settings of a model within their bounds; its defaults where the drawn ones are invalid together."""
    values = {}
    for name, field in kind.model_fields.items():
        if name not in ("name", "stages") and draw(st.booleans()):
            values[name] = draw(value_of(field))
    try:
        return kind(**values)
    except ValidationError:
        return kind()


def value_of(field):
    annotation = field.annotation
    if NoneType in get_args(annotation):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    bounds = {type(bound): bound for bound in field.metadata}
    low = bounds[Ge].ge if Ge in bounds else bounds[Gt].gt + (annotation is int) if Gt in bounds else 0
    high = bounds[Le].le if Le in bounds else bounds[Lt].lt - (annotation is int) if Lt in bounds else 10**6
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(low, high)
    if annotation is float:
        return st.floats(low, high, exclude_min=True, exclude_max=True)
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    return st.just(field.get_default(call_default_factory=True))


def kinds():
    return [(key, kind) for key, table in KINDS.items() for kind in table if kind is not PretrainedConfig]


@pytest.mark.parametrize(("key", "kind"), [*kinds(), *((key, type(getattr(RunConfig(), key))) for key in LIVE_TABLES)])
@given(data=st.data())
def test_the_changes_lead_from_one_to_the_other_and_back_exactly(key, kind, data):
    before, after = config_with(key, data.draw(settings(kind))), config_with(key, data.draw(settings(kind)))
    assert before.changed(changes_between(before, after)) == after
    assert after.changed(changes_between(after, before)) == before


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_of_a_part_can_follow_every_other(key):
    parts = [PretrainedConfig(source="a/b") if kind is PretrainedConfig else kind() for kind in KINDS[key]]
    for first, second in product([*parts, *(PAIRS if key == "strategy" else ())], repeat=2):
        before, after = config_with(key, first), config_with(key, second)
        assert before.changed(changes_between(before, after)) == after


def test_unchanged_settings_are_left_out():
    before = RunConfig(seed=3)
    assert changes_between(before, before) == {}
    assert changes_between(before, before.changed({"learning.learning_rate": 0.5, "seed": 4})) == {
        "seed": 4,
        "learning.learning_rate": 0.5,
    }
    assert changes_between(before, before.changed({"name": "Other"})) == {}
    assert changes_between(before, before.changed({"strategy.name": "ewc", "strategy.strength": 7})) == {
        "strategy.name": "ewc",
        "strategy.strength": 7,
    }
