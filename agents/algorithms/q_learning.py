"""Tabular Q-learning (Watkins, 1989): off-policy, with the greatest value of the next state as the target."""

from __future__ import annotations

from agents.algorithms.tabular import TabularLearner, TabularStep


class QLearning(TabularLearner):
    """Bootstraps from the greedy next action."""

    def next_value(self, step: TabularStep) -> float:
        """Return max_a Q(next state, a)."""
        return float(self.values[step.next_state].max())
