"""Tabular Q-learning (Watkins, 1989): off-policy, with the greatest value of the next state as the target."""

from __future__ import annotations

from agents.algorithms.tabular import TabularLearner, TabularStep


class QLearning(TabularLearner):
    """Off-policy: a step is worth what the best action after it would bring."""

    def next_value(self, step: TabularStep) -> float:
        """Return the greatest value of the next state."""
        return float(self.values[step.next_state].max())
