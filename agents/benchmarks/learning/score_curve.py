"""The learning curve of one run: its scores by step, and a line about them on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from agents.benchmarks.report.chart import Points
from agents.events import Evaluated, Event


def score_curve(events: Iterable[Event]) -> Points:
    """Return step and score of the first task at each evaluation of a run; this executes the run."""
    return [(event.step, event.scores[0] or 0.0) for event in events if isinstance(event, Evaluated)]


def print_scores(who: str, points: Points, more: str = "") -> None:
    """Print the scores in their order, and `more` behind them."""
    scores = " ".join(f"{score:.2f}" for _, score in points)
    print(f"{who}: {scores}{more}", file=sys.stderr, flush=True)
