"""An earlier agent as the teacher, loaded from a stored run or an agent file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agents.distillation.policy_teacher import PolicyTeacher
from agents.errors import BadInput
from agents.policies import AgentPolicy
from agents.policies.factory import policy_from_description
from agents.sharing import agent_file
from agents.sharing.archive_limits import SUFFIX
from agents.store.run_store import RunStore
from envs.curriculum import distinct_tasks
from envs.task import Task

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class StoredAgent:
    """An agent's weights, what is needed to make an agent of them, and the tasks that it is known to have met."""

    description: Mapping[str, Any]
    arrays: Arrays
    task_arrays: Mapping[int, Arrays]
    """What it wears instead of `arrays` in some columns."""
    tasks: tuple[Task, ...] = ()

    def task_id(self, task: Task, actions: Sequence[str]) -> int:
        """Return where it met the task; or another of its kind, or one in which the same can be done.

        Raises ValueError if it never met one.
        """
        action_sets = {int(task_id): phrases for task_id, phrases in self.description["action_sets"].items()}
        fitting = [task_id for task_id, phrases in sorted(action_sets.items()) if sorted(phrases) == sorted(actions)]
        if not fitting:
            raise ValueError(f"it has met no task with the actions {', '.join(actions)}")
        met = dict(enumerate(self.tasks))
        same = [task_id for task_id in fitting if task_id in met and met[task_id].identity == task.identity]
        like = [task_id for task_id in fitting if task_id in met and met[task_id].key == task.key]
        return (same or like or fitting)[0]

    def policy(self, task_id: int) -> AgentPolicy:
        """Return the policy as it decides in the task at `task_id`. Raises ValueError if its weights don't fit."""
        made = policy_from_description(self.description)
        arrays = {**self.arrays, **self.task_arrays.get(task_id, {})}
        try:
            made.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in arrays.items()})
        except RuntimeError as error:
            raise ValueError("its weights are not those of the model that it describes") from error
        return made


def load_stored_agent(name: str, task: Task, actions: Sequence[str], device: torch.device) -> PolicyTeacher:
    """Return the agent of a run (its id, name or folder) or of a file. Raises ValueError, `BadInput` among them."""
    former = _of_file(Path(name)) if Path(name).suffix.lower() == SUFFIX else _of_run(name)
    task_id = former.task_id(task, actions)
    return PolicyTeacher(former.policy(task_id).to(device), task_id, actions, lasts=False)


def _of_file(path: Path) -> StoredAgent:
    shared = agent_file.load(path)
    return StoredAgent(shared.about.agent.model_dump(), shared.arrays, _by_task_id(shared.task_arrays))


def _of_run(name: str) -> StoredAgent:
    run = RunStore().find(name)
    arrays, description, step = run.checkpoint_at()
    if "action_sets" not in description:
        raise BadInput(f"run {run.id}: who acts at random can teach nothing")
    return StoredAgent(description, arrays, _by_task_id(run.task_arrays_at(step)), distinct_tasks(run.config.stages))


def _by_task_id(task_arrays: Mapping[int, Arrays]) -> dict[int, Arrays]:
    return {int(task_id): worn for task_id, worn in task_arrays.items()}
