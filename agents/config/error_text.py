"""Error messages for invalid settings: one line that names the value and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agents.errors import one_line
from envs.options import Frozen
from envs.task import suggestion

_LONGEST_VALUE = 60

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_DECIMAL = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.IGNORECASE)
"""Numbers with thousands separators or a decimal comma, neither of which TOML allows."""

_REMEDIES: Mapping[str, str] = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text in quotes",
    "string_too_long": "must have at most {max_length} characters",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "tuple_type": "must be a list of tables like [[stages]]",
    "model_type": "must be a table of settings",
    "model_attributes_type": "must be a table of settings",
    "dict_type": "must be a table of settings",
}
"""The remedy, by pydantic's error type; other types keep pydantic's message."""


def comma_hint(value: object) -> str:
    """Return a hint on how to write a number with commas in it; empty for any other value."""
    number = value.strip() if isinstance(value, str) else ""
    if _THOUSANDS.fullmatch(number):
        return f"; write {number.replace(',', '')}, without commas"
    return f"; write {number.replace(',', '.')}, with a point" if _DECIMAL.fullmatch(number) else ""


def explain(error: ValidationError, *, under: str = "") -> str:
    """Return the first error in one line: the key, the value and the remedy.

    `under` is the path of the validated table within the whole settings.
    """
    problems = error.errors(include_url=False)
    line = _line(problems[0], _models().get(error.title), under)
    more = len(problems) - 1
    return one_line(f"{line} (and {more} more)" if more else line)


def _models() -> dict[str, type[BaseModel]]:
    """Return every settings model by its name, which is the `title` of pydantic's errors."""
    models: dict[str, type[BaseModel]] = {}
    pending: list[type[BaseModel]] = [Frozen]
    while pending:
        model = pending.pop()
        models[model.__name__] = model
        pending += model.__subclasses__()
    return models


def _line(problem: ErrorDetails, model: type[BaseModel] | None, under: str) -> str:
    path, table = _walk(problem["loc"], model, under)
    text = _message(problem, path.rpartition(".")[2], table)
    if problem["type"].startswith("union_tag"):
        path = _join(path, "name")
    return f"{path}: {text}" if path else text


def _walk(loc: Sequence[int | str], model: type[BaseModel] | None, under: str) -> tuple[str, type[BaseModel] | None]:
    """Return the path as a file writes it, and the model that the last key was looked up in."""
    path, table, parts = under, model, list(loc)
    while parts:
        key = parts.pop(0)
        if isinstance(key, int):
            path = f"{path}[{key}]"
            continue
        path, table = _join(path, key), model
        submodels = _submodels(model, key)
        if len(submodels) > 1:
            # in a union, pydantic adds the variant's name to the path; a file has no such key
            variant = str(parts.pop(0)) if parts else ""
            submodels = [kind for kind in submodels if kind.model_fields["name"].default == variant]
        model = submodels[0] if submodels else None
    return path, table


def _submodels(model: type[BaseModel] | None, key: str) -> list[type[BaseModel]]:
    """Return the models that `model` allows under `key`."""
    if model is None or key not in model.model_fields:
        return []
    hint = model.model_fields[key].annotation
    return [kind for kind in (hint, *get_args(hint)) if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _message(problem: ErrorDetails, key: str, model: type[BaseModel] | None) -> str:
    context = {name: _short(value) for name, value in problem.get("ctx", {}).items()}
    match problem["type"]:
        case "extra_forbidden":
            return f"unknown setting{suggestion(key, model.model_fields) if model else ''}"
        case "union_tag_invalid":
            known = re.findall(r"'([^']*)'", context["expected_tags"])
            return f"unknown {key} {_shown(context['tag'])}{suggestion(context['tag'], known)}"
        case "union_tag_not_found":
            return f"is missing; write which {key} these settings are for"
        case "value_error" | "missing" | "unknown_option" | "incompatible":
            return problem["msg"].removeprefix("Value error, ").replace("Field required", "is missing")
        case kind:
            remedy = _REMEDIES[kind].format(**context) if kind in _REMEDIES else problem["msg"]
            return f"{remedy}, got {_shown(problem['input'])}{comma_hint(problem['input'])}"


def _short(bound: Any) -> Any:
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _join(path: str, key: str) -> str:
    # a key may be any quoted string: shorten and escape it
    shown = key if re.fullmatch(r"\w+", key) else _shown(key)
    return f"{path}.{shown}" if path else shown
