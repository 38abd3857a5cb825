"""How differently two agents decide, in plain words; the exact divergence is for tooltips."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.style.numbers import score
from widgets.style.translation import tr

DEGREES: Sequence[tuple[float, str]] = (
    (0.005, "the same"),
    (0.1, "nearly the same"),
    (0.5, "somewhat differently"),
    (2.0, "differently"),
    (float("inf"), "quite differently"),
)
"""Up to how many nats of Kullback-Leibler divergence two agents decide so.

Of two actions that were even, one at 60% is 0.02 nats away, one at 80% 0.2, one at 98% 0.6.
"""


def alike(nats: float) -> str:
    """Say how differently two agents decide whose probabilities are `nats` apart; it fits behind "would decide"."""
    return tr(next((words for most, words in DEGREES if nats < most), DEGREES[-1][1]))


def in_nats(nats: float) -> str:
    """Return a divergence with its unit."""
    return tr("{nats} nats", nats=score(nats))
