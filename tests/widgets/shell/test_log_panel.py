import logging

import pytest
from PySide6.QtGui import QGuiApplication

from widgets.shell.log_panel import LINES, LogPanel


@pytest.fixture
def panel(qtbot):
    panel = LogPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def record(text, level=logging.INFO):
    return logging.LogRecord("palimpsest", level, __file__, 1, text, None, None)


def test_lines_come_in_order_and_problems_are_marked(panel):
    panel.write(record("one"))
    panel.write(record("two", logging.WARNING))
    lines = panel._text.toPlainText().splitlines()
    assert lines[0].endswith("one")
    assert lines[1].endswith("warning: two")


def test_only_the_latest_lines_are_shown(panel):
    for place in range(LINES + 10):
        panel.write(record(f"line {place}"))
    assert len(panel._lines) == LINES
    assert panel._text.blockCount() == LINES


def test_a_search_leaves_only_the_lines_that_hold_the_word(panel):
    for text in ("Apple", "pear", "an apple"):
        panel.write(record(text))
    panel._search.setText("apple")
    panel.write(record("plum"))
    assert len(panel._text.toPlainText().splitlines()) == 2
    panel._search.clear()
    assert len(panel._text.toPlainText().splitlines()) == 4


def test_the_whole_log_can_be_copied(panel):
    panel.write(record("one"))
    panel.write(record("two"))
    panel._search.setText("one")
    panel._copy.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2
