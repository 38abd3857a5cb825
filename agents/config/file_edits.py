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
from agents.config.config_file import dump, parse, shown, shown_stage, table, text_of
from envs.curriculum import Stage

_HEADER = re.compile(r"\s*\[\[?\s*[\"']?([\w-]+)")
_STAGES = "stages"


@dataclass(frozen=True, slots=True)
class CurriculumText:
    """What a file said when it was read or written last."""

    text: str
    config: RunConfig
    """What it means. Its stages have ids, by which they are known again after they were moved and edited."""

    @classmethod
    def read(cls, path: Path) -> CurriculumText:
        """Read a file. Raises `BadInput` with one line that says what to mend."""
        text = text_of(path)
        return cls(text, parse(text, name=path.name))

    def saying(self, config: RunConfig) -> str:
        """Return this text, changed so that it means `config`."""
        if _meaning(config) == _meaning(self.config):
            return self.text
        try:
            text = f"{_edited(self, config).rstrip()}\n"
            if _meaning(parse(text)) == _meaning(config):
                return text
        except (ValueError, TOMLKitError, KeyError, TypeError, AttributeError):
            pass  # written in a way that can't be edited line by line: its comments come first, then all settings
        comments = [line for line in self.text.splitlines() if line.lstrip().startswith("#")]
        return "\n".join([*comments, *([""] if comments else []), dump(config)])


def _meaning(config: RunConfig) -> Any:
    return config.model_dump(exclude={_STAGES: {"__all__": {"id"}}})


def _edited(source: CurriculumText, config: RunConfig) -> str:
    """Return the new text, its parts in the order of the old one; new tables come before the stages."""
    before, after, said = source.config.model_dump(), config.model_dump(), shown(config)
    parts = _parts(source.text)
    written = {key for key, _ in parts} | set(tomlkit.parse(parts[0][1]))
    new = {key: said[key] for key in said if key not in written and before[key] != after[key]}
    tables = [tomlkit.dumps({key: table(value)}) for key, value in new.items() if isinstance(value, dict)]
    stages, is_new = _stages(source, [text for key, text in parts if key == _STAGES], config.stages)
    text = ""
    for place, (key, part) in enumerate([*parts, (_STAGES, "")]):
        if key != _STAGES:
            document = tomlkit.parse(part)
            here = set(document) if place else set(document) | {name for name in new if not isinstance(new[name], dict)}
            _update(document, *({name: side[name] for name in here if name in side} for side in (before, after, said)))
            text += tomlkit.dumps(document)
        else:  # all of them where the first one stood
            text = reduce(_apart, [*tables, *(stages if is_new else ())], text) + "".join(() if is_new else stages)
            tables, stages = [], []
    return text


def _apart(text: str, added: str) -> str:
    """Return both with an empty line between them, and one below."""
    above = text.rstrip("\n")
    return f"{above}\n\n{added.strip()}\n\n" if above else f"{added.strip()}\n\n"


def _parts(text: str) -> list[tuple[str, str]]:
    """Cut a file at the headers of its tables; comments right above a header belong to it. The first has no header."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines(keepends=True):
        header = _HEADER.match(line)
        if header and (header[1] != parts[-1][0] or line.lstrip().startswith("[[")):
            lines = parts[-1][1]
            above = next((place for place in range(len(lines), 0, -1) if not _is_comment(lines[place - 1])), 0)
            parts.append((header[1], lines[above:]))
            del lines[above:]
        parts[-1][1].append(line)
    return [(key, "".join(lines)) for key, lines in parts]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _stages(source: CurriculumText, texts: Sequence[str], stages: Sequence[Stage]) -> tuple[list[str], bool]:
    """Return the tables of the stages, each as it was written, and whether there are others now, or in another order.

    Raises ValueError if one has no table of its own.
    """
    old = {stage.id: (stage, text) for stage, text in zip(source.config.stages, texts, strict=True)}
    made = [_stage(*old[stage.id], stage) if stage.id in old else _dumped(stage) for stage in stages]
    return made, [stage.id for stage in stages] != list(old)


def _stage(before: Stage, text: str, after: Stage) -> str:
    document = tomlkit.parse(text)
    _update(document[_STAGES][0], before.model_dump(), after.model_dump(), shown_stage(after))
    return tomlkit.dumps(document)


def _dumped(stage: Stage) -> str:
    stages = tomlkit.aot()
    stages.append(table(shown_stage(stage)))
    return tomlkit.dumps({_STAGES: stages})


def _update(
    written: MutableMapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], said: Mapping[str, Any]
) -> None:
    """Change in a table what differs between two settings; `said` holds those that are not at their default."""
    for key in before.keys() - after.keys():
        written.pop(key, None)
    for key, value in after.items():
        there = written.get(key)
        if key in before and before[key] == value:
            continue
        if isinstance(there, MutableMapping) and isinstance(value, Mapping):
            _update(there, before.get(key) or {}, value, said.get(key, {}))
        elif key in said:
            written[key] = table(said[key]) if isinstance(said[key], dict) else tomlkit.item(said[key])
        elif there is not None:  # the default again
            if value is None:
                del written[key]
            else:
                written[key] = tomlkit.item(value)
