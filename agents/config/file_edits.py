"""Edit a curriculum's TOML file in place: comments and layout are preserved."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from agents.config import RunConfig
from agents.config.config_file import dump, non_default_settings, parse, stage_settings, table, text_of
from envs.curriculum import Stage

_HEADER = re.compile(r"\s*\[\[?\s*[\"']?([\w-]+)")
_STAGES = "stages"


@dataclass(frozen=True, slots=True)
class CurriculumText:
    """The text of a curriculum file as last read or written, and the config that it parses to."""

    text: str
    config: RunConfig
    """The parsed text. Its stages have ids, which identify them after they are moved or edited."""

    @classmethod
    def read(cls, path: Path) -> CurriculumText:
        """Read a file. Raises `BadInput` with one line that names the place and the remedy."""
        text = text_of(path)
        return cls(text, parse(text, name=path.name))

    def edited(self, config: RunConfig) -> str:
        """Return this text, edited so that it parses to `config`."""
        if _settings(config) == _settings(self.config):
            return self.text
        try:
            text = f"{_edited(self, config).rstrip()}\n"
            if _settings(parse(text)) == _settings(config):
                return text
        except (ValueError, TOMLKitError, KeyError, TypeError, AttributeError):
            pass  # not editable line by line, e.g. inline tables: all comments are put before a fresh dump
        comments = [line for line in self.text.splitlines() if line.lstrip().startswith("#")]
        return "\n".join([*comments, *([""] if comments else []), dump(config)])


def _settings(config: RunConfig) -> Any:
    return config.model_dump(exclude={_STAGES: {"__all__": {"id"}}})


def _edited(source: CurriculumText, config: RunConfig) -> str:
    """Return the new text, its parts in the order of the old one; new tables come before the stages."""
    before, after, shown_settings = source.config.model_dump(), config.model_dump(), non_default_settings(config)
    parts = _parts(source.text)
    written = {key for key, _ in parts} | set(tomlkit.parse(parts[0][1]))
    new = {key: value for key, value in shown_settings.items() if key not in written and before[key] != after[key]}
    tables = [tomlkit.dumps({key: table(value)}) for key, value in new.items() if isinstance(value, dict)]
    stages, is_new = _stages(source, [text for key, text in parts if key == _STAGES], config.stages)
    text = ""
    for index, (key, part) in enumerate([*parts, (_STAGES, "")]):
        if key != _STAGES:
            document = tomlkit.parse(part)
            added = () if index else (name for name in new if not isinstance(new[name], dict))
            names = set(document).union(added)
            sides = before, after, shown_settings
            _update(document, *({name: side[name] for name in names if name in side} for side in sides))
            text += tomlkit.dumps(document)
        else:  # all stages go where the first one was
            text = reduce(_join, [*tables, *(stages if is_new else ())], text) + "".join(() if is_new else stages)
            tables, stages = [], []
    return text


def _join(text: str, added: str) -> str:
    """Append `added` after an empty line, and end with an empty line."""
    above = text.rstrip("\n")
    return f"{above}\n\n{added.strip()}\n\n" if above else f"{added.strip()}\n\n"


def _parts(text: str) -> list[tuple[str, str]]:
    """Split a file at its table headers; comments right above a header belong to it. The first part has no header."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines(keepends=True):
        header = _HEADER.match(line)
        if header and (header[1] != parts[-1][0] or line.lstrip().startswith("[[")):
            lines = parts[-1][1]
            above = next((row for row in range(len(lines), 0, -1) if not _is_comment(lines[row - 1])), 0)
            parts.append((header[1], lines[above:]))
            del lines[above:]
        parts[-1][1].append(line)
    return [(key, "".join(lines)) for key, lines in parts]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _stages(source: CurriculumText, texts: Sequence[str], stages: Sequence[Stage]) -> tuple[list[str], bool]:
    """Return the text of each stage's table, and whether stages were added, removed or moved.

    Raises ValueError if a stage of the source has no table of its own.
    """
    old = {stage.id: (stage, text) for stage, text in zip(source.config.stages, texts, strict=True)}
    tables = [_stage(*old[stage.id], stage) if stage.id in old else _dumped(stage) for stage in stages]
    return tables, [stage.id for stage in stages] != list(old)


def _stage(before: Stage, text: str, after: Stage) -> str:
    document = tomlkit.parse(text)
    _update(document[_STAGES][0], before.model_dump(), after.model_dump(), stage_settings(after))
    return tomlkit.dumps(document)


def _dumped(stage: Stage) -> str:
    stages = tomlkit.aot()
    stages.append(table(stage_settings(stage)))
    return tomlkit.dumps({_STAGES: stages})


def _update(
    written: MutableMapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], shown: Mapping[str, Any]
) -> None:
    """Change the keys of a table that differ from `before` to `after`; `shown` holds the non-default settings."""
    for key in before.keys() - after.keys():
        written.pop(key, None)
    for key, value in after.items():
        current = written.get(key)
        if key in before and before[key] == value:
            continue
        if isinstance(current, MutableMapping) and isinstance(value, Mapping):
            _update(current, before.get(key) or {}, value, shown.get(key, {}))
        elif key in shown:
            written[key] = table(shown[key]) if isinstance(shown[key], dict) else tomlkit.item(shown[key])
        elif current is not None:  # set back to the default, which the file states
            if value is None:
                del written[key]
            else:
                written[key] = tomlkit.item(value)
