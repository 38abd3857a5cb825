"""Encode events as JSON data and decode them, without loss.

The layout of an event's JSON follows from its dataclass, so a new kind of event, or a new
field, needs no code here. Tuples of records, such as the entries of a `MemoryChanged`, are
stored column by column, so that their field names are written once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import BaseModel, ValidationError

from agents import commands, events
from agents.commands import Command
from agents.events import TRANSIENT, Event


def _kinds(module: ModuleType, family: type) -> dict[str, type[Any]]:
    classes = [kind for kind in vars(module).values() if isinstance(kind, type)]
    return {kind.__name__: kind for kind in classes if issubclass(kind, family) and kind is not family}


KINDS: Mapping[str, type[Event]] = {name: kind for name, kind in _kinds(events, Event).items() if kind not in TRANSIENT}
"""Every kind of event that is stored, by class name."""
COMMANDS: Mapping[str, type[Command]] = _kinds(commands, Command)


class UnreadableError(ValueError):
    """An event of a kind unknown to this version, or one that refers to unknown classes or settings."""


@dataclass(frozen=True, slots=True)
class _Coder:
    """Converts values of one type to JSON data and back."""

    to_json: Callable[[Any], Any]
    from_json: Callable[[Any], Any]


def to_json(event: Event) -> dict[str, Any]:
    """Return `event` as JSON data; its class is under `kind`."""
    return {"kind": type(event).__name__, **_fields_to_json(event)}


def from_json(data: Mapping[str, Any]) -> Event:
    """Decode the result of `to_json`. Raises `UnreadableError` for events that this version can't decode."""
    kind = KINDS.get(data["kind"])
    if kind is None:
        raise UnreadableError(f"no event is called {data['kind']!r}")
    try:
        event: Event = _record(kind, data)
    except (ValidationError, TypeError, ValueError, KeyError) as error:
        raise UnreadableError(f"{data['kind']} does not fit this version: {error}") from error
    return event


def dumps(data: Any) -> str:
    """Return compact JSON text; NumPy scalars and arrays become numbers and lists, exceptions their message."""
    return json.dumps(data, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    raise TypeError(f"{type(value).__name__} is not JSON data")


def _fields_to_json(record: Any) -> dict[str, Any]:
    kind: Any = type(record)
    return {name: coder.to_json(getattr(record, name)) for name, coder in _shape(kind)}


def _record(kind: Any, data: Mapping[str, Any]) -> Any:
    """Decode a dataclass. Raises KeyError or TypeError unless `data` holds exactly its fields, and perhaps `kind`."""
    shape = _shape(kind)
    if len(data) > len(shape) + ("kind" in data):
        raise TypeError(f"{min(set(data) - {name for name, _ in shape} - {'kind'})!r} is no field of {kind.__name__}")
    return kind(**{name: coder.from_json(data[name]) for name, coder in shape})


@cache
def _shape(kind: Any) -> tuple[tuple[str, _Coder], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, _coder(hints[field.name])) for field in fields(kind))


def _coder(hint: Any) -> _Coder:
    """Return the coder of a type annotation."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return _Coder(hint.model_dump, hint.model_validate)
    if hint is Command:
        return _Coder(_command_to_json, _command)
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return _columns(item) if is_dataclass(item) else _tuple(_coder(item))
    return _Coder(lambda value: value, lambda value: value)


def _tuple(item: _Coder) -> _Coder:
    return _Coder(
        lambda values: [item.to_json(value) for value in values],
        lambda values: tuple(item.from_json(value) for value in values),
    )


def _columns(kind: Any) -> _Coder:
    def write(records: Iterable[Any]) -> dict[str, list[Any]]:
        rows = tuple(records)
        return {name: [coder.to_json(getattr(row, name)) for row in rows] for name, coder in _shape(kind)}

    def read(table: Mapping[str, list[Any]]) -> tuple[Any, ...]:
        return tuple(_record(kind, dict(zip(table, row, strict=True))) for row in zip(*table.values(), strict=True))

    return _Coder(write, read)


def _command_to_json(command: Command) -> dict[str, Any]:
    return {"kind": type(command).__name__, **_fields_to_json(command)}


def _command(data: Mapping[str, Any]) -> Command:
    command: Command = _record(COMMANDS[data["kind"]], data)
    return command
