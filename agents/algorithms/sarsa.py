"""SARSA (Rummery & Niranjan, 1994): learn what one's own actions earn, slips and trials included."""

from __future__ import annotations

from agents.algorithms.tabular import Step, TabularLearner


class Sarsa(TabularLearner):
    """On-policy: a step is worth what the action that is really taken next brings."""

    def following(self, step: Step) -> float:
        """Return the value of the next action."""
        return float(self.values[step.next_state, step.next_action])
