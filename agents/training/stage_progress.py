"""Progress of the running stage: steps done and left, recent scores, and why it ends."""

from __future__ import annotations

from collections import deque
from typing import Literal

from agents.events import Fault
from agents.training.run_state import RunState
from envs.curriculum import Stage

Reason = Literal["budget", "gate", "cut"]
RUNNING_SCORE = 100
"""Episodes over which the score of a gate is averaged."""


class StageProgress:
    """Steps done and recent episode scores of one stage, compared with its entry in the plan, which may be edited."""

    def __init__(self, state: RunState, stage: Stage, index: int) -> None:
        self._state, self._stage, self._index = state, stage, index
        self.done = 0
        """Environment steps of this stage so far."""
        self.scores: deque[float] = deque(maxlen=RUNNING_SCORE)
        """Scores of the newest episodes, for the gate."""

    @property
    def is_running(self) -> bool:
        """True while it is the running stage of the plan; False once an edit has removed it."""
        return self._state.plan.is_running(self._stage)

    @property
    def left(self) -> int:
        """Environment steps until the budget is spent; 0 once the stage is removed."""
        running = self._state.plan.running
        return running.steps - self.done if running is not None and self.is_running else 0

    def advance(self, steps: int) -> None:
        """Count environment steps, for the stage and for the run."""
        self._state.step += steps
        self.done += steps

    def reason(self, min_steps: int) -> Reason | None:
        """Return why the stage ends now, or None. The budget is spent if fewer than `min_steps` are left."""
        running = self._state.plan.running
        if running is None or not self.is_running:
            return "cut"
        if self.left < min_steps:
            return "budget"
        if running.until and len(self.scores) == RUNNING_SCORE and sum(self.scores) / RUNNING_SCORE >= running.until:
            return "gate"
        return None

    def too_short(self, min_steps: int) -> Fault:
        """Return the fault that the stage has fewer steps than one vector step, so that nothing was learned."""
        message = (
            "{task}: nothing was learned in its {steps} steps, for one step of all worlds takes {least}; allow more."
        )
        running = self._state.plan.running or self._stage
        arguments = {"task": self._stage.configured_task.title, "steps": running.steps, "least": min_steps}
        return Fault(step=self._state.step, index=self._index, message=message, arguments=arguments)
