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
    """An agent's weights, the description of its policy, and its tasks as far as they are known."""

    description: Mapping[str, Any]
    arrays: Arrays
    task_arrays: Mapping[int, Arrays]
    """Weights that replace some of `arrays` in a task, by task id."""
    tasks: tuple[Task, ...] = ()
    """By task id; empty for an agent file, which does not store them."""

    def task_id(self, task: Task, actions: Sequence[str]) -> int:
        """Return the agent's id of this task, else of one with the same key, else of one with the same actions.

        Raises ValueError if it has no task with these actions.
        """
        action_sets = {int(task_id): phrases for task_id, phrases in self.description["action_sets"].items()}
        candidates = [task_id for task_id, phrases in sorted(action_sets.items()) if sorted(phrases) == sorted(actions)]
        if not candidates:
            raise ValueError(f"it has learned no task with the actions {', '.join(actions)}")
        known = dict(enumerate(self.tasks))
        same = [task_id for task_id in candidates if task_id in known and known[task_id].identity == task.identity]
        similar = [task_id for task_id in candidates if task_id in known and known[task_id].key == task.key]
        return (same or similar or candidates)[0]

    def policy(self, task_id: int) -> AgentPolicy:
        """Return the policy with its weights for the task `task_id`. Raises ValueError if the weights don't fit."""
        policy = policy_from_description(self.description)
        arrays = {**self.arrays, **self.task_arrays.get(task_id, {})}
        try:
            policy.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in arrays.items()})
        except RuntimeError as error:
            raise ValueError("its weights do not fit the model that it describes") from error
        return policy


def load_stored_agent(name: str, task: Task, actions: Sequence[str], device: torch.device) -> PolicyTeacher:
    """Return the agent of a run (its id, name or folder) or of a file as a teacher.

    Raises ValueError (or its subclass BadInput) if it is not found, cannot be read or has other actions.
    """
    stored = _from_file(Path(name)) if Path(name).suffix.lower() == SUFFIX else _from_run(name)
    task_id = stored.task_id(task, actions)
    return PolicyTeacher(stored.policy(task_id).to(device), task_id, actions, lasts=False)


def _from_file(path: Path) -> StoredAgent:
    shared = agent_file.load(path)
    return StoredAgent(shared.about.agent.model_dump(), shared.arrays, _by_task_id(shared.task_arrays))


def _from_run(name: str) -> StoredAgent:
    run = RunStore().find(name)
    arrays, description, step = run.checkpoint_at()
    if "action_sets" not in description:
        raise BadInput(f"run {run.id}: an agent that acts at random cannot teach")
    return StoredAgent(description, arrays, _by_task_id(run.task_arrays_at(step)), distinct_tasks(run.config.stages))


def _by_task_id(task_arrays: Mapping[int, Arrays]) -> dict[int, Arrays]:
    return {int(task_id): arrays for task_id, arrays in task_arrays.items()}
