"""Tabular SARSA (Rummery & Niranjan, 1994): on-policy, with the value of the next action taken as the target."""

from __future__ import annotations

from agents.algorithms.tabular import TabularLearner, TabularStep


class Sarsa(TabularLearner):
    """Bootstraps from the next action that is actually taken."""

    def next_value(self, step: TabularStep) -> float:
        """Return Q(next state, next action)."""
        return float(self.values[step.next_state, step.next_action])
