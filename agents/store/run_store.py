"""The folder of all runs: create, find, import and delete."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import platformdirs

from agents.config import RunConfig, config_file
from agents.config.strategy_pair import spelling
from agents.errors import BadInput, reason
from agents.runtime.atomic_write import write_whole
from agents.runtime.escaping import visible_name
from agents.store import metadata
from agents.store.folders import moved_in, new_folder, new_meta, unused
from agents.store.run import Run

_TRASH = ".trash"


class RunStore:
    """A folder of runs; iterating yields them oldest first."""

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = Path(root) if root else default_root()

    def __iter__(self) -> Iterator[Run]:
        found = self.root.glob("*/meta.json") if self.root.is_dir() else ()
        return (Run(path.parent) for path in sorted(found) if path.parent.name != _TRASH)

    def create(
        self,
        config: RunConfig,
        name: str | None = None,
        parent: Mapping[str, Any] | None = None,
        initial_files: Mapping[str, bytes] | None = None,
    ) -> Run:
        """Create a new run. `parent` is stored for a fork, `initial_files` are those of the agent it starts from.

        Raises `BadInput` if the folder can't be written.
        """
        title = visible_name(name or "") or f"{config.name} {spelling(config.strategy)} {config.seed}"
        now = datetime.now().astimezone()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            folder = new_folder(self.root, title, now)
            meta = new_meta(title, now, parent, initial_files or {})
            for file, content in (initial_files or {}).items():
                write_whole(folder / file, content)
            config_file.save(folder / "config.toml", config, ids=True)
            # written last, since a folder with a meta.json counts as a run
            write_whole(folder / "meta.json", json.dumps(meta, indent=2).encode())
        except OSError as error:
            remedy = "choose another folder with --runs or the variable PALIMPSEST_RUNS"
            raise BadInput(f"{self.root}: runs cannot be written here ({reason(error)}); {remedy}") from error
        return Run(folder)

    def adopt(self, folder: Path, title: str) -> Run:
        """Move the folder of an imported run here, under a new id. Raises OSError."""
        return Run(moved_in(folder, self.root, title))

    def find(self, name: str) -> Run:
        """Return the run with this id, name or unique prefix; forks of a match are ignored. Raises `BadInput`."""
        runs = list(self)
        if config_file.is_file(Path(name) / "meta.json"):
            return Run(Path(name).resolve())
        for matches in _MATCHES:
            found = _originals([run for run in runs if matches(run, name)])
            if len(found) > 1:
                raise BadInput(f"{name!r} could be {', '.join(run.id for run in found[-5:])}; write a longer prefix")
            if found:
                return found[0]
        if not runs:
            raise BadInput(f"there is no run {name!r}: {self.root} holds no runs yet")
        close = get_close_matches(name, [text for run in reversed(runs) for text in (run.id, run.name)], n=1)
        hint = f"did you mean {close[0]!r}?" if close else "`list runs` shows all runs"
        raise BadInput(f"there is no run {name[:80]!r}; {hint}")

    def trash(self, run: Run) -> Path:
        """Move a run to the trash folder, which only the user empties; return its new path. Raises `BadInput`."""
        if run.is_busy:
            raise BadInput(f"run {run.id} is being written; stop it first")
        trash = self.root / _TRASH
        try:
            trash.mkdir(exist_ok=True)
            return Path(shutil.move(run.folder, unused(trash / run.id)))
        except OSError as error:
            raise BadInput(f"{run.folder}: cannot be moved to the trash ({error.strerror})") from error


_MATCHES: Sequence[Callable[[Run, str], bool]] = (
    lambda run, name: run.id == name,
    lambda run, name: run.name == name,
    lambda run, name: bool(name) and run.id.startswith(name),
    lambda run, name: bool(name) and run.id.split("-", 2)[-1].startswith(name),
)
"""Criteria by which a name matches a run, strictest first; the last ignores the date in the id."""


def _originals(runs: Sequence[Run]) -> list[Run]:
    """Return the runs without those that were forked from another of them."""
    parents = {run.id: metadata.parent_of(run.folder, run.meta) for run in runs} if len(runs) > 1 else {}
    return [run for run in runs if (parent := parents.get(run.id)) is None or parent.run not in parents]


def default_root() -> Path:
    """Return the folder of runs: PALIMPSEST_RUNS, or the user's data folder."""
    chosen = os.environ.get("PALIMPSEST_RUNS")
    return Path(chosen) if chosen else platformdirs.user_data_path("palimpsest", appauthor=False) / "runs"
