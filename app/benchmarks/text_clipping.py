"""Find clipped texts: compare the room that each text of a window needs with the room that it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QAbstractListModel, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenuBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QToolButton,
    QToolTip,
    QWidget,
)
from shiboken6 import isValid

from widgets.style.text_metrics import RECOGNISABLE, columns

SLACK = 1
"""Pixels by which rounding may err."""
ELLIPSIS = "…"
DISPLAY, TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole


def clipped(root: QWidget) -> list[str]:
    """Return a line for each text in `root` that is cut off: where it is, what it says, what it needs and has.

    A text that ends in an ellipsis is in order where at least `RECOGNISABLE` columns of it are left and its tooltip
    has all of it. What an area scrolls to is in order, too. Texts that are painted by hand are not walked over.
    """
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        if isValid(widget) and widget.isVisible() and _is_in_sight(widget):
            found += [f"{_path(widget, root)}: {fault}" for fault in _faults(widget)]
    return found


def _is_in_sight(widget: QWidget) -> bool:
    """Return whether a part of a widget is seen, or an area that scrolls to it."""
    part: QWidget | None = widget
    while part is not None and part.visibleRegion().isEmpty():
        part = part.parentWidget()
        while part is not None and not isinstance(part.parentWidget(), QAbstractScrollArea):
            part = part.parentWidget()
    return part is not None


def _faults(widget: QWidget) -> Iterator[str]:
    for kind, check in _CHECKS:
        if isinstance(widget, kind):
            yield from check(widget)
            break
    said = widget.currentText() if isinstance(widget, QComboBox) else _text(widget)
    if said and (lost := _lost(widget)):
        yield f"{said!r} loses {lost} to what it lies in"


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else ""


def _compare(text: str, needed: QSize, given: QSize) -> Iterator[str]:
    if text and (needed.width() > given.width() + SLACK or needed.height() > given.height() + SLACK):
        yield f"{text!r} needs {_size(needed)}, has {_size(given)}"


def _label(label: QLabel) -> Iterator[str]:
    text = label.text()
    if text.endswith(ELLIPSIS) and label.toolTip() and not label.wordWrap():
        kept = text.removesuffix(ELLIPSIS).rstrip()
        if columns(kept) < RECOGNISABLE:
            yield f"{text!r} is not recognisable any more"
        if kept not in label.toolTip() or text == label.toolTip():
            yield f"{text!r} is shortened, and whole nowhere"
    if not label.wordWrap():
        yield from _compare(text, QLabel.sizeHint(label), label.size())
        return
    inside = label.contentsRect().width() - 2 * label.margin() - max(label.indent(), 0)
    needed = QSize(_widest_word(label, inside), QLabel.heightForWidth(label, label.width()))
    yield from _compare(text, needed, QSize(inside, label.height()))


def _widest_word(label: QLabel, width: int) -> int:
    """Return the width of a text that is broken into lines of `width` pixels: more, if a word alone is wider."""
    if label.textFormat() != Qt.TextFormat.PlainText and re.search(r"<\w+[^>]*>", label.text()):
        document = QTextDocument()
        document.setDefaultFont(label.font())
        document.setDocumentMargin(0)
        document.setHtml(label.text())
        document.setTextWidth(width)
        return round(document.idealWidth())
    room = QRect(0, 0, width, 100_000)
    return label.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, label.text()).width()


def _elided(text: str, metrics: QFontMetrics, room: int, tip: Callable[[], str]) -> Iterator[str]:
    """Complain of a text that is elided, unless enough of it is left and a tooltip has all of it."""
    needed = metrics.horizontalAdvance(text)
    if needed <= room + SLACK:
        return
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room).removesuffix(ELLIPSIS)
    if columns(shown) < min(RECOGNISABLE, columns(text) - 1):
        yield f"{text!r} needs {needed}, has {room}: not recognisable"
    elif text not in tip():
        yield f"{text!r} needs {needed}, has {room}: no tooltip"


def _tip(widget: QWidget) -> str:
    """Return what a person who waits with the mouse over a widget reads."""
    place = widget.rect().center()
    QApplication.sendEvent(widget, QHelpEvent(QHelpEvent.Type.ToolTip, place, widget.mapToGlobal(place)))
    said = QToolTip.text()
    QToolTip.hideText()
    return said


def _button(button: QAbstractButton) -> Iterator[str]:
    text, needed = button.text(), type(button).sizeHint(button)
    if isinstance(button, QToolButton):
        if not button.icon().isNull() and button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            return
        needed = QToolButton.sizeHint(button) - QSize(2 * button.fontMetrics().horizontalAdvance(" "), 0)
        if button.objectName() == "CardTab" and button.isChecked():
            needed += QSize(_bolder(button) - 5, 0)  # its style has no room at the left
    yield from _compare(text, needed, button.size())


def _bolder(button: QToolButton) -> int:
    """Return the pixels by which the text of a button is wider in the weight that marks what is chosen."""
    bold = QFont(button.font())
    bold.setWeight(QFont.Weight.DemiBold)
    return QFontMetrics(bold).horizontalAdvance(button.text()) - button.fontMetrics().horizontalAdvance(button.text())


def _menu_bar(bar: QMenuBar) -> Iterator[str]:
    for action in bar.actions():
        if action.isVisible() and not bar.rect().contains(bar.actionGeometry(action)):
            yield f"{action.text()!r} has no room in the menu bar"


def _tabs(bar: QTabBar) -> Iterator[str]:
    if bar.height() == 0:  # Qt's own, whose names are in title rows
        return
    for place in range(bar.count()):
        if bar.isTabVisible(place):
            given = bar.tabRect(place).size().boundedTo(bar.size())
            yield from _compare(bar.tabText(place), QTabBar.tabSizeHint(bar, place), given)


def _header(header: QHeaderView) -> Iterator[str]:
    model = header.model()
    if model is None or type(header) is not QHeaderView:
        return
    for place in range(header.count()):
        text = str(model.headerData(place, header.orientation(), DISPLAY) or "")
        if text and not header.isSectionHidden(place):
            beside = header.sectionSizeFromContents(place).width() - header.fontMetrics().horizontalAdvance(text)
            tip = str(model.headerData(place, header.orientation(), TIP) or "")
            room = header.sectionSize(place) - max(beside, 0)
            yield from _elided(text, header.fontMetrics(), room, lambda tip=tip: tip)  # type: ignore[misc]


def _combo(combo: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    kind, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
    room = combo.style().subControlRect(kind, option, part, combo)
    if not combo.isEditable():
        yield from _elided(combo.currentText(), combo.fontMetrics(), room.width() - 2, lambda: _tip(combo))
    yield from _high(combo.currentText(), combo.fontMetrics(), room)


def _high(text: str, metrics: QFontMetrics, room: QRect) -> Iterator[str]:
    if metrics.height() > room.height() + 2 * SLACK:
        yield f"{text!r} needs {metrics.height()} of height, has {room.height()}"


def _line(field: QLineEdit) -> Iterator[str]:
    option = QStyleOptionFrame()
    field.initStyleOption(option)
    room = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, field)
    room = room.marginsRemoved(field.textMargins()).adjusted(2, 0, -2, 0)
    metrics, text = field.fontMetrics(), field.text()
    yield from _high(text or field.placeholderText(), metrics, room)
    if not text:
        yield from _elided(field.placeholderText(), metrics, room.width(), lambda: _tip(field))
        return
    least = metrics.horizontalAdvance(text)
    if not isinstance(field.parentWidget(), QAbstractSpinBox):  # whoever writes scrolls
        least = min(least, metrics.averageCharWidth() * RECOGNISABLE)
    if least > room.width() + SLACK:
        yield f"{text!r} needs {least}, has {room.width()}"


def _cells(view: QAbstractItemView) -> Iterator[str]:
    model, root = view.model(), view.rootIndex()
    if model is None:
        return
    for row in range(model.rowCount(root)):
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount(root)):
            index = model.index(row, column, root)
            text, place = str(index.data(DISPLAY) or ""), view.visualRect(index)
            if type(view.itemDelegateForIndex(index)) is not QStyledItemDelegate or not text:
                continue
            if place.intersects(view.viewport().rect()):
                beside = view.sizeHintForIndex(index).width() - view.fontMetrics().horizontalAdvance(text)
                tip = str(index.data(TIP) or "")
                room = place.width() - max(beside, 0)
                yield from _elided(text, view.fontMetrics(), room, lambda tip=tip: tip)  # type: ignore[misc]


def _box(box: QGroupBox) -> Iterator[str]:
    yield from _compare(box.title(), box.minimumSizeHint(), box.size())


_CHECKS: tuple[tuple[type[QWidget], Callable[[Any], Iterator[str]]], ...] = (
    (QLabel, _label),
    (QMenuBar, _menu_bar),
    (QTabBar, _tabs),
    (QHeaderView, _header),
    (QComboBox, _combo),
    (QLineEdit, _line),
    (QAbstractButton, _button),
    (QGroupBox, _box),
    (QAbstractItemView, _cells),
)
"""What is asked of each kind of widget; the first that fits."""


def _lost(widget: QWidget) -> str:
    """Return which pixels of a widget its ancestors cut off, past those that scroll to it."""
    rect, inner = widget.rect(), widget
    while (outer := inner.parentWidget()) is not None and not inner.isWindow():
        rect = rect.translated(inner.pos())
        area = outer.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is outer:
            rect = _scrolled(rect, area)
        lost = rect.size() - rect.intersected(outer.rect()).size()
        if max(lost.width(), lost.height()) > SLACK:
            return f"{_size(lost)} ({type(outer).__name__})"
        inner = outer
    return ""


def _scrolled(rect: QRect, area: QAbstractScrollArea) -> QRect:
    """Return where `rect` comes to lie once it is scrolled to, as far as the area scrolls."""
    across, down, inside = area.horizontalScrollBar(), area.verticalScrollBar(), area.viewport().rect()
    has_arrows = bool(area.findChildren(QToolButton, "ChipArrow"))
    off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    if across.maximum() > across.minimum() and (has_arrows or area.horizontalScrollBarPolicy() != off):
        rect = QRect(QPoint(0, rect.top()), QSize(min(rect.width(), inside.width()), rect.height()))
    if down.maximum() > down.minimum() and area.verticalScrollBarPolicy() != off:
        rect = QRect(QPoint(rect.left(), 0), QSize(rect.width(), min(rect.height(), inside.height())))
    return rect


def _size(size: QSize) -> str:
    return f"{size.width()} x {size.height()}"


def _path(widget: QWidget, root: QWidget) -> str:
    names: list[str] = []
    part: QWidget | None = widget
    while part is not root and part is not None:
        names.append(part.objectName() or type(part).__name__)
        part = part.parentWidget()
    return " > ".join(name for name in reversed(names) if name != "qt_scrollarea_viewport") or type(root).__name__
