"""Find clipped texts: compare the space that each text of a window needs with the space that it has."""

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
"""Tolerance in pixels, for rounding."""
ELLIPSIS = "…"
DISPLAY, TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole


def clipped(root: QWidget) -> list[str]:
    """Return a line for each clipped text in `root`: the widget's path, the text, and the required and available space.

    An elided text is accepted if at least `RECOGNISABLE` columns of it remain and its tooltip has the full text, and
    so is a text that a scroll area can scroll to. Texts that widgets paint themselves are not checked.
    """
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        if isValid(widget) and widget.isVisible() and _is_visible(widget):
            found += [f"{_path(widget, root)}: {fault}" for fault in _faults(widget)]
    return found


def _is_visible(widget: QWidget) -> bool:
    """Return whether part of a widget is visible, or of a scroll area that contains it."""
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
    text = widget.currentText() if isinstance(widget, QComboBox) else _text(widget)
    if text and (hidden := _hidden_by_ancestors(widget)):
        yield f"{text!r} loses {hidden} to an ancestor"


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else ""


def _compare(text: str, needed: QSize, given: QSize) -> Iterator[str]:
    if text and (needed.width() > given.width() + SLACK or needed.height() > given.height() + SLACK):
        yield f"{text!r} needs {_size(needed)}, has {_size(given)}"


def _label(label: QLabel) -> Iterator[str]:
    text = label.text()
    if text.endswith(ELLIPSIS) and label.toolTip() and not label.wordWrap():
        shown = text.removesuffix(ELLIPSIS).rstrip()
        if columns(shown) < RECOGNISABLE:
            yield f"{text!r} is too short to be recognised"
        if shown not in label.toolTip() or text == label.toolTip():
            yield f"{text!r} is elided, and not in its tooltip"
    if not label.wordWrap():
        yield from _compare(text, QLabel.sizeHint(label), label.size())
        return
    inside = label.contentsRect().width() - 2 * label.margin() - max(label.indent(), 0)
    needed = QSize(_widest_word(label, inside), QLabel.heightForWidth(label, label.width()))
    yield from _compare(text, needed, QSize(inside, label.height()))


def _widest_word(label: QLabel, width: int) -> int:
    """Return the width of a text wrapped at `width` pixels; it is larger if a single word is wider."""
    if label.textFormat() != Qt.TextFormat.PlainText and re.search(r"<\w+[^>]*>", label.text()):
        document = QTextDocument()
        document.setDefaultFont(label.font())
        document.setDocumentMargin(0)
        document.setHtml(label.text())
        document.setTextWidth(width)
        return round(document.idealWidth())
    area = QRect(0, 0, width, 100_000)
    return label.fontMetrics().boundingRect(area, Qt.TextFlag.TextWordWrap, label.text()).width()


def _elided(text: str, metrics: QFontMetrics, room: int, tip: Callable[[], str]) -> Iterator[str]:
    """Report an elided text, unless enough of it remains and the tooltip has all of it."""
    needed = metrics.horizontalAdvance(text)
    if needed <= room + SLACK:
        return
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room).removesuffix(ELLIPSIS)
    if columns(shown) < min(RECOGNISABLE, columns(text) - 1):
        yield f"{text!r} needs {needed}, has {room}: too short to be recognised"
    elif text not in tip():
        yield f"{text!r} needs {needed}, has {room}: no tooltip"


def _tip(widget: QWidget) -> str:
    """Return the tooltip that appears with the mouse over the centre of a widget."""
    centre = widget.rect().center()
    QApplication.sendEvent(widget, QHelpEvent(QHelpEvent.Type.ToolTip, centre, widget.mapToGlobal(centre)))
    text = QToolTip.text()
    QToolTip.hideText()
    return text


def _button(button: QAbstractButton) -> Iterator[str]:
    text, needed = button.text(), type(button).sizeHint(button)
    if isinstance(button, QToolButton):
        if not button.icon().isNull() and button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            return
        needed = QToolButton.sizeHint(button) - QSize(2 * button.fontMetrics().horizontalAdvance(" "), 0)
        if button.objectName() == "CardTab" and button.isChecked():
            # the selected tab is bold, and its style has no padding at the left
            needed += QSize(_extra_bold_width(button) - 5, 0)
    yield from _compare(text, needed, button.size())


def _extra_bold_width(button: QToolButton) -> int:
    """Return the pixels by which the text of a button is wider in bold, the weight of a selected tab."""
    bold = QFont(button.font())
    bold.setWeight(QFont.Weight.DemiBold)
    return QFontMetrics(bold).horizontalAdvance(button.text()) - button.fontMetrics().horizontalAdvance(button.text())


def _menu_bar(bar: QMenuBar) -> Iterator[str]:
    for action in bar.actions():
        if action.isVisible() and not bar.rect().contains(bar.actionGeometry(action)):
            yield f"{action.text()!r} does not fit into the menu bar"


def _tabs(bar: QTabBar) -> Iterator[str]:
    if bar.height() == 0:  # Qt's bars of tabbed docks, whose titles are shown elsewhere
        return
    for index in range(bar.count()):
        if bar.isTabVisible(index):
            given = bar.tabRect(index).size().boundedTo(bar.size())
            yield from _compare(bar.tabText(index), QTabBar.tabSizeHint(bar, index), given)


def _header(header: QHeaderView) -> Iterator[str]:
    model = header.model()
    if model is None or type(header) is not QHeaderView:
        return
    for section in range(header.count()):
        text = str(model.headerData(section, header.orientation(), DISPLAY) or "")
        if text and not header.isSectionHidden(section):
            padding = header.sectionSizeFromContents(section).width() - header.fontMetrics().horizontalAdvance(text)
            tip = str(model.headerData(section, header.orientation(), TIP) or "")
            room = header.sectionSize(section) - max(padding, 0)
            yield from _elided(text, header.fontMetrics(), room, lambda tip=tip: tip)  # type: ignore[misc]


def _combo(combo: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    kind, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
    room = combo.style().subControlRect(kind, option, part, combo)
    if not combo.isEditable():
        yield from _elided(combo.currentText(), combo.fontMetrics(), room.width() - 2, lambda: _tip(combo))
    yield from _compare_height(combo.currentText(), combo.fontMetrics(), room)


def _compare_height(text: str, metrics: QFontMetrics, room: QRect) -> Iterator[str]:
    if metrics.height() > room.height() + 2 * SLACK:
        yield f"{text!r} needs {metrics.height()} of height, has {room.height()}"


def _line(field: QLineEdit) -> Iterator[str]:
    option = QStyleOptionFrame()
    field.initStyleOption(option)
    room = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, field)
    room = room.marginsRemoved(field.textMargins()).adjusted(2, 0, -2, 0)
    metrics, text = field.fontMetrics(), field.text()
    yield from _compare_height(text or field.placeholderText(), metrics, room)
    if not text:
        yield from _elided(field.placeholderText(), metrics, room.width(), lambda: _tip(field))
        return
    needed = metrics.horizontalAdvance(text)
    if not isinstance(field.parentWidget(), QAbstractSpinBox):  # other fields scroll while one types
        needed = min(needed, metrics.averageCharWidth() * RECOGNISABLE)
    if needed > room.width() + SLACK:
        yield f"{text!r} needs {needed}, has {room.width()}"


def _cells(view: QAbstractItemView) -> Iterator[str]:
    model, root = view.model(), view.rootIndex()
    if model is None:
        return
    for row in range(model.rowCount(root)):
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount(root)):
            index = model.index(row, column, root)
            text, cell = str(index.data(DISPLAY) or ""), view.visualRect(index)
            if type(view.itemDelegateForIndex(index)) is not QStyledItemDelegate or not text:
                continue
            if cell.intersects(view.viewport().rect()):
                padding = view.sizeHintForIndex(index).width() - view.fontMetrics().horizontalAdvance(text)
                tip = str(index.data(TIP) or "")
                room = cell.width() - max(padding, 0)
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
"""Checks by widget class; the first that matches is used."""


def _hidden_by_ancestors(widget: QWidget) -> str:
    """Return the size of the part of a widget that an ancestor clips and cannot scroll to, as text; empty if none."""
    rect, inner = widget.rect(), widget
    while (outer := inner.parentWidget()) is not None and not inner.isWindow():
        rect = rect.translated(inner.pos())
        area = outer.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is outer:
            rect = _scrolled(rect, area)
        hidden = rect.size() - rect.intersected(outer.rect()).size()
        if max(hidden.width(), hidden.height()) > SLACK:
            return f"{_size(hidden)} ({type(outer).__name__})"
        inner = outer
    return ""


def _scrolled(rect: QRect, area: QAbstractScrollArea) -> QRect:
    """Return the geometry of `rect` after scrolling to it, in the directions in which the area scrolls."""
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
