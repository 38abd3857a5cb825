import pytest
from PySide6.QtGui import QColor

from widgets.style import theme
from widgets.timeline.clip_painting import DONE, PLANNED, READABLE, contrast, fill


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast_is_that_of_the_guidelines(one, other, ratio):
    assert contrast(QColor(one), QColor(other)) == pytest.approx(ratio, abs=0.01)
    assert contrast(QColor(other), QColor(one)) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=lambda look: look.name)
@pytest.mark.parametrize("column", range(len(theme.TASK_COLOURS)))
def test_a_clips_words_can_be_read_before_and_after_it_is_run(column, look):
    planned, done = fill(column, PLANNED, look), fill(column, DONE, look)
    assert planned != done
    for ground in (planned, done):
        assert contrast(ground, QColor(look.text)) >= READABLE
