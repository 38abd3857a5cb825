"""The plan of a run: finished, current and upcoming stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agents.store.checkpoint_contents import PlanState
from envs.curriculum import Stage


class Refused(ValueError):
    """A command that can't be applied: `reason.format(**arguments)`."""

    def __init__(self, reason: str, **arguments: Any) -> None:
        super().__init__(reason.format(**arguments))
        self.reason = reason
        self.arguments: Mapping[str, Any] = arguments


class StagePlan:
    """The stages of a run, of which all but the finished ones may be edited during training."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        self.history: tuple[Stage, ...] = ()
        self.running: Stage | None = None
        self.upcoming: tuple[Stage, ...] = tuple(stages)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The whole plan, in order."""
        return self.history + ((self.running,) if self.running else ()) + self.upcoming

    def begin(self) -> Stage | None:
        """Start the next stage and return it; None if there is none."""
        self.running, self.upcoming = (self.upcoming[0], self.upcoming[1:]) if self.upcoming else (None, ())
        return self.running

    def finish(self) -> None:
        """Move the running stage, if any, to the finished ones."""
        if self.running is not None:
            self.history, self.running = (*self.history, self.running), None

    def state(self) -> PlanState:
        """Return the finished, running and upcoming stages as JSON data."""
        running = None if self.running is None else self.running.model_dump()
        return {
            "history": [stage.model_dump() for stage in self.history],
            "running": running,
            "upcoming": [stage.model_dump() for stage in self.upcoming],
        }

    def restore(self, state: PlanState) -> None:
        """Restore the plan that `state` returned."""
        self.history = tuple(Stage(**stage) for stage in state["history"])
        self.running = None if state["running"] is None else Stage(**state["running"])
        self.upcoming = tuple(Stage(**stage) for stage in state["upcoming"])

    def is_running(self, stage: Stage) -> bool:
        """Return whether `stage` is still the running one, even if it was edited."""
        return self.running is not None and self.running.id == stage.id

    def edited(self, stages: tuple[Stage, ...]) -> StagePlan:
        """Return the plan with its stages replaced. Omitting the running stage ends it.

        Raises Refused if a finished stage was changed, moved or removed, or if the running one
        was moved or given another task.
        """
        past = len(self.history)
        if [stage.id for stage in stages[:past]] != [stage.id for stage in self.history]:
            raise Refused("The first {count} stages are over and can't be changed.", count=past)
        new, rest = StagePlan(stages[past:]), stages[past:]
        new.history = self.history
        if self.running is None:
            return new
        if rest and rest[0].id == self.running.id:
            edited, running = rest[0].configured_task, self.running.configured_task
            if (rest[0].kind, edited.identity) != (self.running.kind, running.identity):
                raise Refused("Stage {title} is running; swap it for a new stage.", title=edited.title)
            new.begin()
        elif any(stage.id == self.running.id for stage in rest):
            raise Refused("Stage {title} is running and can't be moved.", title=self.running.configured_task.title)
        else:
            new.history = (*self.history, self.running)
        return new
