"""A divergence is said in words that grow with it."""

import pytest

from widgets.views.divergence_text import DEGREES, alike


@pytest.mark.parametrize(
    ("nats", "words"),
    [
        (0.0, "the same"),
        (-1e-9, "the same"),
        (0.02, "nearly the same"),
        (0.2, "somewhat differently"),
        (0.6, "differently"),
        (5.0, "quite differently"),
        (float("inf"), "quite differently"),
    ],
)
def test_how_differently_two_agents_decide_is_said(nats, words):
    assert alike(nats) == words


def test_every_degree_has_words_of_its_own_in_every_language(language):
    limits = [most for most, _ in DEGREES]
    assert limits == sorted(limits)
    assert len({alike(most * 0.99 if most < 9 else 9.0) for most in limits}) == len(DEGREES)
