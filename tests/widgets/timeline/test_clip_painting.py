import pytest
from PySide6.QtGui import QColor

from widgets.style import theme
from widgets.timeline.clip_painting import DONE, PLANNED, READABLE, background_colour, contrast


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast_is_that_of_the_guidelines(first, second, ratio):
    assert contrast(QColor(first), QColor(second)) == pytest.approx(ratio, abs=0.01)
    assert contrast(QColor(second), QColor(first)) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=lambda palette: palette.name)
@pytest.mark.parametrize("hue", range(len(theme.TASK_COLOURS)))
def test_a_clips_words_can_be_read_before_and_after_it_is_run(hue, palette):
    planned, done = background_colour(hue, PLANNED, palette), background_colour(hue, DONE, palette)
    assert planned != done
    for background in (planned, done):
        assert contrast(background, QColor(palette.text)) >= READABLE
