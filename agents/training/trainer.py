"""The training loop, as a generator of events.

`Trainer.run` is a generator, and its consumer sets the pace: the command line prints the
events, a thread forwards them to a window, a test collects them in a list. Not requesting
the next event pauses the run; closing the generator ends it.
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
from agents.training.checkpoint_compatibility import INVALID, check, differences, incompatible_checkpoint, origin
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
    """Trains one agent on a curriculum, without the environments of the Gymnasium ids `without`.

    Raises ValueError, before training starts, if the curriculum can't be trained.
    """

    def __init__(
        self, config: RunConfig, *, keep: Keep | None = None, save: Save | None = None, without: Collection[str] = ()
    ) -> None:
        if not config.stages:
            raise ValueError("the curriculum has no stages; add one")
        self._world_warnings = WorldWarnings()  # before any environment is created
        self.state = RunState(config, without)
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.snapshots: Mailbox[Snapshot] = Mailbox()
        """The newest weights, for the watcher's thread."""
        self.heartbeat = Heartbeat()
        """Time of the last step, to detect a stall from another thread."""
        self._heap_trimmer = HeapTrimmer()
        self._checkpointer = Checkpointer(self.state, keep, save)
        self._event_count = 0
        """Number of reproducible events (see `counts`) since the run started or was resumed."""
        self._repeats: deque[RecordedCommand] = deque()
        self._is_consolidating = False
        self._deferred: deque[Command] = deque()
        """Commands that arrived while the agent consolidated."""
        self._paused = self._stopped = False
        self._stepping = False
        """True while a single step of a paused run is not done yet."""
        self._stage: TaskStage | MetaStage | None = None
        """The running stage."""
        self._restored: StageState | None = None
        """Saved state of the running stage, until it is resumed."""
        self._is_restored = False
        self._resumed: Resumed | None = None

    def store_in(self, storage: Storage) -> None:
        """Store everything in `storage` from now on, roll back to it after a fault, and pause while writes fail."""
        self._checkpointer.store_in(storage)

    def saved(self, occasion: Occasion = "interval") -> Checkpoint:
        """Return a full checkpoint for `resume`; to be called right after an `Updated` or a `StageFinished`.

        Resuming restarts a meta stage, and the episodes of environments that can't be saved.
        """
        stage = self._stage.saved() if isinstance(self._stage, TaskStage) else None
        return {"occasion": occasion, "origin": self._origin(), "run": self.state.state(), "stage": stage}

    def resume(
        self, saved: Checkpoint | None, repeats: Iterable[RecordedCommand] = (), note: str = "", exact: bool = True
    ) -> None:
        """Restore a full checkpoint for an exact continuation; to be called before `run`.

        None stands for the start of the run. `repeats` are the commands to repeat, and `note`
        is put into `Resumed`. Raises ValueError if `saved` does not fit this run.
        """
        notes = [note] if note else []
        if saved is not None:
            reasons = self._restore(saved)
            notes, exact = notes + reasons, exact and not reasons
        self._repeats.extend(repeats)
        self._checkpointer.restart()
        self._resumed = Resumed(step=self.state.step, exact=exact, note="; ".join(notes))

    def _restore(self, saved: Checkpoint) -> list[str]:
        """Restore the state; return why continuing from it can't be exact."""
        check(saved, self.state.agent.policy.state_dict())
        try:
            self.state.restore(saved["run"])
            self._restored, self._is_restored = saved["stage"], True
            return differences(saved, self._origin())
        except INVALID as error:
            raise ValueError(incompatible_checkpoint(error)) from error

    def _origin(self) -> Origin:
        agent = self.state.agent
        return origin(agent.device, threads_for(agent.policy), agent.policy.template)

    def run(self) -> Generator[Event]:
        """Train, yielding events, until all stages are finished or the run is stopped."""
        if self.state.agent.device.type == "cpu":
            torch.set_num_threads(threads_for(self.state.agent.policy))
        self.heartbeat.beat()
        for event in self._main_loop():
            event = self._stamped(event)
            self.heartbeat.pause()
            yield event
            self.heartbeat.beat()
        self.heartbeat.pause()

    def _main_loop(self) -> Generator[Event]:
        events = self._train()
        try:
            for event in events:
                yield event
                yield from self._world_warnings.new(event.step)
                yield from self._after(event)
                if self._stopped:
                    break
        finally:
            events.close()
        yield from self._end()

    def _train(self) -> Generator[Event]:
        state = self.state
        running, index = state.plan.running, len(state.plan.history)
        if self._resumed is not None:
            yield self._resumed
        if not self._is_restored:
            yield RunStarted(step=0, config=state.config, agent=state.agent.about())
            yield TasksChanged(step=0, tasks=state.tasks)
            yield from unusable_worlds(state)
            yield from evaluate_all(state, -1, final=True)
        elif running is not None:  # even if a command has just cut it, since it must still be finished
            yield from self._train_stage(running, index)
        while (stage := state.plan.begin()) is not None:
            index = len(state.plan.history)
            yield StageStarted(step=state.step, index=index, task_id=state.task_id(stage), stage=stage)
            yield from self._train_stage(stage, index)

    def _train_stage(self, stage: Stage, index: int) -> Generator[Event]:
        state = self.state
        reason: Literal["budget", "gate", "cut", "fault"] | None = None
        while reason is None:
            try:
                state.add_failed_task(stage)
                state.agent.use_strategy(state.strategy_config(stage), None)
                self._stage = self._make_stage(stage, index)
                reason = yield from self._stage.run()
                yield from evaluate_all(state, index, final=True)
            except ENV_ERRORS as error:  # a faulty environment ends its stage, not the run
                reason = yield from self._recover(stage, index, error_text(error))
        self._stage = None
        state.plan.finish()
        state.attempts = 0
        yield StageFinished(step=state.step, index=index, reason=reason)

    def _recover(self, stage: Stage, index: int, error: str) -> Generator[Event, None, Literal["fault"] | None]:
        """Roll back after an error; return "fault" if the stage is over, None if it is tried again."""
        point, detail = self._restore_point(index), traceback.format_exc()
        self.state.attempts += 1
        is_over = point is None or self.state.attempts >= ATTEMPTS or self.state.has_failed(stage.configured_task)
        message = "{task} was set aside: {error}" if is_over else "{task} failed and is tried again: {error}"
        arguments = {"task": stage.configured_task.title, "error": error}
        yield Fault(step=self.state.step, index=index, message=message, arguments=arguments, detail=detail)
        if point is not None:
            yield from roll_back(self.state, index, point)
            self._restored = None if point.stage is None else {**point.stage, "worlds": None}
        return "fault" if is_over else None

    def _restore_point(self, index: int) -> RestorePoint | None:
        """Return the state to roll back to in stage number `index`; None if there is none."""
        if self._checkpointer.storage is None:
            return None
        try:
            saved = self._checkpointer.storage.saved()
        except (OSError, ValueError):  # unreadable checkpoints count as missing
            return None
        return None if saved.plain is None else restore_point(join(saved.plain, saved.arrays), index, self.state)

    def _make_stage(self, stage: Stage, index: int) -> TaskStage | MetaStage:
        saved, self._restored = self._restored, None
        has_worlds = saved is not None and saved["worlds"] is not None
        self.heartbeat.task = stage.configured_task.title
        with self.state.agent.discarding_knowledge_changes() if has_worlds else nullcontext():
            running = STAGES[stage.kind](self.state, stage, index)
            if saved is not None and isinstance(running, TaskStage):
                running.resume(saved)
        return running

    def _end(self) -> Generator[Event]:
        if self.state.plan.running is not None:
            self.state.plan.finish()
            yield StageFinished(step=self.state.step, index=len(self.state.plan.history) - 1, reason="stopped")
        stopped = StageFinished(step=self.state.step, index=-1, reason="stopped")
        yield from self._write_all(self._checkpointer.weights(stopped))
        yield RunFinished(step=self.state.step, reason="stopped" if self._stopped else "done")

    def _after(self, event: Event) -> Generator[Event]:
        """Publish weights, write checkpoints and apply commands, as far as due after `event`."""
        if isinstance(event, Updated | StageStarted | StageFinished) and self.snapshots.is_empty:
            self.snapshots.put(self.state.agent.snapshot(self.state.step))
        if isinstance(event, Updated | Evaluated):
            yield from first_cut(self.state)
        yield from self._write_all(self._checkpointer.weights(event))
        if (occasion := self._checkpointer.occasion(event)) is not None:
            yield from self._save(occasion)
        elif isinstance(event, Updated) and self._is_between:
            self._checkpointer.take_snapshot(partial(self.saved, "stop"), at_once=not self.commands.empty())
        if isinstance(event, Updated):
            self._heap_trimmer.tidy()
        self._is_consolidating = isinstance(event, Progress) and event.phase == "consolidating"
        if isinstance(event, Progress):
            self.state.tick += not self._is_consolidating
            self.heartbeat.phase = event.phase
            if event.phase in ("acting", "adapting"):
                self._stepping = False
        yield from self._write_all(self._checkpointer.events())
        yield from self._apply_commands()

    @property
    def _is_between(self) -> bool:
        """True if `saved` is complete right after an update or at the end of a stage."""
        return self._stage is None or (isinstance(self._stage, TaskStage) and self._stage.progress.is_running)

    def _save(self, occasion: Occasion) -> Generator[Event]:
        """Write a full checkpoint, unless the state can't be saved now."""
        if self._is_between:
            yield from self._write_all(self._checkpointer.everything(partial(self.saved, occasion)))

    def _write_all(self, writes: Iterable[Write]) -> Generator[Event]:
        """Perform writes; if the disk is full, report it and pause until the user resumes the run.

        State that is not JSON data, from an external environment, costs the checkpoint, not the run.
        """
        for write in writes:
            while (error := (yield from self._try(write))) is not None:
                kind = StorageFault if isinstance(error, OSError) else Fault
                index, arguments = len(self.state.plan.history), {"error": str(error)}
                yield kind(step=self.state.step, index=index, message=write.failure, arguments=arguments)
                if kind is Fault or self._checkpointer.storage is None or self._stopped:
                    return
                yield from self._execute(Pause())
                yield from self._apply_commands()
                if self._stopped or self._stepping:
                    return

    def _try(self, write: Write) -> Generator[Event, None, Exception | None]:
        try:
            event = write.work()
        except (OSError, TypeError, ValueError) as error:
            return error
        if event is not None:
            yield event
        return None

    def _apply_commands(self) -> Generator[Event]:
        """Apply the commands that have arrived; while paused, wait here for more.

        While the agent consolidates, commands not in `PACE` are deferred: settings and plan must
        not change while only a part of a task's weights is stored.
        """
        while not self._stopped:
            if self._deferred and not self._is_consolidating:
                yield from self._execute(self._deferred.popleft())
                continue
            position = self.state.tick, self._event_count
            if self._repeats and position >= (self._repeats[0].tick, self._repeats[0].event_count):
                yield from self._execute(self._repeats.popleft().command)
                continue
            try:
                command = self.commands.get_nowait()
            except Empty:
                if not self._paused or self._stepping:
                    return
                self.heartbeat.pause()
                with self.state.clock.stopped():
                    command = self.commands.get()
                self.heartbeat.beat()
            if self._is_consolidating and not isinstance(command, PACE):
                self._deferred.append(command)
                continue
            yield from self._execute(command)

    def _execute(self, command: Command) -> Generator[Event]:
        try:
            results = list(self._apply(command))
        except Refused as error:
            yield CommandRefused(step=self.state.step, command=command, reason=error.reason, arguments=error.arguments)
            return
        yield CommandApplied(step=self.state.step, command=command, tick=self.state.tick)
        yield from results
        if isinstance(command, Pause | Stop):
            yield from self._write_all(self._checkpointer.snapshot())

    def _apply(self, command: Command) -> Iterable[Event]:
        if not isinstance(command, PACE):
            return apply_command(self.state, command)
        self._stopped = isinstance(command, Stop)
        self._paused = isinstance(command, Pause | SingleStep)
        self._stepping = isinstance(command, SingleStep)
        return ()

    def _stamped(self, event: Event) -> Event:
        self._event_count += counts(event)
        return replace(event, seconds=self.state.clock.now())
