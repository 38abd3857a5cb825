"""The branch of a fork: the step at which it leaves its parent, and its changes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.commands import LIVE_TABLES, Command, Configure, EditCurriculum
from agents.config import config_file
from agents.errors import BadInput
from agents.events import CommandApplied, Event
from agents.store.run import Run
from agents.training.trainer import Trainer
from envs.curriculum import Stage
from envs.task import suggestion


@dataclass(frozen=True, slots=True)
class RunBranch:
    """The parent and step that a fork branches off at, and its changes of settings and stages."""

    run: str
    """Id of the parent."""
    step: int
    changes: Mapping[str, Any]
    stages: tuple[Stage, ...] | None = None
    """Stages that replace the parent's upcoming ones; None: the parent's."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        stages = None if self.stages is None else [stage.model_dump() for stage in self.stages]
        return {"run": self.run, "step": self.step, "changes": dict(self.changes), "stages": stages}

    @classmethod
    def of(cls, run: Run) -> RunBranch | None:
        """Return the branch of `run`; None if it has no parent. Raises `BadInput` if it can't be read."""
        data = run.meta.get("parent")
        if data is None:
            return None
        try:
            stages = None if data["stages"] is None else tuple(Stage(**stage) for stage in data["stages"])
            return cls(str(data["run"]), int(data["step"]), dict(data["changes"]), stages)
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"{run.folder / 'meta.json'}: parent cannot be read ({error})") from error

    def title(self, parent: Run) -> str:
        """Return the default name of the fork."""
        changes = ", ".join(f"{path}={value}" for path, value in self.changes.items())
        return f"{parent.name} from {self.step}{', ' if changes else ''}{changes}"

    def check(self, parent: Run) -> None:
        """Raise `BadInput` if `parent` has not reached the step, or if the changes are invalid."""
        reached = parent.story().step
        if not 0 <= self.step <= reached:
            raise BadInput(f"--at {self.step}: run {parent.id} has steps 0 to {reached}")
        for path in self.changes:
            table = path.split(".")[0]
            if table not in LIVE_TABLES:
                raise BadInput(f"{path!r} can't change in the middle of a run{suggestion(table, LIVE_TABLES)}")
        config_file.changed(parent.config, self.changes)

    def is_applied(self, run: Run) -> bool:
        """Return whether the changes have been applied to the fork."""
        applied = (event for event in run.replay() if isinstance(event, CommandApplied))
        return any(event.command.id == f"branch {run.id}" for event in applied)

    def applied(self, events: Generator[Event], trainer: Trainer, name: str) -> Generator[Event]:
        """Pass events on, and send the trainer the commands for the changes at the branch's step."""
        is_sent = False
        try:
            for event in events:
                if not is_sent and event.step >= self.step:
                    is_sent = True
                    for command in self._commands(trainer, name):
                        trainer.commands.put(command)
                yield event
        finally:
            events.close()

    def _commands(self, trainer: Trainer, name: str) -> list[Command]:
        commands: list[Command] = []
        if self.stages is not None:
            plan = trainer.state.plan
            started = (*plan.history, *((plan.running,) if plan.running else ()))
            ids = {stage.id for stage in started}
            upcoming = tuple(stage for stage in self.stages if stage.id not in ids)
            commands.append(EditCurriculum(id=f"branch {name}", stages=(*started, *upcoming)))
        if self.changes or not commands:
            commands.append(Configure(id=f"branch {name}", changes=dict(self.changes)))
        return commands
