"""Load earlier policies of a run from its weight checkpoints, for comparison with the current one."""

from __future__ import annotations

from collections.abc import Sequence

from agents.agent import Snapshot, restore
from agents.infer.explanation_data import Milestone
from agents.policies import AgentPolicy
from agents.store.run import Run
from envs import World


class PastPolicies:
    """Loads and caches the policies of a few milestones."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._milestones: tuple[Milestone, ...] = ()
        self._loaded: dict[tuple[int, int], AgentPolicy] = {}
        """By step of the checkpoint, and id of the task whose weights were loaded."""

    def set_run(self, run: Run | None, milestones: Sequence[Milestone]) -> None:
        """Compare with these milestones of `run` from now on; None: with nothing."""
        if run is None or self._run is None or run.folder != self._run.folder:
            self._loaded = {}
        self._run, self._milestones = run, tuple(milestones)

    def for_task(self, task_id: int, world: World) -> list[tuple[Milestone, AgentPolicy]]:
        """Return the policies of all milestones with a checkpoint, with the task `task_id` added to them."""
        if self._run is None:
            return []
        stored = self._run.checkpoints()
        # the last checkpoint at or before each milestone
        steps = {
            milestone: max((step for step in stored if step <= milestone.step), default=None)
            for milestone in self._milestones
        }
        policies = {step: self._policy(self._run, step, task_id) for step in steps.values() if step is not None}
        self._loaded = {(step, task_id): policy for step, policy in policies.items()}
        for policy in policies.values():
            if policy.action_sets.get(task_id) != world.actions:
                policy.add_task(task_id, world.actions, world.words)
        return [(milestone, policies[step]) for milestone, step in steps.items() if step is not None]

    def _policy(self, run: Run, step: int, task_id: int) -> AgentPolicy:
        if (step, task_id) not in self._loaded:
            arrays, about, at = run.checkpoint_at(step)
            self._loaded[step, task_id] = restore(Snapshot(at, arrays, about, run.task_arrays_at(at)), task_id)
        return self._loaded[step, task_id]
