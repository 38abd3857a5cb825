import pytest
from PySide6.QtGui import QFontMetrics

from widgets.style import theme
from widgets.style.elision import elide_start

SENTENCE = "house . go to the apple . apple one left two up ."


@pytest.fixture
def metrics(qapp):
    return QFontMetrics(theme.font())


def test_a_sentence_that_fits_is_whole_but_for_its_full_stop(metrics):
    assert elide_start(SENTENCE, metrics, 10_000) == SENTENCE.removesuffix(" .")


@pytest.mark.parametrize("width", [60, 100, 160, 220])
def test_a_long_one_is_cut_between_words_and_fits(metrics, width):
    shown = elide_start(SENTENCE, metrics, width)
    assert metrics.horizontalAdvance(shown) <= width
    assert shown.startswith("… ")
    assert SENTENCE.removesuffix(" .").endswith(" " + shown.removeprefix("… "))


def test_without_room_for_a_word_only_an_ellipsis_is_left(metrics):
    assert elide_start(SENTENCE, metrics, 1) == "…"
    assert elide_start("", metrics, 100) == ""
