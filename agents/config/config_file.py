"""Read, validate and write curricula and run settings as TOML files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError
from tomlkit.items import Table

import resources
from agents.config import RunConfig
from agents.config.error_text import comma_hint, explain
from agents.errors import BadInput, reason
from agents.runtime.atomic_write import write_whole
from envs.curriculum import Stage
from envs.task import suggestion

_LARGEST = 1_000_000
_LONGEST_LINE = 4_000
_DEEPEST_KEY = 16
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")
_DEEP = re.compile(rf"(?:\.[\w\s-]*){{{_DEEPEST_KEY}}}")


def load(path: Path | str) -> RunConfig:
    """Read a curriculum file. Raises `BadInput` with one line that names the place and the remedy."""
    file = Path(path)
    return parse(text_of(file), name=file.name)


def parse(text: str, *, name: str = "curriculum") -> RunConfig:
    """Parse the text of a curriculum file; `name` stands for the file in messages. Raises `BadInput`."""
    try:
        return _validated(_tables(text))
    except ValueError as error:
        raise BadInput(f"{name}: {error}") from error


def changed(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """Return `config` with `changes` at dotted paths, validated as a whole. Raises `BadInput` with one line."""
    try:
        return _validated(config.changed(dict(changes)).model_dump())
    except ValidationError as error:
        raise BadInput(explain(error)) from error
    except ValueError as error:
        raise BadInput(str(error)) from error


def _validated(settings: Mapping[str, Any]) -> RunConfig:
    """Validate `settings`, stage overrides included. Raises ValueError with one line."""
    try:
        config = RunConfig.model_validate(settings)
    except ValidationError as error:
        raise ValueError(explain(error)) from error
    plain = config.model_copy(update={"stages": ()})
    for index, stage in enumerate(config.stages):
        try:
            plain.in_stage(stage)
        except ValidationError as error:
            raise ValueError(explain(error, under=f"stages[{index}]")) from error
        except ValueError as error:
            raise ValueError(f"stages[{index}]: {error}") from error
    return config


def dump(config: RunConfig, *, ids: bool = False) -> str:
    """Return the settings that differ from the defaults as TOML.

    `ids` includes the stages' ids, so that parsing it gives an equal config.
    """
    document = tomlkit.document()
    for key, value in non_default_settings(config).items():
        document.add(key, table(value) if isinstance(value, dict) else tomlkit.item(value))
    stages = tomlkit.aot()
    for stage in config.stages:
        stages.append(table(stage_settings(stage, ids=ids)))
    if config.stages:
        document.add("stages", stages)
    return tomlkit.dumps(document)


def non_default_settings(config: RunConfig) -> dict[str, Any]:
    """Return the settings that differ from their defaults, without the stages: first values, then tables (as TOML)."""
    settings = config.model_dump(exclude_defaults=True, exclude={"stages"})
    plain = {key: value for key, value in settings.items() if not isinstance(value, dict)}
    return plain | {key: _with_name(getattr(config, key), value) for key, value in settings.items() if key not in plain}


def save(path: Path | str, config: RunConfig, *, ids: bool = False) -> None:
    """Write a curriculum file atomically. Raises `BadInput` if it can't be written."""
    write(Path(path), dump(config, ids=ids))


def write(file: Path, text: str) -> None:
    """Write a text file atomically; a symbolic link is followed. Raises `BadInput` if it can't be written."""
    try:
        write_whole(file.resolve(), text.encode())
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, or a loop of links
        raise BadInput(f"{file}: cannot be written ({reason(error)}); choose another place") from error


def curricula() -> dict[str, Path]:
    """Return the files of the shipped curricula, by name."""
    return {path.stem: path for path in sorted(resources.path("curricula").glob("*.toml"))}


def find_curriculum(name_or_path: str) -> Path:
    """Return the file of a shipped curriculum, by name, or of any, by path. Raises `BadInput` for unknown names."""
    shipped = curricula()
    if name_or_path in shipped:
        return shipped[name_or_path]
    path = Path(name_or_path)
    if path.suffix == ".toml" or path.name != name_or_path or is_file(path):
        return path
    raise BadInput(f"unknown curriculum {name_or_path!r}{suggestion(name_or_path, shipped)}")


def is_file(path: Path) -> bool:
    """Return whether `path` is a file; False for names that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def text_of(file: Path) -> str:
    """Return the text of a curriculum file. Raises `BadInput` with one line."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise BadInput(f"{file.name}: is larger than 1 MB; a curriculum is a short text file")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file.name}: is not UTF-8 text; save it as UTF-8") from error
    except FileNotFoundError as error:
        raise BadInput(f"{file}: there is no such file") from error
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{file}: cannot be read ({reason(error)})") from error


def _tables(text: str) -> dict[str, Any]:
    # tomllib takes quadratic time in the length of a dotted key: 80 kB would take half a minute
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"line {number} has {len(line)} characters; write at most {_LONGEST_LINE} in a line")
        if _DEEP.search(_QUOTED.sub("q", line).split("#")[0]):
            raise ValueError(f"line {number}: a key has more than {_DEEPEST_KEY} parts; settings are at most 3 deep")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("brackets are nested too deeply; settings are at most 3 deep") from error
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        line = text.splitlines()[int(match[1]) - 1] if match else ""
        raise ValueError(f"is not valid TOML: {error}{comma_hint(line.rpartition('=')[2])}") from error


def _with_name(part: BaseModel, changed: dict[str, Any]) -> dict[str, Any]:
    """Put the part's name first, in subtables too, since a table without a name may be read as another part's."""
    named = part.model_dump(include={"name"})
    subparts = {key: getattr(part, key) for key in changed if isinstance(getattr(part, key), BaseModel)}
    return {**named, **changed, **{key: _with_name(subpart, changed[key]) for key, subpart in subparts.items()}}


def stage_settings(stage: Stage, *, ids: bool = False) -> dict[str, Any]:
    """Return the settings that a file lists for a stage: task, steps, and those that differ from their defaults."""
    settings = stage.model_dump(exclude_defaults=True, exclude={"id"})
    first = {"id": stage.id} if ids else {}
    order = ("kind", "task", "steps", "until")
    rest = {"steps": stage.steps, **settings}
    return first | {key: rest[key] for key in order if key in rest} | {k: v for k, v in rest.items() if k not in order}


def table(settings: Mapping[str, Any]) -> Table:
    """Return settings as a TOML table, subtables included."""
    result = tomlkit.table()
    for key, value in settings.items():
        result.add(key, table(value) if isinstance(value, dict) else tomlkit.item(value))
    return result
