"""One line over the cards that says what just happened, or what went wrong."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from widgets.icons import icon
from widgets.words import tr

PASSING = 6_000
"""Milliseconds that good news stays; a problem stays until it is closed, or replaced."""
WIDEST = 760


class NoticeBar(QFrame):
    """Floats at the bottom of what it belongs to, and never moves anything else."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("Notice")
        self._host = host
        self._sign, self.text = QLabel(self), QLabel(self, wordWrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton(self)
        self._close.setProperty("flat", True)
        self._close.clicked.connect(self.hide)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self.text, 1)
        row.addWidget(self._close)
        self._passing = QTimer(self, singleShot=True, interval=PASSING)
        self._passing.timeout.connect(self.hide)
        self._is_problem = False
        self._dress()
        self.hide()

    def say(self, text: str, *, is_problem: bool = False) -> None:
        """Show `text`."""
        self._is_problem = is_problem
        self._dress()
        self.text.setText(text)
        self.setAccessibleName(text)
        self._passing.stop()
        if not is_problem:
            self._passing.start()
        self._place()
        self.show()
        self.raise_()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look after the host only while there is something to place: a filter costs time at each of its events."""
        super().showEvent(event)
        self._host.installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Let the host alone."""
        self._host.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stay at the bottom when the host changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self._sign.setPixmap(icon("ph.warning-circle" if self._is_problem else "ph.info").pixmap(QSize(18, 18)))
        self._close.setIcon(icon("ph.x"))
        self._close.setToolTip(tr("Close"))
        self._close.setAccessibleName(tr("Close"))

    def _place(self) -> None:
        width = min(WIDEST, self._host.width() - 48)
        written = self.text.fontMetrics().horizontalAdvance(self.text.text()) + 110
        width = min(width, max(written, 280))
        height = max(self._row.heightForWidth(width), 40)
        self.setGeometry((self._host.width() - width) // 2, self._host.height() - height - 24, width, height)
