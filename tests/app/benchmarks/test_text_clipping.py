"""The walk over texts finds each that is cut off, and no other."""

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTabBar,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)

from app.benchmarks.text_clipping import clipped
from widgets.shell.card import Elided
from widgets.style.panel_style import flat_combo

TEXT = "a remark that takes some room"


def titled(kind):
    def make(parent):
        made = kind(parent)
        made.setText(TEXT)
        return made

    return make


def wrapped(parent):
    return QLabel(TEXT, parent, wordWrap=True)


def combo(kind):
    def make(parent):
        made = kind()
        made.setParent(parent)
        made.addItem(TEXT)
        return made

    return make


def prompted(parent):
    made = QLineEdit(parent)
    made.setPlaceholderText(TEXT)
    return made


def number(parent):
    made = QSpinBox(parent, maximum=2_000_000_000)
    made.setValue(2_000_000_000)
    return made


def menus(parent):
    made = QMenuBar(parent)
    made.setNativeMenuBar(False)
    for title in ("File", "Edit", "Run", "View", "Help"):
        made.addMenu(title)
    return made


def tabs(parent):
    made = QTabBar(parent, usesScrollButtons=False, expanding=False)
    made.addTab(TEXT)
    return made


def group(parent):
    return QGroupBox(TEXT, parent)


def table(parent):
    made = QTableWidget(1, 1, parent)
    made.setHorizontalHeaderLabels(["Score"])
    made.setItem(0, 0, QTableWidgetItem(TEXT))
    made.verticalHeader().hide()
    made.horizontalHeader().setStretchLastSection(True)
    return made


def scrolled(parent):
    made = QScrollArea(parent, widgetResizable=True)
    made.setWidget(QLabel(TEXT))
    return made


def elided(place):
    made = Elided(place)
    made.write(TEXT)
    return made


CUT = {
    "label": titled(QLabel),
    "label that wraps": wrapped,
    "push button": titled(QPushButton),
    "tool button": titled(QToolButton),
    "check box": titled(QCheckBox),
    "list": combo(QComboBox),
    "placeholder": prompted,
    "number": number,
    "menus": menus,
    "tabs": tabs,
    "group": group,
    "cells and headers": table,
}


@pytest.fixture
def place(qtbot):
    """A window of 600 x 300 pixels."""
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(600, 300)
    return made


def found(place, made, *size):
    made.setParent(place)
    made.resize(*size)
    place.show()
    QApplication.processEvents()
    return clipped(place)


@pytest.mark.parametrize("kind", CUT)
def test_a_text_that_has_too_little_room_is_found(place, kind):
    assert found(place, CUT[kind](place), 40, 24)


@pytest.mark.parametrize("kind", [*CUT, "scrolled"])
def test_a_text_that_has_room_is_not(place, kind):
    made = {**CUT, "scrolled": scrolled}[kind](place)
    assert found(place, made, 500, 120) == []


@pytest.mark.parametrize(("policy", "is_cut"), [("ScrollBarAsNeeded", False), ("ScrollBarAlwaysOff", True)])
def test_what_an_area_scrolls_to_is_in_order_and_what_it_hides_is_not(place, policy, is_cut):
    made = scrolled(place)
    made.setHorizontalScrollBarPolicy(getattr(made.horizontalScrollBarPolicy(), policy))
    assert bool(found(place, made, 60, 60)) == is_cut


def test_a_text_that_its_parent_cuts_off_is_found(place):
    frame, label = QWidget(place), QLabel(TEXT)
    frame.resize(30, 30)
    label.setParent(frame)
    label.adjustSize()
    (line,) = found(place, frame, 30, 30)
    assert line.startswith("QWidget > QLabel: 'a remark that takes some room' loses ")


@pytest.mark.parametrize(("columns", "tip", "is_cut"), [(12, TEXT, False), (12, "", True), (3, TEXT, True)])
def test_an_ellipsis_leaves_enough_and_has_a_tooltip(place, columns, tip, is_cut):
    made = prompted(place)
    made.setToolTip(tip)
    width = made.fontMetrics().horizontalAdvance(TEXT[:columns] + "…") + 24
    assert bool(found(place, made, width, 40)) == is_cut


@pytest.mark.parametrize("made", [elided, combo(flat_combo)])
def test_the_labs_own_ways_to_shorten_a_text_are_in_order(place, made):
    shown = made(place)
    assert found(place, shown, shown.fontMetrics().horizontalAdvance(TEXT[:18]) + 34, 40) == []
