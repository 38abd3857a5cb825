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
"""Keys that panels handle, in addition to those of the menus."""
MIN_WIDTH, SCROLL_BAR, FRAME_HEIGHT = 420, 16, 200
"""Least width of a dialog's content at the normal font scale, width of its scroll bar, height around it, in pixels."""


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
        for row, (keys, text) in enumerate((*rows, *OTHER_KEYS)):
            keys_label = QLabel(QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText))
            keys_label.setProperty("strong", True)
            grid.addWidget(keys_label, row, 0)
            grid.addWidget(QLabel(tr(text)), row, 1)
        self._open_dialog(tr("Keyboard shortcuts"), content)

    def about(self) -> None:
        """Show what Palimpsest is."""
        description = QLabel(
            tr(
                "Palimpsest is a desktop lab in which you watch a language agent learn one task after "
                "another, overwrite what it knew, and be made to remember."
            ),
            wordWrap=True,
        )
        self._open_dialog(tr("About Palimpsest"), _stack(description, QLabel(versions())))

    def open_logs(self) -> None:
        """Show the folder of the log files."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs))):
            self._session.notice(tr("The log files are in {folder}", folder=str(self._logs)))

    def copy_versions(self) -> None:
        """Copy the versions of Palimpsest and of its packages."""
        QGuiApplication.clipboard().setText(versions())
        self._session.notice(tr("Copied the versions of Palimpsest and its packages."))

    def report(self) -> None:
        """Create a problem report in a thread, and show it."""
        dialog = ProblemDialog(self._window)
        carrier = SignalCarrier(dialog)
        carrier.arrived.connect(dialog.show_report)
        create_report = partial(
            problem_report, self._session.run_library.root, self._logs, QGuiApplication.platformName()
        )
        # reading a long run takes seconds
        threading.Thread(target=_send, args=(create_report, carrier), name="report", daemon=True).start()
        dialog.open()

    def _open_dialog(self, title: str, content: QWidget) -> None:
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
        dialog.ensurePolished()  # before this its font is not known
        width = max(content.sizeHint().width(), scaled(MIN_WIDTH))
        content_height = content.heightForWidth(width) if content.hasHeightForWidth() else content.sizeHint().height()
        area.setMinimumSize(QSize(width + SCROLL_BAR, min(content_height, self._window.height() - FRAME_HEIGHT)))
        dialog.adjustSize()
        dialog.open()


def _send(create_report: Callable[[], str], carrier: SignalCarrier) -> None:
    text = create_report()
    if isValid(carrier):  # false if the dialog was closed meanwhile
        carrier.arrived.emit(text)


def _stack(*widgets: QWidget) -> QWidget:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setSpacing(16)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return content
