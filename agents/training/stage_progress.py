"""How far the running stage has come: steps done and left, recent scores, and why it ends."""

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
    def goes_on(self) -> bool:
        """Whether it is still the running stage of the plan; otherwise an edit has cut it."""
        return self._state.plan.is_running(self._stage)

    @property
    def left(self) -> int:
        """Environment steps until the budget is spent; 0 once the stage is cut."""
        running = self._state.plan.running
        return running.steps - self.done if running is not None and self.goes_on else 0

    def advance(self, steps: int) -> None:
        """Count environment steps, for the stage and for the run."""
        self._state.step += steps
        self.done += steps

    def reason(self, least: int) -> Reason | None:
        """Return why the stage ends now, where learning on takes at least `least` steps; None: it does not."""
        running = self._state.plan.running
        if running is None or not self.goes_on:
            return "cut"
        if self.left < least:
            return "budget"
        if running.until and len(self.scores) == RUNNING_SCORE and sum(self.scores) / RUNNING_SCORE >= running.until:
            return "gate"
        return None

    def too_short(self, least: int) -> Fault:
        """Report that nothing was learned: the stage has fewer steps than one step of all of its worlds takes."""
        message = (
            "{task}: nothing was learned in its {steps} steps, for one step of all worlds takes {least}; allow more."
        )
        running = self._state.plan.running or self._stage
        arguments = {"task": self._stage.configured_task.title, "steps": running.steps, "least": least}
        return Fault(step=self._state.step, index=self._index, message=message, arguments=arguments)
