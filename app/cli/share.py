"""`export` and `import`: agents, runs and curricula as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.config import config_file
from agents.errors import BadInput
from agents.sharing.archive import is_archive, opened
from agents.store.run import Run
from agents.store.run_store import RunStore
from app.cli.options import must_be_free
from app.runs.tables import FILES, export


@dataclass(frozen=True, slots=True)
class Wishes:
    """What of a run is to be written, and where to."""

    tables: Path | None
    agent: Path | None
    whole: Path | None
    at: int | None
    overwrite: bool = False


def export_run(run: Run, wishes: Wishes) -> list[str]:
    """Write what is wished for; return the files. Raises `BadInput`."""
    if wishes.tables is wishes.agent is wishes.whole is None:
        raise BadInput("say what to export: --to DIR (tables), --agent FILE or --whole FILE")
    if wishes.at is not None and wishes.agent is None:
        raise BadInput("--at STEP chooses a moment of the agent; add --agent FILE")
    must_be_free(_files(wishes), wishes.overwrite)
    files = [] if wishes.tables is None else [str(path) for path in export(run, wishes.tables)]
    return [*files, *_packed(run, wishes)]


def _files(wishes: Wishes) -> list[Path]:
    tables = [] if wishes.tables is None else [wishes.tables / name for name in FILES]
    return [*tables, *(path for path in (wishes.agent, wishes.whole) if path is not None)]


def _packed(run: Run, wishes: Wishes) -> list[str]:
    if wishes.agent is wishes.whole is None:
        return []
    # torch takes two seconds to import, and only sharing needs it
    from agents.sharing import agent_file, run_file

    if wishes.agent is not None:
        agent_file.export(run, wishes.agent, wishes.at)
    if wishes.whole is not None:
        run_file.export(run, wishes.whole)
    return [str(path) for path in (wishes.agent, wishes.whole) if path is not None]


def import_file(path: Path, store: RunStore) -> dict[str, Any]:
    """Look into a file and say what it is; a run is put among the others. Raises `BadInput` with one line."""
    if not is_archive(path):
        return _curriculum(path)
    from agents.sharing import agent_file, run_file  # imports torch, as above

    with opened(path) as bundle:
        kind = bundle.kind
    if kind == "run":
        run = run_file.take_in(path, store)
        summary = run.summary()
        told = {"run": run.id, "name": run.name, "steps": summary["steps"], "finished": summary["finished"]}
        return {"kind": kind, **told, "next": f"palimpsest show {run.id}"}
    agent = agent_file.load(path)
    made, words = agent.about.provenance, len(agent.about.agent.model.tokenizer.words)
    told = {"weights": agent.weights, "words": words, **made.model_dump(mode="json")}
    return {"kind": kind, **told, "next": f"palimpsest run CURRICULUM --agent {path}"}


def _curriculum(path: Path) -> dict[str, Any]:
    config = config_file.load(path)
    tasks = [stage.configured_task.title for stage in config.stages]
    steps = sum(stage.steps for stage in config.stages)
    told = {"name": config.name, "tasks": tasks, "steps": steps, "path": str(path.resolve())}
    return {"kind": "curriculum", **told, "next": f"palimpsest run {path}"}
