"""The plan of a run: finished, current and upcoming stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agents.store.checkpoint_contents import PlanState
from envs.curriculum import Stage


class Refused(ValueError):
    """An edit that the past does not allow: `reason.format(**arguments)`."""

    def __init__(self, reason: str, **arguments: Any) -> None:
        super().__init__(reason.format(**arguments))
        self.reason = reason
        self.arguments: Mapping[str, Any] = arguments


class StagePlan:
    """Stages that may be edited while they are lived, except those that are over."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        self.history: tuple[Stage, ...] = ()
        self.running: Stage | None = None
        self.upcoming: tuple[Stage, ...] = tuple(stages)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The whole plan, in order."""
        return self.history + ((self.running,) if self.running else ()) + self.upcoming

    def begin(self) -> Stage | None:
        """Start the next stage and return it; None if there is no more."""
        self.running, self.upcoming = (self.upcoming[0], self.upcoming[1:]) if self.upcoming else (None, ())
        return self.running

    def finish(self) -> None:
        """Put the running stage, if any, into the past."""
        if self.running is not None:
            self.history, self.running = (*self.history, self.running), None

    def state(self) -> PlanState:
        """Return the past, the present and the future."""
        running = None if self.running is None else self.running.model_dump()
        return {
            "history": [stage.model_dump() for stage in self.history],
            "running": running,
            "upcoming": [stage.model_dump() for stage in self.upcoming],
        }

    def restore(self, state: PlanState) -> None:
        """Continue where `state` was taken."""
        self.history = tuple(Stage(**stage) for stage in state["history"])
        self.running = None if state["running"] is None else Stage(**state["running"])
        self.upcoming = tuple(Stage(**stage) for stage in state["upcoming"])

    def is_running(self, stage: Stage) -> bool:
        """Tell whether `stage` is still the one being lived, however it was edited."""
        return self.running is not None and self.running.id == stage.id

    def edited(self, stages: tuple[Stage, ...]) -> StagePlan:
        """Return the plan with another future. Leaving out the running stage ends it here.

        Raises Refused if a stage that is over was changed, moved or removed, or if the
        running one was given another task: that is a new stage.
        """
        past = len(self.history)
        if [stage.id for stage in stages[:past]] != [stage.id for stage in self.history]:
            raise Refused("The first {count} stages are over and can't be changed.", count=past)
        new, rest = StagePlan(stages[past:]), stages[past:]
        new.history = self.history
        if self.running is None:
            return new
        if rest and rest[0].id == self.running.id:
            kept, running = rest[0].configured_task, self.running.configured_task
            if (rest[0].kind, kept.identity) != (self.running.kind, running.identity):
                raise Refused("Stage {title} is running; swap it for a new stage.", title=rest[0].configured_task.title)
            new.begin()
        elif any(stage.id == self.running.id for stage in rest):
            raise Refused("Stage {title} is running and can't be moved.", title=self.running.configured_task.title)
        else:
            new.history = (*self.history, self.running)
        return new
