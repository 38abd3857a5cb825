"""Store the last result of each benchmark beside the runs."""

from __future__ import annotations

import logging
from pathlib import Path

from agents import codec
from agents.benchmarks.report.result import LARGEST, Result, parse
from agents.runtime.atomic_write import write_whole

_FOLDER = ".proofs"
log = logging.getLogger("palimpsest")


class ResultStore:
    """A folder with one JSON file per benchmark."""

    def __init__(self, runs: Path) -> None:
        self.folder = runs / _FOLDER

    def keep(self, result: Result) -> None:
        """Store `result` over the previous one. Raises OSError if it cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / f"{result.name}.json", codec.dumps(result.to_json()).encode())

    def read(self, name: str) -> Result | None:
        """Return the last result of a benchmark; None if there is none, or if it is damaged (logged as a warning)."""
        path = self.folder / f"{name}.json"
        try:
            with path.open("rb") as stream:
                result = parse(stream.read(LARGEST + 1))
            if result.name != name:
                raise ValueError(f"is the result of {result.name!r}")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("%s is left out: %s; measure again with: bench %s", path, error, name)
            return None
        return result
