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
from envs.curriculum import columns
from envs.task import Task

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class StoredAgent:
    """An agent's weights, what is needed to make an agent of them, and the tasks that it is known to have met."""

    description: Mapping[str, Any]
    arrays: Arrays
    outfits: Mapping[int, Arrays]
    """What it wears instead of `arrays` in some columns."""
    tasks: tuple[Task, ...] = ()

    def column(self, task: Task, actions: Sequence[str]) -> int:
        """Return where it met the task; or another of its kind, or one in which the same can be done.

        Raises ValueError if it never met one.
        """
        action_sets = {int(column): phrases for column, phrases in self.description["action_sets"].items()}
        fitting = [column for column, phrases in sorted(action_sets.items()) if sorted(phrases) == sorted(actions)]
        if not fitting:
            raise ValueError(f"it has met no task with the actions {', '.join(actions)}")
        met = dict(enumerate(self.tasks))
        same = [column for column in fitting if column in met and met[column].identity == task.identity]
        like = [column for column in fitting if column in met and met[column].key == task.key]
        return (same or like or fitting)[0]

    def policy(self, column: int) -> AgentPolicy:
        """Return the policy as it decides in the task at `column`. Raises ValueError if its weights don't fit."""
        made = policy_from_description(self.description)
        arrays = {**self.arrays, **self.outfits.get(column, {})}
        try:
            made.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in arrays.items()})
        except RuntimeError as error:
            raise ValueError("its weights are not those of the model that it describes") from error
        return made


def load_stored_agent(name: str, task: Task, actions: Sequence[str], device: torch.device) -> PolicyTeacher:
    """Return the agent of a run (its id, name or folder) or of a file. Raises ValueError, `BadInput` among them."""
    former = _of_file(Path(name)) if Path(name).suffix.lower() == SUFFIX else _of_run(name)
    column = former.column(task, actions)
    return PolicyTeacher(former.policy(column).to(device), column, actions, lasts=False)


def _of_file(path: Path) -> StoredAgent:
    shared = agent_file.load(path)
    return StoredAgent(shared.about.agent.model_dump(), shared.arrays, _by_column(shared.outfits))


def _of_run(name: str) -> StoredAgent:
    run = RunStore().find(name)
    arrays, description, step = run.checkpoint_at()
    if "action_sets" not in description:
        raise BadInput(f"run {run.id}: who acts at random can teach nothing")
    return StoredAgent(description, arrays, _by_column(run.outfits_at(step)), columns(run.config.stages))


def _by_column(outfits: Mapping[int, Arrays]) -> dict[int, Arrays]:
    return {int(column): worn for column, worn in outfits.items()}
