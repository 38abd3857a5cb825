"""Q-learning (Watkins, 1989): learn what the best actions would earn, whatever is really done."""

from __future__ import annotations

from agents.algorithms.tabular import Step, TabularLearner


class QLearning(TabularLearner):
    """Off-policy: a step is worth what the best action after it would bring."""

    def following(self, step: Step) -> float:
        """Return the greatest value of the next state."""
        return float(self.values[step.next_state].max())
