"""The training loop, as a generator of events.

`Trainer.run` is a generator. Whoever iterates it sets the pace: the command line prints
the events, a thread forwards them to a window, a test collects them in a list. Not
asking for the next event pauses the run; closing the generator ends it.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import Literal

import torch

from agents.agent import Snapshot
from agents.commands import Command, Pause, SingleStep, Stop
from agents.config import RunConfig
from agents.errors import ENV_ERRORS, error_text
from agents.events import (
    ATTEMPTS,
    CommandApplied,
    CommandRefused,
    Evaluated,
    Event,
    Fault,
    Progress,
    Resumed,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    StorageFault,
    TasksChanged,
    Updated,
)
from agents.runtime.heap_trim import HeapTrimmer
from agents.runtime.mailbox import Mailbox
from agents.runtime.stall import Heartbeat
from agents.state_tree import join
from agents.store import Storage
from agents.store.checkpoint_contents import Checkpoint, Occasion, Origin, StageState
from agents.training.checkpoint_compatibility import MISFITS, check, differences, incompatible_checkpoint, origin
from agents.training.checkpointing import Checkpointer, Keep, Save, Write
from agents.training.command_handlers import apply_command
from agents.training.command_replay import PACE, RecordedCommand, counts
from agents.training.context_check import first_cut
from agents.training.cpu_threads import threads_for
from agents.training.meta_stage import MetaStage
from agents.training.plan import Refused
from agents.training.rollback import RestorePoint, restore_point, roll_back
from agents.training.run_state import RunState
from agents.training.task_stage import TaskStage, evaluate_all
from agents.training.world_faults import WorldWarnings, unusable_worlds
from envs.curriculum import Stage

STAGES: Mapping[str, type[TaskStage] | type[MetaStage]] = {"task": TaskStage, "meta": MetaStage}


class Trainer:
    """Walks one agent through a curriculum, `without` the worlds of these Gymnasium ids.

    Raises ValueError, before anything is learned, if the curriculum can't be lived.
    """

    def __init__(
        self, config: RunConfig, *, keep: Keep | None = None, save: Save | None = None, without: Collection[str] = ()
    ) -> None:
        if not config.stages:
            raise ValueError("the curriculum has no stages; add one")
        self._remarks = WorldWarnings()  # before any world is made
        self.state = RunState(config, without)
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.snapshots: Mailbox[Snapshot] = Mailbox()
        """The newest weights, for whoever watches."""
        self.heartbeat = Heartbeat()
        """Whether the run still takes steps, for whoever waits for them."""
        self._spare = HeapTrimmer()
        self._checkpointer = Checkpointer(self.state, keep, save)
        self._told = 0
        """Events that every retelling of the run would tell, since it began or was resumed."""
        self._repeats: deque[RecordedCommand] = deque()
        self._is_consolidating = False
        self._waiting: deque[Command] = deque()
        """What was asked for while the agent consolidated."""
        self._paused = self._stopped = False
        self._stepping = False
        """While paused: a single step was asked for and is not done yet."""
        self._stage: TaskStage | MetaStage | None = None
        """The stage that is being lived."""
        self._restored: StageState | None = None
        """What the running stage needs to go on."""
        self._is_restored = False
        self._resumed: Resumed | None = None

    def store_in(self, storage: Storage) -> None:
        """Store everything there from now on, go back to it after a fault, and wait while it can't be written."""
        self._checkpointer.store_in(storage)

    def saved(self, occasion: Occasion = "interval") -> Checkpoint:
        """Return everything that `resume` needs; to be asked right after an `Updated` or a `StageFinished`.

        A stage that learns to learn can't be saved in its middle, and begins anew when it is
        resumed. So do the episodes of a world that can't be saved.
        """
        stage = self._stage.saved() if isinstance(self._stage, TaskStage) else None
        return {"occasion": occasion, "origin": self._origin(), "run": self.state.state(), "stage": stage}

    def resume(
        self, saved: Checkpoint | None, repeats: Iterable[RecordedCommand] = (), note: str = "", exact: bool = True
    ) -> None:
        """Go on where `saved` was taken, as if nothing had happened in between; call it before `run`.

        None stands for the very beginning. `repeats` are given again at their moments, and
        `note` is passed on. Raises ValueError if `saved` belongs to another kind of run.
        """
        notes = [note] if note else []
        if saved is not None:
            odd = self._restore(saved)
            notes, exact = notes + odd, exact and not odd
        self._repeats.extend(repeats)
        self._checkpointer.restart()
        self._resumed = Resumed(step=self.state.step, exact=exact, note="; ".join(notes))

    def _restore(self, saved: Checkpoint) -> list[str]:
        """Take over a state; return why going on from it can't be exact."""
        check(saved, self.state.agent.policy.state_dict())
        try:
            self.state.restore(saved["run"])
            self._restored, self._is_restored = saved["stage"], True
            return differences(saved, self._origin())
        except MISFITS as error:
            raise ValueError(incompatible_checkpoint(error)) from error

    def _origin(self) -> Origin:
        agent = self.state.agent
        return origin(agent.device, threads_for(agent.policy), agent.policy.template)

    def run(self) -> Generator[Event]:
        """Yield everything that happens, until the stages run out or the run is stopped."""
        if self.state.agent.device.type == "cpu":
            torch.set_num_threads(threads_for(self.state.agent.policy))
        self.heartbeat.beat()
        for event in self._lived():
            event = self._timed(event)
            self.heartbeat.rest()
            yield event
            self.heartbeat.beat()
        self.heartbeat.rest()

    def _lived(self) -> Generator[Event]:
        life = self._live()
        try:
            for event in life:
                yield event
                yield from self._remarks.new(event.step)
                yield from self._around(event)
                if self._stopped:
                    break
        finally:
            life.close()
        yield from self._end()

    def _live(self) -> Generator[Event]:
        state = self.state
        running, index = state.plan.running, len(state.plan.history)
        if self._resumed is not None:
            yield self._resumed
        if not self._is_restored:
            yield RunStarted(step=0, config=state.config, agent=state.agent.about())
            yield TasksChanged(step=0, tasks=state.tasks)
            yield from unusable_worlds(state)
            yield from evaluate_all(state, -1, final=True)
        elif running is not None:  # also if a command has just cut it: it must end in good order
            yield from self._live_stage(running, index)
        while (stage := state.plan.begin()) is not None:
            index = len(state.plan.history)
            yield StageStarted(step=state.step, index=index, task_id=state.task_id(stage), stage=stage)
            yield from self._live_stage(stage, index)

    def _live_stage(self, stage: Stage, index: int) -> Generator[Event]:
        state = self.state
        reason: Literal["budget", "gate", "cut", "fault"] | None = None
        while reason is None:
            try:
                state.add_failed_task(stage)
                state.agent.use_strategy(state.strategy_config(stage), None)
                self._stage = self._begun(stage, index)
                reason = yield from self._stage.run()
                yield from evaluate_all(state, index, final=True)
            except ENV_ERRORS as error:  # worlds are anybody's code: one that fails ends its stage, not the run
                reason = yield from self._failed(stage, index, error_text(error))
        self._stage = None
        state.plan.finish()
        state.attempts = 0
        yield StageFinished(step=state.step, index=index, reason=reason)

    def _failed(self, stage: Stage, index: int, error: str) -> Generator[Event, None, Literal["fault"] | None]:
        """Go back to what was saved; return why the stage is over, unless it is tried once more."""
        place, detail = self._restore_point(index), traceback.format_exc()
        self.state.attempts += 1
        is_over = place is None or self.state.attempts >= ATTEMPTS or self.state.has_failed(stage.configured_task)
        message = "{task} was set aside: {error}" if is_over else "{task} failed and is tried again: {error}"
        arguments = {"task": stage.configured_task.title, "error": error}
        yield Fault(step=self.state.step, index=index, message=message, arguments=arguments, detail=detail)
        if place is not None:
            yield from roll_back(self.state, index, place)
            self._restored = None if place.stage is None else {**place.stage, "worlds": None}
        return "fault" if is_over else None

    def _restore_point(self, index: int) -> RestorePoint | None:
        """Return where stage number `index` can be taken back to."""
        if self._checkpointer.storage is None:
            return None
        try:
            saved = self._checkpointer.storage.saved()
        except (OSError, ValueError):  # then it is as if nothing had been saved
            return None
        return None if saved.plain is None else restore_point(join(saved.plain, saved.arrays), index, self.state)

    def _begun(self, stage: Stage, index: int) -> TaskStage | MetaStage:
        saved, self._restored = self._restored, None
        is_lived_on = saved is not None and saved["worlds"] is not None
        self.heartbeat.task = stage.configured_task.title
        with self.state.agent.unimpressed() if is_lived_on else nullcontext():
            lived = STAGES[stage.kind](self.state, stage, index)
            if saved is not None and isinstance(lived, TaskStage):
                lived.resume(saved)
        return lived

    def _end(self) -> Generator[Event]:
        if self.state.plan.running is not None:
            self.state.plan.finish()
            yield StageFinished(step=self.state.step, index=len(self.state.plan.history) - 1, reason="stopped")
        stopped = StageFinished(step=self.state.step, index=-1, reason="stopped")
        yield from self._written(self._checkpointer.weights(stopped))
        yield RunFinished(step=self.state.step, reason="stopped" if self._stopped else "done")

    def _around(self, event: Event) -> Generator[Event]:
        """Do what is due after an event: hand out weights, store them, obey commands."""
        if isinstance(event, Updated | StageStarted | StageFinished) and self.snapshots.is_empty:
            self.snapshots.put(self.state.agent.snapshot(self.state.step))
        if isinstance(event, Updated | Evaluated):
            yield from first_cut(self.state)
        yield from self._written(self._checkpointer.weights(event))
        if (occasion := self._checkpointer.occasion(event)) is not None:
            yield from self._save(occasion)
        elif isinstance(event, Updated) and self._is_between:
            self._checkpointer.note(partial(self.saved, "stop"), at_once=not self.commands.empty())
        if isinstance(event, Updated):
            self._spare.tidy()
        self._is_consolidating = isinstance(event, Progress) and event.phase == "consolidating"
        if isinstance(event, Progress):
            self.state.tick += not self._is_consolidating
            self.heartbeat.phase = event.phase
            if event.phase in ("acting", "adapting"):
                self._stepping = False
        yield from self._written(self._checkpointer.events())
        yield from self._listen()

    @property
    def _is_between(self) -> bool:
        """Whether all that matters is in the state right after an update or a stage's end."""
        return self._stage is None or (isinstance(self._stage, TaskStage) and self._stage.progress.goes_on)

    def _save(self, occasion: Occasion) -> Generator[Event]:
        """Store everything, unless this is not between two updates of a stage."""
        if self._is_between:
            yield from self._written(self._checkpointer.everything(partial(self.saved, occasion)))

    def _written(self, writes: Iterable[Write]) -> Generator[Event]:
        """Write; where the disk is full, say so, and wait until a person has made room and resumes the run.

        A world that tells no JSON data costs the checkpoint and not the run.
        """
        for write in writes:
            while (error := (yield from self._tried(write))) is not None:
                kind = StorageFault if isinstance(error, OSError) else Fault
                index, arguments = len(self.state.plan.history), {"error": str(error)}
                yield kind(step=self.state.step, index=index, message=write.failure, arguments=arguments)
                if kind is Fault or self._checkpointer.storage is None or self._stopped:
                    return
                yield from self._obey(Pause())
                yield from self._listen()
                if self._stopped or self._stepping:
                    return

    def _tried(self, write: Write) -> Generator[Event, None, Exception | None]:
        try:
            told = write.work()
        except (OSError, TypeError, ValueError) as error:
            return error
        if told is not None:
            yield told
        return None

    def _listen(self) -> Generator[Event]:
        """Obey what was asked meanwhile; while paused, wait here for more.

        While the agent consolidates, what asks for more than another pace waits: half of
        a task's weights are put away, and neither settings nor plan may change under them.
        """
        while not self._stopped:
            if self._waiting and not self._is_consolidating:
                yield from self._obey(self._waiting.popleft())
                continue
            if self._repeats and (self.state.tick, self._told) >= (self._repeats[0].tick, self._repeats[0].place):
                yield from self._obey(self._repeats.popleft().command)
                continue
            try:
                command = self.commands.get_nowait()
            except Empty:
                if not self._paused or self._stepping:
                    return
                self.heartbeat.rest()
                with self.state.clock.stopped():
                    command = self.commands.get()
                self.heartbeat.beat()
            if self._is_consolidating and not isinstance(command, PACE):
                self._waiting.append(command)
                continue
            yield from self._obey(command)

    def _obey(self, command: Command) -> Generator[Event]:
        try:
            consequences = list(self._apply(command))
        except Refused as error:
            yield CommandRefused(step=self.state.step, command=command, reason=error.reason, arguments=error.arguments)
            return
        yield CommandApplied(step=self.state.step, command=command, tick=self.state.tick)
        yield from consequences
        if isinstance(command, Pause | Stop):
            yield from self._written(self._checkpointer.noted())

    def _apply(self, command: Command) -> Iterable[Event]:
        if not isinstance(command, PACE):
            return apply_command(self.state, command)
        self._stopped = isinstance(command, Stop)
        self._paused = isinstance(command, Pause | SingleStep)
        self._stepping = isinstance(command, SingleStep)
        return ()

    def _timed(self, event: Event) -> Event:
        self._told += counts(event)
        return replace(event, seconds=self.state.clock.now())
