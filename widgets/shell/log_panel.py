"""The log panel: the last lines of the log, with search and copy."""

from __future__ import annotations

import logging

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from widgets.forms.search_field import SearchField
from widgets.panel import Panel
from widgets.style.icons import icon
from widgets.style.translation import tr

LINES = 5_000
"""Maximum number of lines shown; older ones are in the log file."""


class LogPanel(Panel):
    """Shows the last lines of the log, filtered by the text in the search field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[str] = []
        self._text = QPlainTextEdit(self, readOnly=True, maximumBlockCount=LINES)
        self._text.setProperty("code", True)
        self._search = SearchField(self, width=180)
        self._search.textChanged.connect(self._refill)
        self._copy = QToolButton(self)
        self._copy.setProperty("flat", True)
        self._copy.clicked.connect(self._copy_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 0, 8, 12)
        layout.addWidget(self._text)
        self.setFocusProxy(self._text)
        self.retranslate()
        self.restyle()

    def header_widgets(self) -> list[QWidget]:
        """Return the search field and the copy button."""
        return [self._search, self._copy]

    def write(self, record: logging.LogRecord) -> None:
        """Append a log record."""
        time = logging.Formatter("%(asctime)s", "%H:%M:%S").format(logging.makeLogRecord({"created": record.created}))
        level = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        line = f"{time.strip()}  {level}{record.getMessage()}"
        self._lines = [*self._lines[-LINES + 1 :], line]
        if self._search.text().lower() in line.lower():
            self._text.appendPlainText(line)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._text.setPlaceholderText(tr("What the lab and the run report appears here, line by line."))
        self._text.setAccessibleName(tr("Log"))
        self._search.name(tr("Search the log"))
        self._copy.setToolTip(tr("Copy the whole log"))
        self._copy.setAccessibleName(tr("Copy the whole log"))

    def restyle(self) -> None:
        """Draw the icons in the theme's colours."""
        self._copy.setIcon(icon("ph.copy"))

    def _refill(self, word: str) -> None:
        self._text.setPlainText("\n".join(line for line in self._lines if word.lower() in line.lower()))
        self._text.moveCursor(self._text.textCursor().MoveOperation.End)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._lines))
