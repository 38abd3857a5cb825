import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider, QTableView, QWidget

from app.window.shortcut_owners import owns

SPACE, RIGHT, DELETE = Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Delete


@pytest.mark.parametrize(
    ("kind", "owned"),
    [
        (QPushButton, {SPACE}),
        (QComboBox, {SPACE, RIGHT}),
        (QSlider, {RIGHT}),
        (QTableView, {RIGHT, DELETE}),
        (QWidget, set()),
    ],
)
def test_a_widget_owns_the_keys_that_it_handles(qtbot, kind, owned):
    widget = kind()
    qtbot.addWidget(widget)
    assert {key for key in (SPACE, RIGHT, DELETE) if owns(widget, key)} == owned


def test_without_a_focused_widget_no_key_is_owned():
    assert not any(owns(None, key) for key in (SPACE, RIGHT, DELETE))
