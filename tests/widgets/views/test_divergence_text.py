"""The text of a divergence depends on its size."""

import pytest

from widgets.views.divergence_text import DEGREES, divergence_text


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
def test_the_text_of_a_divergence(nats, words):
    assert divergence_text(nats) == words


def test_every_degree_has_words_of_its_own_in_every_language(language):
    limits = [limit for limit, _ in DEGREES]
    assert limits == sorted(limits)
    assert len({divergence_text(limit * 0.99 if limit < 9 else 9.0) for limit in limits}) == len(DEGREES)
