import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from agents import codec
from agents.commands import Command, Pause
from agents.config import RunConfig
from agents.config.algorithms import ReinforceConfig
from agents.config.strategies import EWCConfig, ReplayConfig
from agents.events import (
    TRANSIENT,
    CommandApplied,
    Event,
    Fault,
    MemoryChanged,
    MemoryEntry,
    StageStarted,
    Updated,
)
from envs.curriculum import Stage
from envs.task import Task

STAGES = (
    Stage(task="household/go-to", options={"objects": 2}, until=0.9),
    Stage(task="gym:CartPole-v1", steps=5, strategy={"name": "ewc", "strength": 3.0}),
    Stage(kind="meta", task="household/words"),
)
MODELS = {
    Stage: STAGES,
    Task: tuple(stage.configured_task for stage in STAGES),
    RunConfig: (
        RunConfig(),
        RunConfig(name="回声", seed=7, stages=STAGES, algorithm=ReinforceConfig(), strategy=ReplayConfig(batch_size=3)),
        RunConfig(stages=STAGES[:1], strategy=EWCConfig(strength=2.5)),
    ),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
PLAIN = {
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    str: st.text(),
    bool: st.booleans(),
    NoneType: st.none(),
    Any: JSON,
}


def values(hint):
    """Return a hypothesis strategy for the values of a field of this type."""
    if hint in PLAIN:
        return PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is UnionType:
        return st.one_of(*map(values, arguments))
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if origin in (dict, Mapping):
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    if hint is Command:
        return st.one_of(*map(records, codec.COMMANDS.values()))
    if is_dataclass(hint):
        return records(hint)
    assert issubclass(hint, BaseModel), hint
    return st.sampled_from(MODELS[hint])


def records(kind):
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})


def through_text(event):
    return codec.from_json(json.loads(codec.dumps(codec.to_json(event))))


@pytest.mark.parametrize("kind", codec.KINDS.values(), ids=codec.KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_event_is_encoded_and_decoded_without_loss(kind, data):
    event = data.draw(records(kind))
    assert through_text(event) == event


def test_every_kind_that_is_not_transient_can_be_stored():
    assert set(codec.KINDS.values()) == {kind for kind in every_kind(Event) if kind not in TRANSIENT}
    assert all(kind in codec.COMMANDS.values() for kind in every_kind(Command))


def every_kind(family):
    descendants = {kind for sub in family.__subclasses__() for kind in {sub} | every_kind(sub)}
    return {kind for kind in descendants if kind.__module__ == family.__module__ and "__slots__" in vars(kind)}


def test_a_kind_of_event_from_a_newer_version_is_unreadable():
    with pytest.raises(codec.UnreadableError, match="'Dreamt'"):
        codec.from_json({"kind": "Dreamt", "step": 3, "seconds": 0.1})


def test_a_command_from_a_newer_version_is_unreadable():
    data = codec.to_json(CommandApplied(step=1, command=Pause()))
    data["command"]["kind"] = "Rewind"
    with pytest.raises(codec.UnreadableError):
        codec.from_json(data)


@pytest.mark.parametrize("kind", codec.KINDS.values(), ids=codec.KINDS)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_an_event_that_lacks_a_field_or_has_another_one_is_unreadable(kind, data):
    data = codec.to_json(data.draw(records(kind)))
    for name in set(data) - {"kind"}:
        with pytest.raises(codec.UnreadableError, match=name):
            codec.from_json({key: value for key, value in data.items() if key != name})
    with pytest.raises(codec.UnreadableError, match="'mood' is no field"):
        codec.from_json({**data, "mood": "curious"})


def test_memories_that_lack_a_field_or_have_another_one_are_unreadable():
    entry = MemoryEntry(id=1, task_id=0, text="house", action="go", reward=0.0, step=1)
    data = codec.to_json(MemoryChanged(step=1, added=(entry,)))
    for changed in ({"text": None}, {"mood": ["curious"]}):
        added = {name: values for name, values in {**data["added"], **changed}.items() if values is not None}
        with pytest.raises(codec.UnreadableError, match="|".join(changed)):
            codec.from_json({**data, "added": added})


def test_numbers_of_numpy_and_exceptions_are_written_as_plain_data():
    event = Updated(step=1, index=0, terms={"loss": np.float32(0.5), "rows": np.int64(3)}, rate=np.float64(2))
    assert through_text(event).terms == {"loss": 0.5, "rows": 3}
    fault = Fault(step=1, index=0, message="{error}", arguments={"error": ValueError("boom")})
    assert through_text(fault).arguments == {"error": "ValueError: boom"}


def test_memory_entries_are_written_with_their_field_names_once():
    entries = tuple(
        MemoryEntry(id=number, task_id=0, text="house", action="go", reward=0.0, step=number) for number in range(50)
    )
    assert codec.dumps(codec.to_json(MemoryChanged(step=1, added=entries))).count('"text"') == 1


def test_a_stage_keeps_its_id():
    stage = Stage(task="household/go-to")
    assert through_text(StageStarted(step=0, index=0, task_id=0, stage=stage)).stage.id == stage.id
