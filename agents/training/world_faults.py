"""Report faulty environments: those that fail, and those that break what they declare."""

from __future__ import annotations

from collections.abc import Iterator

from agents.errors import error_text
from agents.events import EnvWarned, Event, Fault
from agents.training.run_state import RunState
from envs.external.checked_env import take_warnings


def unusable_worlds(state: RunState) -> Iterator[Event]:
    """Tell, before anything is learned, which worlds can't be lived in as things are."""
    for task_id, fault in state.failed_tasks.items():
        message = "{task} can't be lived in, and the other stages are: {error}"
        arguments = {"task": state.tasks[task_id].title, "error": error_text(fault)}
        yield Fault(step=state.step, index=-1, message=message, arguments=arguments)


class WorldWarnings:
    """Tells each remark once a run, on worlds that are made in this thread from now on."""

    def __init__(self) -> None:
        take_warnings()  # of whatever was lived before
        self._told: set[tuple[str, str]] = set()

    def new(self, step: int) -> Iterator[Event]:
        """Tell what was remarked in this thread since the last time."""
        for remark in take_warnings():
            if remark.about not in self._told:
                self._told.add(remark.about)
                yield EnvWarned(step=step, index=-1, message=remark.message, arguments=remark.arguments)
