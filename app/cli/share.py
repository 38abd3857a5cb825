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
class ExportTargets:
    """The files that `export` writes; None for those that are not wanted."""

    tables: Path | None
    """Folder of the CSV tables."""
    agent: Path | None
    whole: Path | None
    """File of the whole run."""
    at: int | None
    """Step of the agent's checkpoint; None for the last."""
    overwrite: bool = False


def export_run(run: Run, targets: ExportTargets) -> list[str]:
    """Write the files of `targets` and return their paths. Raises `BadInput`."""
    if targets.tables is targets.agent is targets.whole is None:
        raise BadInput("nothing to export; add --to DIR (tables), --agent FILE or --whole FILE")
    if targets.at is not None and targets.agent is None:
        raise BadInput("--at STEP selects a checkpoint of the agent; add --agent FILE")
    must_be_free(_files(targets), targets.overwrite)
    files = [] if targets.tables is None else [str(path) for path in export(run, targets.tables)]
    return [*files, *_write_archives(run, targets)]


def _files(targets: ExportTargets) -> list[Path]:
    tables = [] if targets.tables is None else [targets.tables / name for name in FILES]
    return [*tables, *(path for path in (targets.agent, targets.whole) if path is not None)]


def _write_archives(run: Run, targets: ExportTargets) -> list[str]:
    if targets.agent is targets.whole is None:
        return []
    # torch takes two seconds to import, and only sharing needs it
    from agents.sharing import agent_file, run_file

    if targets.agent is not None:
        agent_file.export(run, targets.agent, targets.at)
    if targets.whole is not None:
        run_file.export(run, targets.whole)
    return [str(path) for path in (targets.agent, targets.whole) if path is not None]


def import_file(path: Path, store: RunStore) -> dict[str, Any]:
    """Store the run of an archive, or describe an agent or a curriculum; return its metadata. Raises `BadInput`."""
    if not is_archive(path):
        return _describe_curriculum(path)
    from agents.sharing import agent_file, run_file  # imports torch, as above

    with opened(path) as bundle:
        kind = bundle.kind
    if kind == "run":
        run = run_file.import_run(path, store)
        summary = run.summary()
        metadata = {"run": run.id, "name": run.name, "steps": summary["steps"], "finished": summary["finished"]}
        return {"kind": kind, **metadata, "next": f"palimpsest show {run.id}"}
    agent = agent_file.load(path)
    provenance, words = agent.about.provenance, len(agent.about.agent.model.tokenizer.words)
    metadata = {"weights": agent.weights, "words": words, **provenance.model_dump(mode="json")}
    return {"kind": kind, **metadata, "next": f"palimpsest run CURRICULUM --agent {path}"}


def _describe_curriculum(path: Path) -> dict[str, Any]:
    config = config_file.load(path)
    tasks = [stage.configured_task.title for stage in config.stages]
    steps = sum(stage.steps for stage in config.stages)
    metadata = {"name": config.name, "tasks": tasks, "steps": steps, "path": str(path.resolve())}
    return {"kind": "curriculum", **metadata, "next": f"palimpsest run {path}"}
