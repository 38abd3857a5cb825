"""Prepare a run for training: a new one, a resumed one, or a fork of another."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Generator
from dataclasses import dataclass
from importlib import metadata

from agents.config import RunConfig
from agents.config.compatibility import incompatibility
from agents.errors import BadInput
from agents.events import Event
from agents.sharing.agent_file import SharedAgent
from agents.state_tree import join
from agents.store.checkpoint_contents import Checkpoint
from agents.store.full_checkpoints import FullCheckpoint
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.story import Story
from agents.training import context_check, initial_agent, stage_teachers
from agents.training.branch import RunBranch
from agents.training.command_replay import recorded_commands
from agents.training.trainer import Trainer

OTHER_AGENT = "start from an agent with a longer context, or from none"
"""The remedy if sentences are too long for the agent of a file."""


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run that is ready to train: iterate `events` to train and record it."""

    run: Run
    trainer: Trainer
    events: Generator[Event]
    is_new: bool
    """True if its folder was created for it."""
    is_resumed: bool
    """True if there are earlier events; the next event is then `Resumed`."""

    def recall(self) -> Story | None:
        """Return the events so far, `Resumed` at their end; None for a run from the start.

        To be called at most once, before `events` is iterated: events later than the checkpoint are deleted.
        """
        if not self.is_resumed:
            return None
        next(self.events)  # `Resumed`, which is written at once
        return self.run.story()

    def discard(self) -> None:
        """Delete the folder of a new run, before `events` is iterated; a resumed run stays."""
        if self.is_new:
            shutil.rmtree(self.run.folder, ignore_errors=True)


def start(
    store: RunStore,
    config: RunConfig,
    agent: SharedAgent | None = None,
    name: str | None = None,
    without: Collection[str] = (),
) -> PreparedRun:
    """Create a run of this curriculum, untrained or from `agent`. Raises `BadInput` if it can't be trained.

    Environments of the Gymnasium ids `without`, which hang, are skipped with their stages. With
    `agent`, the size of the model is the agent's, and its files are stored with the run, so that
    resuming or forking at the first step starts from the same agent.
    """
    adapted = config if agent is None else config.model_copy(update={"model": agent.about.agent.model.config})
    if (problem := incompatibility(adapted)) is not None:  # `model_copy` does not validate
        raise BadInput(str(problem))
    try:
        trainer = Trainer(adapted, without=without)  # before the run, so that an invalid curriculum leaves no folder
        if agent is not None:
            initial_agent.load_shared(trainer.state.agent, agent)
        stage_teachers.check(trainer.state, adapted.stages)
        context_check.check(trainer.state, adapted.stages, given="" if agent is None else OTHER_AGENT)
    except ValueError as error:
        raise BadInput(str(error)) from error
    run = store.create(adapted, name, initial_files=initial_agent.files_of(agent))
    trainer.store_in(run)
    events = run.record(initial_agent.with_provenance(trainer.run(), agent))
    return PreparedRun(run, trainer, events, is_new=True, is_resumed=False)


def resume(run: Run, without: Collection[str] = ()) -> PreparedRun:
    """Resume a run that was stopped or interrupted, without the environments of the Gymnasium ids `without`.

    It continues from its last full checkpoint, and commands applied since then are repeated.
    Raises `BadInput` if the run is done, in use, or can't be restored.
    """
    if run.is_busy:
        raise BadInput(f"run {run.id} is already being written; stop that first")
    if run.state == "done":
        remedy = f"fork it to change its stages or settings: fork {run.id} --at STEP --set KEY.PATH=VALUE"
        raise BadInput(f"run {run.id} is done; {remedy}")
    saved, branch, agent = run.saved(), RunBranch.of(run), initial_agent.stored(run)
    trainer = _restored(run, saved, agent, without)
    events: Generator[Event] = initial_agent.with_provenance(trainer.run(), agent)
    if branch is not None and not branch.is_applied(run):
        events = branch.applied(events, trainer, run.id)
    return PreparedRun(run, trainer, run.record(events, saved.point), is_new=False, is_resumed=True)


def fork(
    store: RunStore, parent: Run, branch: RunBranch, name: str | None = None, without: Collection[str] = ()
) -> PreparedRun:
    """Create a run that equals `parent` until the branch's step, and apply the branch's changes there.

    It is trained again, exactly, from the full checkpoint at or before that step. Raises
    `BadInput` if the parent has not reached the step, or if the changes are invalid.
    """
    branch.check(parent)
    saved, agent = parent.saved(branch.step), initial_agent.stored(parent)
    trainer = _restored(parent, saved, agent, without, before=branch.step)
    run = store.create(parent.config, name or branch.title(parent), branch.to_json(), parent.initial_files())
    try:
        run.copy_history(parent, saved.point)
    except OSError as error:
        raise BadInput(f"{run.folder}: {parent.id} cannot be copied ({error})") from error
    trainer.store_in(run)
    events = branch.applied(initial_agent.with_provenance(trainer.run(), agent), trainer, run.id)
    return PreparedRun(run, trainer, run.record(events), is_new=True, is_resumed=True)


def _restored(
    run: Run, saved: FullCheckpoint, agent: SharedAgent | None, without: Collection[str], before: int | None = None
) -> Trainer:
    """Return a trainer restored from `saved` that will repeat the later commands, up to step `before`.

    `agent` is the one that the run started from, or None.
    """
    try:
        trainer = Trainer(run.config, without=without)
        trainer.store_in(run)
        if agent is not None:
            initial_agent.load_shared(trainer.state.agent, agent)
    except ValueError as error:
        raise BadInput(str(error)) from error
    notes = list(saved.notes)
    state: Checkpoint | None = None if saved.plain is None else join(saved.plain, saved.arrays)
    saved_version, version = run.meta.get("versions", {}).get("torch"), metadata.version("torch")
    exact = state is not None or saved_version == version
    if not exact:
        notes.append(f"made with torch {saved_version}, resumed with torch {version}")
    repeats = recorded_commands(run.replay(saved.point.sequence), before)
    try:
        trainer.resume(state, repeats, "; ".join(notes), exact)
    except ValueError as error:
        raise BadInput(f"run {run.id}: {error}") from error
    return trainer
