"""A run that is ready to train: a new one, one that goes on where it was left, or a fork of another."""

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

OTHER_AGENT = "begin with an agent of a longer context, or with none"
"""What helps where sentences are too long for the agent of a file."""


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run that is ready: iterate `events` to train, and to record what happens."""

    run: Run
    trainer: Trainer
    events: Generator[Event]
    is_new: bool
    """Whether its folder was made for it."""
    is_resumed: bool
    """Whether there are earlier events, which `Resumed` follows first."""

    def recall(self) -> Story | None:
        """Return the events so far, `Resumed` at their end; None for a run from the start.

        To be called at most once, before `events` is iterated: events later than the checkpoint are deleted.
        """
        if not self.is_resumed:
            return None
        next(self.events)  # `Resumed`, which is written at once
        return self.run.story()

    def discard(self) -> None:
        """Delete the folder of a run that nobody wants any more, before `events` is iterated; a resumed run stays."""
        if self.is_new:
            shutil.rmtree(self.run.folder, ignore_errors=True)


def start(
    store: RunStore,
    config: RunConfig,
    agent: SharedAgent | None = None,
    name: str | None = None,
    without: Collection[str] = (),
) -> PreparedRun:
    """Make a new run of this curriculum, with `agent` if there is one. Raises `BadInput` if it can't be trained.

    The worlds of the Gymnasium ids `without` are left out, and their stages set aside: they hang.

    The size of the model is then the agent's. Its files are kept with the run, so that going
    on or forking from the very first step finds the same agent.
    """
    fitting = config if agent is None else config.model_copy(update={"model": agent.about.agent.model.config})
    if (odd := incompatibility(fitting)) is not None:  # settings and stages may have come from two places
        raise BadInput(str(odd))
    try:
        trainer = Trainer(fitting, without=without)  # first: a curriculum that can't be trained leaves no run behind
        if agent is not None:
            initial_agent.take_over(trainer.state.agent, agent)
        stage_teachers.check(trainer.state, fitting.stages)
        context_check.check(trainer.state, fitting.stages, given="" if agent is None else OTHER_AGENT)
    except ValueError as error:
        raise BadInput(str(error)) from error
    run = store.create(fitting, name, initial_files=initial_agent.files_of(agent))
    trainer.store_in(run)
    events = run.record(initial_agent.introduced(trainer.run(), agent))
    return PreparedRun(run, trainer, events, is_new=True, is_resumed=False)


def resume(run: Run, without: Collection[str] = ()) -> PreparedRun:
    """Go on with a run that was stopped or interrupted, `without` the worlds of these Gymnasium ids.

    It is trained again from its last checkpoint, and what was asked of it since then is
    repeated. Raises `BadInput` if nothing is left of it or it can't be done.
    """
    if run.is_busy:
        raise BadInput(f"run {run.id} is already being written; stop that first")
    if run.state == "done":
        raise BadInput(f"run {run.id} is done; give it another future: fork {run.id} --at STEP --set KEY.PATH=VALUE")
    saved, branch, agent = run.saved(), RunBranch.of(run), initial_agent.stored(run)
    trainer = _restored(run, saved, agent, without)
    events: Generator[Event] = initial_agent.introduced(trainer.run(), agent)
    if branch is not None and not branch.was_left(run):
        events = branch.left(events, trainer, run.id)
    return PreparedRun(run, trainer, run.record(events, saved.point), is_new=False, is_resumed=True)


def fork(
    store: RunStore, parent: Run, branch: RunBranch, name: str | None = None, without: Collection[str] = ()
) -> PreparedRun:
    """Make a new run that is as `parent` was at the branch's step, and change it there.

    It is trained again, exactly, from the checkpoint at or before that step. Raises
    `BadInput` if the parent was not there yet, or if it can't be changed so.
    """
    branch.check(parent)
    saved, agent = parent.saved(branch.step), initial_agent.stored(parent)
    trainer = _restored(parent, saved, agent, without, before=branch.step)
    run = store.create(parent.config, name or branch.title(parent), branch.plain(), parent.initial_files())
    try:
        run.inherit(parent, saved.point)
    except OSError as error:
        raise BadInput(f"{run.folder}: {parent.id} cannot be copied ({error})") from error
    trainer.store_in(run)
    events = branch.left(initial_agent.introduced(trainer.run(), agent), trainer, run.id)
    return PreparedRun(run, trainer, run.record(events), is_new=True, is_resumed=True)


def _restored(
    run: Run, saved: FullCheckpoint, agent: SharedAgent | None, without: Collection[str], before: int | None = None
) -> Trainer:
    """Return a trainer as it was when `saved` was written; it repeats the later commands, those from `before` left out.

    `agent` is the one that the run began with, if it was not untrained.
    """
    try:
        trainer = Trainer(run.config, without=without)
        trainer.store_in(run)
        if agent is not None:
            initial_agent.take_over(trainer.state.agent, agent)
    except ValueError as error:
        raise BadInput(str(error)) from error
    notes = list(saved.notes)
    state: Checkpoint | None = None if saved.plain is None else join(saved.plain, saved.arrays)
    made, here = run.meta.get("versions", {}).get("torch"), metadata.version("torch")
    exact = state is not None or made == here
    if not exact:
        notes.append(f"made with torch {made}, goes on with torch {here}")
    again = recorded_commands(run.replay(saved.point.sequence), before)
    try:
        trainer.resume(state, again, "; ".join(notes), exact)
    except ValueError as error:
        raise BadInput(f"run {run.id}: {error}") from error
    return trainer
