"""Texts for the divergence of two policies: in words, and in nats for tooltips."""

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
"""Upper limits of the Kullback-Leibler divergence, in nats, and the text for divergences below each.

From two actions at 50% each, a policy with one action at 60% has a divergence of 0.02 nats, at 80% 0.2, at 98% 0.6.
"""


def divergence_text(nats: float) -> str:
    """Return the divergence of two policies in words that complete "would decide"."""
    return tr(next((text for limit, text in DEGREES if nats < limit), DEGREES[-1][1]))


def in_nats(nats: float) -> str:
    """Return a divergence with its unit."""
    return tr("{nats} nats", nats=score(nats))
