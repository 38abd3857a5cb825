"""The dialog with a problem report, which can be read, copied or saved; nothing is sent."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.shell.save_dialog import ask_for_file
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr

SIZE = QSize(760, 620)


class ProblemDialog(QDialog):
    """Shows the report, once it is collected, with buttons to copy and save it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Report a problem"))
        self._status = QLabel(_privacy_text(), self, wordWrap=True)
        self.text = QPlainTextEdit(self, readOnly=True)
        self.text.setProperty("code", True)
        self.text.setAccessibleName(tr("The report"))
        self.text.setPlaceholderText(tr("Gathering…"))
        self._copy, self._save = QPushButton(tr("Copy"), self), QPushButton(tr("Save as file…"), self)
        self._copy.clicked.connect(self._copy_text)
        self._save.clicked.connect(self._ask_and_save)
        close = QPushButton(tr("Close"), self)
        close.clicked.connect(self.close)
        self._lay_out(close)
        self._enable(False)
        self.resize(QSize(scaled(SIZE.width()), SIZE.height()))

    def show_report(self, text: str) -> None:
        """Show the report."""
        self.text.setPlainText(text)
        self._enable(True)

    def save(self, path: Path) -> bool:
        """Write the report to a file; return whether that succeeded."""
        try:
            path.write_text(self.text.toPlainText(), encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            self._status.setText(
                tr("{path}: cannot be written ({reason}); choose another folder", path=path, reason=reason)
            )
            return False
        self._status.setText(tr("Saved to {path}", path=path))
        return True

    def _lay_out(self, close: QPushButton) -> None:
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._status)
        column.addWidget(self.text, 1)
        for button in (self._copy, self._save):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(close)
        column.addLayout(row)

    def _enable(self, ready: bool) -> None:
        self._copy.setEnabled(ready)
        self._save.setEnabled(ready)

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._status.setText(tr("Copied. Paste it where you report the problem."))

    def _ask_and_save(self) -> None:
        kinds = {".txt": tr("Text (*.txt)")}
        path = ask_for_file(self, tr("Save the report"), "palimpsest-report", kinds)
        if path is not None:
            self.save(path)


def _privacy_text() -> str:
    return tr(
        "This is all that the report holds, without your name and your folders. Nothing is sent: "
        "copy it or save it, and add what you did before the problem came up."
    )
