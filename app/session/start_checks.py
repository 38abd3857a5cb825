"""Reasons why a run cannot start, in the language of the interface."""

from __future__ import annotations

from agents.config import RunConfig
from agents.config.compatibility import incompatibility
from widgets.style.translation import tr


def start_problem(plan: RunConfig) -> str:
    """Return one line with the remedy; empty if nothing stands in the way. Settings and stages are edited apart."""
    if not plan.stages:
        return tr("The curriculum is empty: drag a task onto the timeline first.")
    odd = incompatibility(plan)
    return "" if odd is None else tr(odd.reason, **odd.arguments)
