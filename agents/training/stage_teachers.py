"""The teachers of a stage: created when it begins, and checked before the run starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.distillation import Teacher
from agents.distillation.factory import make_teacher
from agents.distillation.policy_teacher import restored_teacher
from agents.distillation.supervision import Supervision
from agents.state_tree import State
from agents.training.run_state import RunState
from envs.curriculum import Stage, distinct_tasks


class StageTeachers:
    """The teachers of one stage, a tutor a task. They stay the same if the run is resumed in the middle of it."""

    def __init__(self, state: RunState, stage: Stage) -> None:
        self._state, self._teaching = state, stage.teaching
        self._teachers: dict[int, Teacher] = {}

    def supervision(self, task_id: int) -> Supervision:
        """Return who teaches the task at `task_id`. Raises ValueError if nobody can."""
        if task_id not in self._teachers:
            task, device = self._state.tasks[task_id], self._state.agent.device
            self._teachers[task_id] = make_teacher(self._teaching.teacher, task, task.make(), device)
        return Supervision(self._teachers[task_id], self._teaching)

    def state(self) -> State:
        """Return the teachers that may have changed or be gone when the run is resumed."""
        told = {str(task_id): teacher.state() for task_id, teacher in self._teachers.items()}
        return {task_id: state for task_id, state in told.items() if state is not None}

    def restore(self, state: State) -> None:
        """Go on with the teachers that `state` was taken of."""
        device = self._state.agent.device
        self._teachers = {int(task_id): restored_teacher(kept, device) for task_id, kept in state.items()}


def check(state: RunState, stages: Sequence[Stage], known: Iterable[Stage] = ()) -> None:
    """Call in the teachers of `stages` once, but for those `known` to be there.

    Raises ValueError that names the stage if one can't teach there.
    """
    found = {(stage.teaching.teacher, stage.task) for stage in known}
    for place, stage in enumerate(stages):
        if not stage.taught or (stage.teaching.teacher, stage.task) in found:
            continue
        name = stage.teaching.teacher
        try:
            is_joint = state.agent.strategy.collects_from_all_tasks
            for task in distinct_tasks(stages) if is_joint else (stage.configured_task,):
                if not state.has_failed(task):
                    make_teacher(name, task, task.make(), state.agent.device)
        except ValueError as error:
            raise ValueError(f"stages[{place}].teaching.teacher: {name!r} can't teach {task.key}: {error}") from error
