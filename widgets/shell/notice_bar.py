"""A floating bar for notices, errors and offers with buttons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from widgets.style.icons import icon
from widgets.style.translation import retranslate, tr

PASSING = 6_000
"""Time in milliseconds after which a notice disappears; a problem stays until it is closed or replaced."""
WIDEST, TARGET = 760, 44
BELOW, BETWEEN = 24, 8
"""Margin below the lowest bar, and between two bars, in pixels."""


class NoticeBar(QFrame):
    """Floats at the bottom of its host, above another bar if there is one, without affecting the layout.

    Signals:
        placed: the bar was moved or hidden.
        answered: str, the key of the chosen button; empty if the bar was closed.
    """

    placed = Signal()
    answered = Signal(str)

    def __init__(self, host: QWidget, lower: NoticeBar | None = None) -> None:
        super().__init__(host)
        self._lower = lower
        if lower is not None:
            lower.placed.connect(self._place)
        self._text = ""
        self._choices: dict[QPushButton, str] = {}
        self.setObjectName("Notice")
        self._host = host
        self._sign, self.text = QLabel(self), QLabel(self, wordWrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton(self)
        self._close.setProperty("flat", True)
        self._close.setFixedSize(TARGET, TARGET)
        self._close.clicked.connect(self._dismiss)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 4, 2)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self.text, 1)
        row.addWidget(self._close)
        self._passing = QTimer(self, singleShot=True, interval=PASSING)
        self._passing.timeout.connect(self.hide)
        self._is_problem = False
        self._apply_theme()
        self.hide()

    def show_text(self, text: str, *, is_problem: bool = False) -> None:
        """Show a notice, or a problem."""
        self._passing.stop()
        if not is_problem:
            self._passing.start()
        self._show(text, {}, is_problem=is_problem)

    def offer(self, text: str, choices: Mapping[str, str], *, is_problem: bool = False) -> None:
        """Show `text` with a button per choice (key to label), the first one as default, until one is pressed."""
        self._passing.stop()
        self._show(text, choices, is_problem=is_problem)

    def _show(self, text: str, choices: Mapping[str, str], *, is_problem: bool) -> None:
        self._is_problem = is_problem
        self._text = text
        for old in self._choices:
            self._row.removeWidget(old)
            old.deleteLater()
        self._choices = {self._choice(key): title for key, title in choices.items()}
        for button in list(self._choices)[:1]:
            button.setProperty("primary", True)
            button.style().polish(button)
        self._apply_theme()
        self.show()
        self.raise_()
        self.placed.emit()

    def _choice(self, key: str) -> QPushButton:
        button = QPushButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(partial(self._answer, key))
        self._row.insertWidget(self._row.count() - 1, button)
        button.show()
        return button

    def _answer(self, key: str) -> None:
        # otherwise Qt focuses the next text field, which consumes the Space key that pauses the run
        self._host.setFocus()
        self.hide()
        self.answered.emit(key)

    def _dismiss(self) -> None:
        self.hide()
        if self._choices:
            self.answered.emit("")

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Filter the host's events only while the bar is visible, because the filter is called for each of them."""
        super().showEvent(event)
        self._host.installEventFilter(self)
        # a bar that was placed before the window was shown had a host of another size
        self._place()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Stop filtering the host's events."""
        self._host.removeEventFilter(self)
        super().hideEvent(event)
        self.placed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stay at the bottom when the host is resized."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Apply a change of language or theme."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._apply_theme()
        super().changeEvent(event)

    def _apply_theme(self) -> None:
        self._sign.setPixmap(icon("ph.warning-circle" if self._is_problem else "ph.info").pixmap(QSize(18, 18)))
        self._close.setIcon(icon("ph.x"))
        self._close.setToolTip(tr("Close"))
        self._close.setAccessibleName(tr("Close"))
        for button, title in self._choices.items():
            button.setText(retranslate(title))
            button.setAccessibleName(button.text())
        self.text.setText(retranslate(self._text))
        self.setAccessibleName(self.text.text())
        self._place()

    def _place(self) -> None:
        width = min(WIDEST, self._host.width() - 48)
        text_width = self.text.fontMetrics().horizontalAdvance(self.text.text()) + 110
        text_width += sum(button.sizeHint().width() + self._row.spacing() for button in self._choices)
        width = min(width, max(text_width, 280))
        height = max(self._row.totalHeightForWidth(width), TARGET + 4)
        lowest = self._host.height() - BELOW
        if self._lower is not None and self._lower.isVisible():
            lowest = self._lower.y() - BETWEEN
        self.setGeometry((self._host.width() - width) // 2, lowest - height, width, height)
        self.placed.emit()
