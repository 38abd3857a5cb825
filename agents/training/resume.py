"""Resume a stored run from its last checkpoint, or fork it from an earlier one."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from agents.commands import LIVE_TABLES, Command, Configure, EditCurriculum
from agents.config import file as config_file
from agents.errors import BadInput
from agents.events import CommandApplied, Event
from agents.state_tree import join
from agents.store.checkpoint_contents import Checkpoint
from agents.store.full_checkpoints import Saved
from agents.store.run import Run
from agents.store.run_store import RunStore
from agents.training import start as beginning
from agents.training.command_replay import repeats
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.task import suggestion


@dataclass(frozen=True, slots=True)
class Continuation:
    """A run that is ready to be lived on: iterate `events`."""

    run: Run
    trainer: Trainer
    events: Generator[Event]


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a run leaves its parent, and what is different from then on."""

    run: str
    """Id of the parent."""
    step: int
    changes: Mapping[str, Any]
    stages: tuple[Stage, ...] | None = None
    """The future, in place of the parent's; None: the same."""

    def plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        stages = None if self.stages is None else [stage.model_dump() for stage in self.stages]
        return {"run": self.run, "step": self.step, "changes": dict(self.changes), "stages": stages}

    @classmethod
    def of(cls, run: Run) -> Branch | None:
        """Return how `run` left its parent, if it has one. Raises `BadInput` if that can't be read."""
        kept = run.meta.get("parent")
        if kept is None:
            return None
        try:
            stages = None if kept["stages"] is None else tuple(Stage(**stage) for stage in kept["stages"])
            return cls(str(kept["run"]), int(kept["step"]), dict(kept["changes"]), stages)
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"{run.folder / 'meta.json'}: parent cannot be read ({error})") from error


def resume(run: Run, without: Collection[str] = ()) -> Continuation:
    """Go on with a run that was stopped or interrupted, `without` the worlds of these Gymnasium ids.

    It is lived again from its last checkpoint, and what was asked of it since then is
    repeated. Raises `BadInput` if there is nothing left to live or it can't be done.
    """
    if run.is_busy:
        raise BadInput(f"run {run.id} is being written already; stop that first")
    if run.state == "done":
        raise BadInput(f"run {run.id} is done; give it another future: fork {run.id} --at STEP --set KEY.PATH=VALUE")
    saved, branch = run.saved(), Branch.of(run)
    trainer = _trainer(run, without)
    _restore(trainer, run, saved)
    events: Generator[Event] = beginning.introduced(trainer.run(), run)
    if branch is not None and not _has_left(run):
        events = _leave(trainer, events, branch, run.id)
    return Continuation(run, trainer, run.record(events, saved.point))


def fork(
    store: RunStore, parent: Run, branch: Branch, name: str | None = None, without: Collection[str] = ()
) -> Continuation:
    """Begin a new run as `parent` was at the branch's step, and change it there.

    It is lived again, exactly, from the checkpoint at or before that step. Raises
    `BadInput` if the parent was not there yet, or if it can't be changed so.
    """
    _check(parent, branch)
    saved = parent.saved(branch.step)
    said = ", ".join(f"{path}={value}" for path, value in branch.changes.items())
    title = name or f"{parent.name} from {branch.step}{', ' if said else ''}{said}"
    trainer = _trainer(parent, without)
    _restore(trainer, parent, saved, before=branch.step)
    run = store.create(parent.config, title, branch.plain(), parent.born())
    try:
        run.inherit(parent, saved.point)
    except OSError as error:
        raise BadInput(f"{run.folder}: {parent.id} cannot be copied ({error})") from error
    trainer.store_in(run)
    events = _leave(trainer, beginning.introduced(trainer.run(), run), branch, run.id)
    return Continuation(run, trainer, run.record(events))


def _trainer(run: Run, without: Collection[str]) -> Trainer:
    agent = beginning.kept(run)
    try:
        trainer = Trainer(run.config, without=without)
        trainer.store_in(run)
        if agent is not None:
            beginning.take_over(trainer.state.agent, agent)
    except ValueError as error:
        raise BadInput(str(error)) from error
    return trainer


def _restore(trainer: Trainer, run: Run, saved: Saved, before: int | None = None) -> None:
    notes = list(saved.notes)
    state: Checkpoint | None = None if saved.plain is None else join(saved.plain, saved.arrays)
    made, here = run.meta.get("versions", {}).get("torch"), metadata.version("torch")
    exact = state is not None or made == here
    if not exact:
        notes.append(f"made with torch {made}, goes on with torch {here}")
    again = repeats(run.replay(saved.point.sequence), before)
    try:
        trainer.resume(state, again, "; ".join(notes), exact)
    except ValueError as error:
        raise BadInput(f"run {run.id}: {error}") from error


def _leave(trainer: Trainer, events: Generator[Event], branch: Branch, name: str) -> Generator[Event]:
    """Pass events on; at the branch's step, ask for what is to be different."""
    left = False
    try:
        for event in events:
            if not left and event.step >= branch.step:
                left = True
                for command in _asked(trainer, branch, name):
                    trainer.commands.put(command)
            yield event
    finally:
        events.close()


def _asked(trainer: Trainer, branch: Branch, name: str) -> list[Command]:
    asked: list[Command] = []
    if branch.stages is not None:
        plan = trainer.state.plan
        lived = (*plan.history, *((plan.running,) if plan.running else ()))
        past = {stage.id for stage in lived}
        future = tuple(stage for stage in branch.stages if stage.id not in past)
        asked.append(EditCurriculum(id=f"branch {name}", stages=(*lived, *future)))
    if branch.changes or not asked:
        asked.append(Configure(id=f"branch {name}", changes=dict(branch.changes)))
    return asked


def _has_left(run: Run) -> bool:
    """Tell whether a run has been asked already for what its branch wants."""
    told = (event for event in run.replay() if isinstance(event, CommandApplied))
    return any(event.command.id == f"branch {run.id}" for event in told)


def _check(parent: Run, branch: Branch) -> None:
    lived = parent.story().step
    if not 0 <= branch.step <= lived:
        raise BadInput(f"--at {branch.step}: run {parent.id} has steps 0 to {lived}")
    for path in branch.changes:
        table = path.split(".")[0]
        if table not in LIVE_TABLES:
            raise BadInput(f"{path!r} can't change in the middle of a run{suggestion(table, LIVE_TABLES)}")
    config_file.changed(parent.config, branch.changes)
