"""Reasons why a run cannot start, in the language of the interface."""

from __future__ import annotations

from agents.config import RunConfig
from agents.config.compatibility import incompatibility
from widgets.style.translation import tr


def start_problem(plan: RunConfig) -> str:
    """Return why a run of this plan can't start, with the remedy, in one line; empty if it can.

    Settings and stages are edited separately, so they may not fit together.
    """
    if not plan.stages:
        return tr("The curriculum is empty: drag a task onto the timeline first.")
    problem = incompatibility(plan)
    return "" if problem is None else tr(problem.reason, **problem.arguments)
