"""A run, told as a stream of events.

`Trainer.run` is a generator. Whoever iterates it sets the pace: the command line prints
the events, a thread forwards them to a window, a test collects them in a list. Not
asking for the next event pauses the run; closing the generator ends it.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any, Literal

import torch
from pydantic import ValidationError

from agents.agent import Arrays, Snapshot
from agents.commands import (
    LIVE_TABLES,
    Command,
    Configure,
    EditCurriculum,
    EraseMemories,
    EvaluateNow,
    Pause,
    PinMemories,
    Resume,
    SingleStep,
    Stop,
)
from agents.config import RunConfig
from agents.events import (
    CheckpointSaved,
    CommandApplied,
    CommandRefused,
    Event,
    Fault,
    Progress,
    Resumed,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    TasksChanged,
    Updated,
)
from agents.explain import explain
from agents.mailbox import Mailbox
from agents.meta_stage import MetaStage
from agents.plan import Refused
from agents.repeats import Repeat, counts
from agents.resumption import MISFITS, Occasion, check, differences, misfit, origin
from agents.run_state import RunState
from agents.state_tree import State, split, uncollected
from agents.task_stage import TaskStage, examine
from envs.curriculum import Stage

Keep = Callable[[int, Arrays, dict[str, Any]], str]
"""Store weights of this step; return the name they can be found under."""
Save = Callable[[int, Arrays, Any], str]
"""Store everything that `resume` needs, split into arrays and JSON data; return its name."""

STAGES: Mapping[str, type[TaskStage] | type[MetaStage]] = {"task": TaskStage, "meta": MetaStage}
KEPT = 100
"""Copies of the weights that are kept over a run, at least."""


class Trainer:
    """Walks one agent through a curriculum.

    Raises ValueError, before anything is learned, if the curriculum can't be lived.
    """

    def __init__(self, config: RunConfig, *, keep: Keep | None = None, save: Save | None = None) -> None:
        if not config.stages:
            raise ValueError("the curriculum has no stages; add one")
        self.state = RunState(config)
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.snapshots: Mailbox[Snapshot] = Mailbox()
        """The newest weights, for whoever watches."""
        self.keep, self.save = keep, save
        self._next_keep = 0
        self._last_save = 0
        self._told = 0
        """Events that every retelling of the run would tell, since it began or was resumed."""
        self._repeats: deque[Repeat] = deque()
        self._paused = self._stopped = False
        self._stepping = False
        """While paused: a single step was asked for and is not done yet."""
        self._stage: TaskStage | MetaStage | None = None
        """The stage that is being lived."""
        self._restored: State | None = None
        """What the running stage needs to go on."""
        self._is_restored = False
        self._resumed: Resumed | None = None

    def saved(self, occasion: Occasion = "interval") -> State:
        """Return everything that `resume` needs; to be asked right after an `Updated` or a `StageFinished`.

        A stage that learns to learn can't be saved in its middle, and begins anew when it is
        resumed. So do the episodes of a world that can't be saved.
        """
        stage = self._stage.saved() if isinstance(self._stage, TaskStage) else None
        made = origin(self.state.agent.device)
        return {"occasion": occasion, "origin": made, "run": self.state.state(), "stage": stage}

    def resume(self, saved: State | None, repeats: Iterable[Repeat] = (), note: str = "", exact: bool = True) -> None:
        """Go on where `saved` was taken, as if nothing had happened in between; call it before `run`.

        None stands for the very beginning. `repeats` are given again at their moments, and
        `note` is passed on. Raises ValueError if `saved` belongs to another kind of run.
        """
        notes = [note] if note else []
        if saved is not None:
            odd = self._restore(saved)
            notes, exact = notes + odd, exact and not odd
        self._repeats.extend(repeats)
        self._last_save = self.state.step
        self._resumed = Resumed(step=self.state.step, exact=exact, note="; ".join(notes))

    def _restore(self, saved: State) -> list[str]:
        """Take over a state; return why going on from it can't be exact."""
        check(saved, self.state.agent.policy.state_dict())
        try:
            self.state.restore(saved["run"])
            self._restored, self._is_restored = saved["stage"], True
            return differences(saved, origin(self.state.agent.device))
        except MISFITS as error:
            raise ValueError(misfit(error)) from error

    def run(self) -> Generator[Event]:
        """Yield everything that happens, until the stages run out or the run is stopped."""
        if self.state.agent.device.type == "cpu":
            torch.set_num_threads(1)  # a small model is ten times slower on two threads
        life = self._live()
        try:
            for event in life:
                yield self._timed(event)
                for answer in self._around(event):
                    yield self._timed(answer)
                if self._stopped:
                    break
        finally:
            life.close()
        yield from map(self._timed, self._end())

    def _live(self) -> Generator[Event]:
        state = self.state
        running, index = state.plan.running, len(state.plan.history)
        if self._resumed is not None:
            yield self._resumed
        if not self._is_restored:
            yield RunStarted(step=0, config=state.config, agent=state.agent.about())
            yield TasksChanged(step=0, tasks=state.tasks)
            yield from examine(state, -1, final=True)
        elif running is not None:  # also if a command has just cut it: it must end in good order
            yield from self._live_stage(running, index)
        while (stage := state.plan.begin()) is not None:
            index = len(state.plan.history)
            yield StageStarted(step=state.step, index=index, column=state.column(stage), stage=stage)
            yield from self._live_stage(stage, index)

    def _live_stage(self, stage: Stage, index: int) -> Generator[Event]:
        state = self.state
        reason: Literal["budget", "gate", "cut", "fault"] = "fault"
        try:
            state.agent.adopt(state.strategy_config(stage), None)
            self._stage = self._begun(stage, index)
            reason = yield from self._stage.live()
            yield from examine(state, index, final=True)
        except Exception as error:  # noqa: BLE001  worlds are anybody's code: one that fails ends its stage, not the run
            arguments = {"task": stage.column.title, "error": f"{type(error).__name__}: {error}"}
            message, detail = "{task} was set aside: {error}", traceback.format_exc()
            yield Fault(step=state.step, index=index, message=message, arguments=arguments, detail=detail)
        self._stage = None
        state.plan.finish()
        yield StageFinished(step=state.step, index=index, reason=reason)

    def _begun(self, stage: Stage, index: int) -> TaskStage | MetaStage:
        saved, self._restored = self._restored, None
        lived = STAGES[stage.kind](self.state, stage, index)
        if saved is not None and isinstance(lived, TaskStage):
            lived.resume(saved)
        return lived

    def _end(self) -> Generator[Event]:
        if self.state.plan.running is not None:
            index = len(self.state.plan.history)
            self.state.plan.finish()
            yield StageFinished(step=self.state.step, index=index, reason="stopped")
        yield from self._store(force=True)
        yield RunFinished(step=self.state.step, reason="stopped" if self._stopped else "done")

    def _around(self, event: Event) -> Generator[Event]:
        """Do what is due after an event: hand out weights, store them, obey commands."""
        if isinstance(event, Updated | StageStarted | StageFinished):
            if self.snapshots.is_empty:
                self.snapshots.put(self.state.agent.snapshot(self.state.step))
            yield from self._store(force=isinstance(event, StageFinished))
        if isinstance(event, Updated | StageFinished):
            yield from self._save_if_due(event)
        if isinstance(event, Progress):
            self.state.tick += 1
            if event.phase in ("acting", "adapting"):
                self._stepping = False
        yield from self._listen()
        if self._stopped and isinstance(event, Updated):
            yield from self._save("stop")

    def _store(self, *, force: bool) -> Generator[Event]:
        if self.keep is None or not (force or self.state.step >= self._next_keep):
            return
        total = sum(stage.steps for stage in self.state.plan.stages)
        self._next_keep = self.state.step + total // KEPT
        snapshot = self.state.agent.snapshot(self.state.step)
        yield CheckpointSaved(step=self.state.step, name=self.keep(snapshot.step, snapshot.arrays, snapshot.about))

    def _save_if_due(self, event: Updated | StageFinished) -> Generator[Event]:
        every = self.state.config.checkpoint.every
        if isinstance(event, StageFinished):
            yield from self._save("stage")
        elif isinstance(self._stage, TaskStage) and every and self.state.step >= self._last_save + every:
            yield from self._save("interval")

    def _save(self, occasion: Occasion) -> Generator[Event]:
        """Store everything; a full disk, or a world that tells no JSON data, costs the checkpoint and not the run."""
        is_between = isinstance(self._stage, MetaStage) or (self._stage and not self._stage.goes_on)
        if self.save is None or is_between:
            return
        self._last_save = self.state.step
        try:
            with uncollected():
                plain, arrays = split(self.saved(occasion))
                self.save(self.state.step, arrays, plain)
        except (OSError, TypeError, ValueError) as error:
            message, arguments = "The checkpoint could not be written: {error}", {"error": str(error)}
            yield Fault(step=self.state.step, index=len(self.state.plan.history), message=message, arguments=arguments)

    def _listen(self) -> Generator[Event]:
        """Obey what was asked meanwhile; while paused, wait here for more."""
        while not self._stopped:
            if self._repeats and (self.state.tick, self._told) >= (self._repeats[0].tick, self._repeats[0].place):
                yield from self._obey(self._repeats.popleft().command)
                continue
            try:
                command = self.commands.get_nowait()
            except Empty:
                if not self._paused or self._stepping:
                    return
                with self.state.clock.stopped():
                    command = self.commands.get()
            yield from self._obey(command)

    def _obey(self, command: Command) -> Generator[Event]:
        try:
            consequences = list(self._apply(command))
        except Refused as error:
            yield CommandRefused(step=self.state.step, command=command, reason=error.reason, arguments=error.arguments)
            return
        yield CommandApplied(step=self.state.step, command=command, tick=self.state.tick)
        yield from consequences

    def _apply(self, command: Command) -> Generator[Event]:
        match command:
            case Pause() | Resume() | SingleStep() | Stop():
                self._stopped = isinstance(command, Stop)
                self._paused = isinstance(command, Pause | SingleStep)
                self._stepping = isinstance(command, SingleStep)
            case EditCurriculum(stages=stages):
                yield from self._edit(stages)
            case Configure(changes=changes):
                self._configure(changes)
            case EraseMemories(ids=ids):
                yield self.state.agent.memory.erase(ids, self.state.step)
            case PinMemories(ids=ids, pinned=pinned):
                yield self.state.agent.memory.pin(ids, pinned, self.state.step)
            case EvaluateNow():
                yield from examine(self.state, len(self.state.plan.history), final=False)

    def _edit(self, stages: tuple[Stage, ...]) -> Generator[Event]:
        plan = self.state.plan.edited(stages)
        try:
            is_new = self.state.meet(stages)
        except ValueError as error:
            raise Refused("{error}", error=str(error)) from None
        self.state.plan = plan
        if is_new:
            yield TasksChanged(step=self.state.step, tasks=self.state.tasks)

    def _configure(self, changes: dict[str, Any]) -> None:
        for path in changes:
            if path.split(".")[0] not in LIVE_TABLES:
                raise Refused("{setting} can't change while a run goes on.", setting=path)
        try:
            self.state.configure(self.state.config.changed(changes))
        except ValidationError as error:
            raise Refused("{error}", error=explain(error)) from None
        except ValueError as error:
            raise Refused("{error}", error=str(error)) from None

    def _timed(self, event: Event) -> Event:
        self._told += counts(event)
        return replace(event, seconds=self.state.clock.now())
