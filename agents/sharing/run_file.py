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
from agents.sharing.task_weights import check_task_arrays
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
_STRANGE = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError, OSError)
"""What telling a story that makes no sense may raise."""


class SharedParent(Frozen):
    """Which run a fork left, and how."""

    run: str = Field(pattern=r"^\w[\w.-]{0,200}$")
    """Its id: a name, never a path."""
    step: int = Field(ge=0)
    """Where it was left."""
    changes: dict[str, Any] = Field(default_factory=dict)
    """What became different there."""
    stages: tuple[Stage, ...] | None = None
    """Its other future, if it has one."""


class Meta(Frozen):
    """What a run says of itself; what this version does not know is left behind."""

    model_config = ConfigDict(extra="ignore")

    format: Literal[1] = 1
    """Version of the folder's layout."""
    name: str = Field(max_length=400)
    """How people call it."""
    created: str = Field("", max_length=64)
    """When it was made."""
    versions: dict[str, str] = Field(default_factory=dict)
    """What it was made with."""
    parent: SharedParent | None = None
    """The run it left."""
    initial_files: tuple[Literal["agent.json", "agent.safetensors"], ...] = ()
    """Files of the agent that it was begun from."""
    tags: tuple[str, ...] = ()
    """Words it is found by."""
    note: str = Field("", max_length=100_000)
    """What a person wrote about it."""


def export(run: Run, path: Path) -> None:
    """Write a whole run into one file, also while it goes on. Raises `BadInput`."""
    if not (run.folder / _EVENTS).exists():
        raise BadInput(f"run {run.id} has told nothing yet; wait a moment")
    with TemporaryDirectory() as folder:
        saved, kept = run.saved(), run.checkpoints()
        events = Path(folder) / _EVENTS
        try:
            copy_out(run.folder / _EVENTS, events)  # last: the story knows of every checkpoint
            members = {name: run.folder / name for name in (_CONFIG, _META, *run.initial_files())}
        except OSError as error:
            raise BadInput(f"run {run.id} cannot be read ({error.strerror}); check its folder") from error
        members[_EVENTS] = events
        for step in kept:
            for name in run.checkpoint_files(step):
                members[f"checkpoints/{name}"] = run.folder / "checkpoints" / name
        for name in run.saved_files(saved.point) if saved.plain is not None else ():
            members[f"states/{name}"] = run.folder / "states" / name
        pack(path, "run", members)


def take_in(path: Path, store: RunStore) -> Run:
    """Put a run that came from elsewhere among the others, under a fresh id. Raises `BadInput`, and leaves nothing."""
    with opened(path) as bundle:
        if bundle.kind != "run":
            raise BadInput(f"{path.name}: holds an {bundle.kind}, not a run; begin a run from it with --agent")
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
        kept = {key: value for key, value in meta.model_dump(mode="json").items() if value}
        write_whole(whole / _META, json.dumps(kept, indent=2).encode())
        run.overview()
    except ValidationError as error:
        raise BadInput(f"{bundle.path.name}: {_META}: {explain(error)}") from error
    except _STRANGE as error:
        said = f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise BadInput(f"{bundle.path.name}: the run cannot be taken in ({said}); ask for the file again") from error
    return store.adopt(whole, meta.name)


def _checked(arrived: Path, whole: Path) -> Meta:
    """Look at every part, and move it over once it is found sound."""
    meta = Meta.model_validate(parse((arrived / _META).read_bytes(), largest=MIB))
    config = config_file.load(arrived / _CONFIG)
    if isinstance(config.model, PretrainedConfig):  # a file from elsewhere decides nothing about the network
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
    """See that everything told is about a task of the run."""
    task_ids = {clip.task_id for clip in story.clips} | set(np.unique(story.episodes["task_id"]).tolist())
    if not task_ids <= set(range(len(story.tasks))):
        raise ValueError("the story tells of a task that the run does not have")


def _checked_weights(folder: Path) -> list[str]:
    """Look at every checkpoint; return the files that they consist of."""
    names: set[str] = set()
    files = weight_checkpoints.sealed(folder)
    for step in weight_checkpoints.steps(folder):
        name = weight_checkpoints.name_at(step)
        shapes = body(parse(files.read(name, ABOUT), largest=LARGEST_ABOUT)).shapes
        unpacked(files.read(name, WEIGHTS), shapes)
        names |= {*files.files(name), *check_task_arrays(folder, step, shapes)}
    return [f"checkpoints/{name}" for name in sorted(names)]


def _check_save(saves: FullCheckpoints, point: CheckpointPosition, length: int, model: Mapping[str, Any]) -> None:
    """Prove a full checkpoint whole, and made of an agent of the size that the settings tell."""
    saved = saves.load(point)
    odd = next(schema_errors(saved.plain), "")
    if saved.plain is None or odd:
        raise Damaged(f"checkpoint {point.name} is not that of a run ({odd})")
    described = body(saved.plain["run"]["agent"]["description"])
    if isinstance(described, LanguageBody | PretrainedBody | MLPBody) and described.config.model_dump() != model:
        raise Damaged(f"checkpoint {point.name} is of an agent of another size")
    if point.sequence > length:
        raise Damaged(f"checkpoint {point.name} knows more than the story")


def _move(arrived: Path, whole: Path, names: list[str] | tuple[str, ...]) -> None:
    for name in names:
        (whole / name).parent.mkdir(exist_ok=True)
        (arrived / name).rename(whole / name)
