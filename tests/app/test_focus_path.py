import pytest
import shiboken6
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from app.focus_path import next_focus


@pytest.fixture
def row(qtbot):
    """A window with a line, a button that has a menu, and another line."""
    window = QWidget()
    qtbot.addWidget(window)
    column, parts = QVBoxLayout(window), (QLineEdit(), QToolButton(), QLineEdit())
    for part in parts:
        column.addWidget(part)
    window.show()
    yield parts
    window.close()


def test_the_next_is_the_next_that_can_be_seen(row):
    first, button, last = row
    assert next_focus(first, forward=True, is_hidden=lambda widget: widget is button) is last
    assert next_focus(last, forward=False, is_hidden=lambda widget: widget is button) is first
    assert next_focus(first, forward=True, is_hidden=lambda widget: widget is not first) is None


@pytest.mark.parametrize("forward", [True, False])
def test_what_was_walked_past_outlives_where_the_walk_began(row, forward):
    first, button, last = row
    menu = QMenu(button)
    button.setMenu(menu)
    action = menu.addAction("made by the menu")
    start = first if forward else last
    next_focus(start, forward=forward, is_hidden=lambda widget: widget is button)
    start.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert shiboken6.isValid(action)
