"""Export a run's folder to one file, and import it into the folder of runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
from pydantic import ConfigDict, Field, ValidationError

from agents.config import config_file
from agents.config.agent import PretrainedConfig
from agents.config.error_text import explain
from agents.errors import BadInput, reason
from agents.runtime.atomic_write import write_whole
from agents.runtime.strict_json import parse
from agents.sharing import agent_file
from agents.sharing.agent_file import LARGEST_ABOUT
from agents.sharing.archive import Archive, opened
from agents.sharing.archive_limits import MIB
from agents.sharing.archive_writer import pack
from agents.sharing.event_import import copy_in, copy_out
from agents.sharing.policy_schemas import LanguageBody, MLPBody, PretrainedBody, body
from agents.sharing.task_weights import checked_task_weight_files
from agents.sharing.weight_check import unpacked
from agents.store import weight_checkpoints
from agents.store.checkpoint_contents import schema_errors
from agents.store.folders import incoming
from agents.store.full_checkpoints import CheckpointPosition, FullCheckpoints
from agents.store.run import INITIAL_FILES, Run
from agents.store.run_store import RunStore
from agents.store.sealed_files import Damaged
from agents.store.weight_checkpoints import ABOUT, WEIGHTS
from agents.story import Story
from envs.curriculum import Stage
from envs.options import Frozen

_CONFIG, _META, _EVENTS = "config.toml", "meta.json", "events.sqlite"
_NEEDED = (_CONFIG, _META, _EVENTS)
_INVALID = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError, OSError)
"""Errors that folding inconsistent events into a story may raise."""


class SharedParent(Frozen):
    """The parent of a fork, and what the fork changes."""

    run: str = Field(pattern=r"^\w[\w.-]{0,200}$")
    """Id of the parent: a name, never a path."""
    step: int = Field(ge=0)
    """Step at which the fork branched off."""
    changes: dict[str, Any] = Field(default_factory=dict)
    """Changed settings, by dotted path."""
    stages: tuple[Stage, ...] | None = None
    """Changed stages, if any."""


class Meta(Frozen):
    """The metadata of a run; keys unknown to this version are dropped."""

    model_config = ConfigDict(extra="ignore")

    format: Literal[1] = 1
    """Version of the folder's layout."""
    name: str = Field(max_length=400)
    """Name of the run."""
    created: str = Field("", max_length=64)
    """Creation time, ISO 8601."""
    versions: dict[str, str] = Field(default_factory=dict)
    """Versions of the packages it was created with."""
    parent: SharedParent | None = None
    """Parent of a fork."""
    initial_files: tuple[Literal["agent.json", "agent.safetensors"], ...] = ()
    """Files of the agent that it was started from."""
    tags: tuple[str, ...] = ()
    """Tags."""
    note: str = Field("", max_length=100_000)
    """The user's note."""


def export(run: Run, path: Path) -> None:
    """Write a whole run into one file, even while it is running. Raises `BadInput`."""
    if not (run.folder / _EVENTS).exists():
        raise BadInput(f"run {run.id} has not recorded any events yet; wait a moment")
    with TemporaryDirectory() as folder:
        saved, steps = run.saved(), run.checkpoints()
        events = Path(folder) / _EVENTS
        try:
            copy_out(run.folder / _EVENTS, events)  # after the list of checkpoints, so that the events include them
            members = {name: run.folder / name for name in (_CONFIG, _META, *run.initial_files())}
        except OSError as error:
            raise BadInput(f"run {run.id} cannot be read ({error.strerror}); check its folder") from error
        members[_EVENTS] = events
        for step in steps:
            for name in run.checkpoint_files(step):
                members[f"checkpoints/{name}"] = run.folder / "checkpoints" / name
        for name in run.saved_files(saved.point) if saved.plain is not None else ():
            members[f"states/{name}"] = run.folder / "states" / name
        pack(path, "run", members)


def import_run(path: Path, store: RunStore) -> Run:
    """Import a run from a file under a new id. Raises `BadInput`, and then leaves no files."""
    with opened(path) as bundle:
        if bundle.kind != "run":
            raise BadInput(f"{path.name}: holds an {bundle.kind}, not a run; start a run from it with --agent")
        missing = [name for name in _NEEDED if name not in bundle.names]
        if missing:
            raise BadInput(f"{path.name}: {missing[0]} is missing; ask for the file again")
        try:
            store.root.mkdir(parents=True, exist_ok=True)
            with incoming(store.root) as folder:
                return _adopted(bundle, folder, store)
        except OSError as error:
            raise BadInput(
                f"{store.root}: cannot be written ({reason(error)}); choose another folder with --runs"
            ) from error


def _adopted(bundle: Archive, folder: Path, store: RunStore) -> Run:
    arrived, whole = folder / "arrived", folder / "run"
    arrived.mkdir()
    whole.mkdir()
    bundle.unpack(arrived)
    try:
        meta = _checked(arrived, whole)
        run = Run(whole)
        _check_task_ids(run.story())
        run.summary()
        data = {key: value for key, value in meta.model_dump(mode="json").items() if value}
        write_whole(whole / _META, json.dumps(data, indent=2).encode())
        run.overview()
    except ValidationError as error:
        raise BadInput(f"{bundle.path.name}: {_META}: {explain(error)}") from error
    except _INVALID as error:
        text = f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise BadInput(f"{bundle.path.name}: the run cannot be imported ({text}); ask for the file again") from error
    return store.adopt(whole, meta.name)


def _checked(arrived: Path, whole: Path) -> Meta:
    """Validate every part of an unpacked run, and move each valid part to `whole`. Raises one of `_INVALID`."""
    meta = Meta.model_validate(parse((arrived / _META).read_bytes(), largest=MIB))
    config = config_file.load(arrived / _CONFIG)
    if isinstance(config.model, PretrainedConfig):  # an imported file must not enable network access
        config = config.changed({"model.download": False})
    config_file.save(whole / _CONFIG, config, ids=True)
    if meta.initial_files:
        about, weights = ((arrived / name).read_bytes() for name in INITIAL_FILES)
        agent_file.read(about, weights, INITIAL_FILES[0])
        _move(arrived, whole, INITIAL_FILES)
    length = copy_in(arrived / _EVENTS, whole / _EVENTS)
    _move(arrived, whole, _checked_weights(arrived / "checkpoints"))
    saves = FullCheckpoints(arrived / "states")
    for point in saves.points():
        _check_save(saves, point, length, config.model.model_dump())
        _move(arrived, whole, [f"states/{name}" for name in saves.files(point)])
    return meta


def _check_task_ids(story: Story) -> None:
    """Raise ValueError if an event refers to a task that the run does not have."""
    task_ids = {clip.task_id for clip in story.clips} | set(np.unique(story.episodes["task_id"]).tolist())
    if not task_ids <= set(range(len(story.tasks))):
        raise ValueError("an event refers to a task that the run does not have")


def _checked_weights(folder: Path) -> list[str]:
    """Validate every weight checkpoint; return the names of their files."""
    names: set[str] = set()
    files = weight_checkpoints.sealed(folder)
    for step in weight_checkpoints.steps(folder):
        name = weight_checkpoints.name_at(step)
        shapes = body(parse(files.read(name, ABOUT), largest=LARGEST_ABOUT)).shapes
        unpacked(files.read(name, WEIGHTS), shapes)
        names |= {*files.files(name), *checked_task_weight_files(folder, step, shapes)}
    return [f"checkpoints/{name}" for name in sorted(names)]


def _check_save(saves: FullCheckpoints, point: CheckpointPosition, length: int, model: Mapping[str, Any]) -> None:
    """Validate a full checkpoint: undamaged, of the expected schema, and of an agent with the settings' size."""
    saved = saves.load(point)
    schema_error = next(schema_errors(saved.plain), "")
    if saved.plain is None or schema_error:
        raise Damaged(f"checkpoint {point.name} is not that of a run ({schema_error})")
    described = body(saved.plain["run"]["agent"]["description"])
    if isinstance(described, LanguageBody | PretrainedBody | MLPBody) and described.config.model_dump() != model:
        raise Damaged(f"checkpoint {point.name} is of an agent of another size")
    if point.sequence > length:
        raise Damaged(f"checkpoint {point.name} is later than the last event")


def _move(arrived: Path, whole: Path, names: list[str] | tuple[str, ...]) -> None:
    for name in names:
        (whole / name).parent.mkdir(exist_ok=True)
        (arrived / name).rename(whole / name)
