"""Clipped texts are found, and no others."""

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

TEXT = "a text that takes some space"


def titled(kind):
    def make(parent):
        widget = kind(parent)
        widget.setText(TEXT)
        return widget

    return make


def wrapped(parent):
    return QLabel(TEXT, parent, wordWrap=True)


def combo(kind):
    def make(parent):
        widget = kind()
        widget.setParent(parent)
        widget.addItem(TEXT)
        return widget

    return make


def prompted(parent):
    widget = QLineEdit(parent)
    widget.setPlaceholderText(TEXT)
    return widget


def number(parent):
    widget = QSpinBox(parent, maximum=2_000_000_000)
    widget.setValue(2_000_000_000)
    return widget


def menus(parent):
    widget = QMenuBar(parent)
    widget.setNativeMenuBar(False)
    for title in ("File", "Edit", "Run", "View", "Help"):
        widget.addMenu(title)
    return widget


def tabs(parent):
    widget = QTabBar(parent, usesScrollButtons=False, expanding=False)
    widget.addTab(TEXT)
    return widget


def group(parent):
    return QGroupBox(TEXT, parent)


def table(parent):
    widget = QTableWidget(1, 1, parent)
    widget.setHorizontalHeaderLabels(["Score"])
    widget.setItem(0, 0, QTableWidgetItem(TEXT))
    widget.verticalHeader().hide()
    widget.horizontalHeader().setStretchLastSection(True)
    return widget


def scrolled(parent):
    widget = QScrollArea(parent, widgetResizable=True)
    widget.setWidget(QLabel(TEXT))
    return widget


def elided(window):
    widget = Elided(window)
    widget.set_full_text(TEXT)
    return widget


WIDGETS = {
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
def window(qtbot):
    """A window of 600 x 300 pixels."""
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(600, 300)
    return widget


def clipped_texts(window, widget, *size):
    widget.setParent(window)
    widget.resize(*size)
    window.show()
    QApplication.processEvents()
    return clipped(window)


@pytest.mark.parametrize("kind", WIDGETS)
def test_a_text_with_too_little_space_is_found(window, kind):
    assert clipped_texts(window, WIDGETS[kind](window), 40, 24)


@pytest.mark.parametrize("kind", [*WIDGETS, "scrolled"])
def test_a_text_with_enough_space_is_not(window, kind):
    widget = {**WIDGETS, "scrolled": scrolled}[kind](window)
    assert clipped_texts(window, widget, 500, 120) == []


@pytest.mark.parametrize(("policy", "is_clipped"), [("ScrollBarAsNeeded", False), ("ScrollBarAlwaysOff", True)])
def test_a_text_is_clipped_only_if_its_area_cannot_scroll_to_it(window, policy, is_clipped):
    widget = scrolled(window)
    widget.setHorizontalScrollBarPolicy(getattr(widget.horizontalScrollBarPolicy(), policy))
    assert bool(clipped_texts(window, widget, 60, 60)) == is_clipped


def test_a_text_that_its_parent_clips_is_found(window):
    frame, label = QWidget(window), QLabel(TEXT)
    frame.resize(30, 30)
    label.setParent(frame)
    label.adjustSize()
    (line,) = clipped_texts(window, frame, 30, 30)
    assert line.startswith("QWidget > QLabel: 'a text that takes some space' loses ")


@pytest.mark.parametrize(("columns", "tip", "is_clipped"), [(12, TEXT, False), (12, "", True), (3, TEXT, True)])
def test_an_elided_text_keeps_enough_columns_and_has_a_tooltip(window, columns, tip, is_clipped):
    widget = prompted(window)
    widget.setToolTip(tip)
    width = widget.fontMetrics().horizontalAdvance(TEXT[:columns] + "…") + 24
    assert bool(clipped_texts(window, widget, width, 40)) == is_clipped


@pytest.mark.parametrize("create", [elided, combo(flat_combo)])
def test_the_labs_own_elided_widgets_are_accepted(window, create):
    shown = create(window)
    assert clipped_texts(window, shown, shown.fontMetrics().horizontalAdvance(TEXT[:18]) + 34, 40) == []
