"""The teachers of a stage: created when it starts, checked before the run starts."""

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
    """The teachers of one stage, one for each task. Resuming the run in the stage restores the same teachers."""

    def __init__(self, state: RunState, stage: Stage) -> None:
        self._state, self._teaching = state, stage.teaching
        self._teachers: dict[int, Teacher] = {}

    def supervision(self, task_id: int) -> Supervision:
        """Return the supervision of a task. Raises ValueError if its teacher can't be loaded."""
        if task_id not in self._teachers:
            task, device = self._state.tasks[task_id], self._state.agent.device
            self._teachers[task_id] = make_teacher(self._teaching.teacher, task, task.make(), device)
        return Supervision(self._teachers[task_id], self._teaching)

    def state(self) -> State:
        """Return the state of the teachers that may have changed or be missing when the run is resumed."""
        states = {str(task_id): teacher.state() for task_id, teacher in self._teachers.items()}
        return {task_id: state for task_id, state in states.items() if state is not None}

    def restore(self, state: State) -> None:
        """Restore the teachers that `state` returned."""
        device = self._state.agent.device
        self._teachers = {int(task_id): restored_teacher(teacher, device) for task_id, teacher in state.items()}


def check(state: RunState, stages: Sequence[Stage], known: Iterable[Stage] = ()) -> None:
    """Create the teachers of `stages` once, except those of the stages `known` to be valid.

    Raises ValueError that names the stage if a teacher can't be created or can't teach its task.
    """
    checked = {(stage.teaching.teacher, stage.task) for stage in known}
    for index, stage in enumerate(stages):
        if not stage.taught or (stage.teaching.teacher, stage.task) in checked:
            continue
        name = stage.teaching.teacher
        try:
            is_joint = state.agent.strategy.collects_from_all_tasks
            for task in distinct_tasks(stages) if is_joint else (stage.configured_task,):
                if not state.has_failed(task):
                    make_teacher(name, task, task.make(), state.agent.device)
        except ValueError as error:
            raise ValueError(f"stages[{index}].teaching.teacher: {name!r} can't teach {task.key}: {error}") from error
