"""The Help menu: shortcuts, about, and the problem report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.diagnostics.problem_report import problem_report, versions
from app.runs.run_library import SignalCarrier
from app.session.session import Session
from app.window.actions import ACTIONS
from widgets.shell.problem_dialog import ProblemDialog
from widgets.style.text_metrics import scaled
from widgets.style.translation import tr

OTHER_KEYS = (
    ("Delete", "Remove the selected clips, or erase the selected memories"),
    ("Alt+Left", "Move the selected clip"),
    ("End", "Bring the playhead back to now"),
)
"""Keys that panels answer to, beside those of the menus."""
WIDTH, BAR, AROUND = 420, 16, 200
"""Least width of what a dialog holds in type of normal size, its scroll bar, and the height of all else, in pixels."""


class Help(QObject):
    """Opens the dialogs of the Help menu."""

    def __init__(self, session: Session, logs: Path, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._logs, self._window = session, logs, window

    def shortcuts(self) -> None:
        """Show all keyboard shortcuts."""
        rows = [(spec.keys.split()[0], spec.text) for spec in ACTIONS.values() if spec.keys]
        content = QWidget()
        grid = QGridLayout(content)
        grid.setHorizontalSpacing(24)
        for place, (keys, text) in enumerate((*rows, *OTHER_KEYS)):
            shown = QLabel(QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText))
            shown.setProperty("strong", True)
            grid.addWidget(shown, place, 0)
            grid.addWidget(QLabel(tr(text)), place, 1)
        self._show(tr("Keyboard shortcuts"), content)

    def about(self) -> None:
        """Say what this is."""
        said = QLabel(
            tr(
                "Palimpsest is a desktop lab in which you watch a language agent learn one task after "
                "another, overwrite what it knew, and be made to remember."
            ),
            wordWrap=True,
        )
        self._show(tr("About Palimpsest"), _stack(said, QLabel(versions())))

    def open_logs(self) -> None:
        """Show the folder of the log files."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs))):
            self._session.notice(tr("The log files lie in {folder}", folder=str(self._logs)))

    def copy_versions(self) -> None:
        """Copy what to write into a bug report."""
        QGuiApplication.clipboard().setText(versions())
        self._session.notice(tr("Copied the versions of Palimpsest and what it stands on."))

    def report(self) -> None:
        """Gather what helps to understand a problem, and show it."""
        dialog = ProblemDialog(self._window)
        mail = SignalCarrier(dialog)
        mail.arrived.connect(dialog.show_report)
        gather = partial(problem_report, self._session.run_library.root, self._logs, QGuiApplication.platformName())
        # reading a long run takes a moment
        threading.Thread(target=_send, args=(gather, mail), name="report", daemon=True).start()
        dialog.open()

    def _show(self, title: str, content: QWidget) -> None:
        dialog = QDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        area = QScrollArea(dialog, widgetResizable=True)
        area.setWidget(content)
        buttons = QDialogButtonBox(dialog)
        buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(dialog.close)
        layout = QVBoxLayout(dialog)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.addWidget(area)
        layout.addWidget(buttons)
        dialog.ensurePolished()  # only then its type is known
        width = max(content.sizeHint().width(), scaled(WIDTH))
        wrapped = content.heightForWidth(width) if content.hasHeightForWidth() else content.sizeHint().height()
        area.setMinimumSize(QSize(width + BAR, min(wrapped, self._window.height() - AROUND)))
        dialog.adjustSize()
        dialog.open()


def _send(gather: Callable[[], str], mail: SignalCarrier) -> None:
    text = gather()
    if isValid(mail):  # else the dialog was closed meanwhile
        mail.arrived.emit(text)


def _stack(*widgets: QWidget) -> QWidget:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setSpacing(16)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return content
