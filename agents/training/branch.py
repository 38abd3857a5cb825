"""Where a fork leaves its parent, and what is different from then on."""

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
    def of(cls, run: Run) -> RunBranch | None:
        """Return how `run` left its parent, if it has one. Raises `BadInput` if that can't be read."""
        kept = run.meta.get("parent")
        if kept is None:
            return None
        try:
            stages = None if kept["stages"] is None else tuple(Stage(**stage) for stage in kept["stages"])
            return cls(str(kept["run"]), int(kept["step"]), dict(kept["changes"]), stages)
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"{run.folder / 'meta.json'}: parent cannot be read ({error})") from error

    def title(self, parent: Run) -> str:
        """Return what a fork is called unless a person names it."""
        said = ", ".join(f"{path}={value}" for path, value in self.changes.items())
        return f"{parent.name} from {self.step}{', ' if said else ''}{said}"

    def check(self, parent: Run) -> None:
        """Raise `BadInput` if `parent` was not there yet, or if it can't be changed so."""
        reached = parent.story().step
        if not 0 <= self.step <= reached:
            raise BadInput(f"--at {self.step}: run {parent.id} has steps 0 to {reached}")
        for path in self.changes:
            table = path.split(".")[0]
            if table not in LIVE_TABLES:
                raise BadInput(f"{path!r} can't change in the middle of a run{suggestion(table, LIVE_TABLES)}")
        config_file.changed(parent.config, self.changes)

    def was_left(self, run: Run) -> bool:
        """Tell whether a fork has been asked already for what is to be different."""
        told = (event for event in run.replay() if isinstance(event, CommandApplied))
        return any(event.command.id == f"branch {run.id}" for event in told)

    def left(self, events: Generator[Event], trainer: Trainer, name: str) -> Generator[Event]:
        """Pass events on; at the branch's step, ask the trainer for what is to be different."""
        is_left = False
        try:
            for event in events:
                if not is_left and event.step >= self.step:
                    is_left = True
                    for command in self._commands(trainer, name):
                        trainer.commands.put(command)
                yield event
        finally:
            events.close()

    def _commands(self, trainer: Trainer, name: str) -> list[Command]:
        asked: list[Command] = []
        if self.stages is not None:
            plan = trainer.state.plan
            begun = (*plan.history, *((plan.running,) if plan.running else ()))
            past = {stage.id for stage in begun}
            future = tuple(stage for stage in self.stages if stage.id not in past)
            asked.append(EditCurriculum(id=f"branch {name}", stages=(*begun, *future)))
        if self.changes or not asked:
            asked.append(Configure(id=f"branch {name}", changes=dict(self.changes)))
        return asked
