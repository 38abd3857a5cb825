"""Report faulty environments: those that fail, and those that violate their declared spaces."""

from __future__ import annotations

from collections.abc import Iterator

from agents.errors import error_text
from agents.events import EnvWarned, Event, Fault
from agents.training.run_state import RunState
from envs.external.checked_env import take_warnings


def unusable_worlds(state: RunState) -> Iterator[Event]:
    """Yield a fault, before training starts, for each environment that can't be created."""
    for task_id, fault in state.failed_tasks.items():
        message = "{task} cannot be used; the other stages are trained: {error}"
        arguments = {"task": state.tasks[task_id].title, "error": error_text(fault)}
        yield Fault(step=state.step, index=-1, message=message, arguments=arguments)


class WorldWarnings:
    """Reports each warning about environments once a run, if they are created in this thread from now on."""

    def __init__(self) -> None:
        take_warnings()  # discard those of earlier runs in this thread
        self._reported: set[tuple[str, str]] = set()

    def new(self, step: int) -> Iterator[Event]:
        """Yield the new warnings of this thread."""
        for warning in take_warnings():
            if warning.about not in self._reported:
                self._reported.add(warning.about)
                yield EnvWarned(step=step, index=-1, message=warning.message, arguments=warning.arguments)
