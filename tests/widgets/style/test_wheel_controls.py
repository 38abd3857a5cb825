"""A combo box changes once, when a choice is confirmed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from agents.config import RunConfig
from widgets.forms.field_editors import field_editor
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.settings.config_section import Section
from widgets.style.panel_style import flat_combo
from widgets.style.wheel_controls import ComboBox


def plain():
    box = ComboBox()
    box.addItems(["first", "second", "third"])
    return box


def companion():
    box = SecondStrategyBox()
    box.show_strategy(RunConfig().changed({"strategy.name": "ewc"}).strategy)
    return box


def kind():
    return Section("strategy", RunConfig(), None)


def editor():
    return field_editor(type(RunConfig().model).model_fields["start"], "start")


def flat():
    box = flat_combo()
    box.addItems(["first", "second", "third"])
    return box


KEYS = [
    Qt.Key.Key_Down,
    Qt.Key.Key_Up,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_End,
    Qt.Key.Key_Home,
    Qt.Key.Key_R,
    Qt.Key.Key_S,
]


@pytest.fixture(params=[plain, companion, kind, editor, flat])
def box(qtbot, request):
    shown = request.param()
    qtbot.addWidget(shown)
    shown.show()
    box = shown if isinstance(shown, QComboBox) else shown.findChild(QComboBox)
    box.chosen_indices = []
    box.activated.connect(box.chosen_indices.append)
    box.currentIndexChanged.connect(box.chosen_indices.append)
    yield box
    box.hidePopup()


@pytest.mark.parametrize("key", KEYS)
def test_a_navigation_key_opens_the_list_and_changes_nothing(qtbot, box, key):
    before = box.currentIndex()
    qtbot.keyClick(box, key)
    assert box.view().isVisible()
    qtbot.keyClick(box.view(), Qt.Key.Key_Down)
    qtbot.keyClick(box.view(), Qt.Key.Key_Escape)
    assert not box.view().isVisible()
    assert (box.currentIndex(), box.chosen_indices) == (before, [])


def test_a_walk_that_is_confirmed_chooses_once(qtbot):
    box = plain()
    qtbot.addWidget(box)
    box.show()
    chosen = []
    box.activated.connect(chosen.append)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(box.view(), key)
    assert chosen == [2]


def test_a_letter_searches_in_the_list(qtbot):
    box = plain()
    qtbot.addWidget(box)
    box.show()
    qtbot.keyClick(box, Qt.Key.Key_T)
    assert box.view().currentIndex().row() == 2
    assert box.currentIndex() == 0
