"""Modal questions: one message box for all of them, so that they look and behave the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from widgets.style.translation import tr

_CANCEL = "cancel"


def ask(
    parent: QWidget,
    text: str,
    answers: Mapping[str, str],
    *,
    detail: str = "",
    barred: Collection[str] = (),
    default: str = "",
) -> str | None:
    """Ask a question; return the key of the chosen answer, or None if the user cancels or closes the box.

    `answers` are the buttons' labels by key, the primary one first. A cancel button is added at the end; the key
    `cancel` replaces its label. Answers in `barred` are disabled; `default` is the button that Enter presses.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setTextFormat(Qt.TextFormat.PlainText)  # texts may contain names from files, which are not markup
    box.setText(text)
    box.setInformativeText(detail)
    labels = {key: label for key, label in answers.items() if key != _CANCEL} | {
        _CANCEL: answers.get(_CANCEL) or tr("Cancel")
    }
    buttons = {key: box.addButton(label, _role(index, key)) for index, (key, label) in enumerate(labels.items())}
    for key in barred:
        buttons[key].setEnabled(False)
    box.setDefaultButton(buttons[default or next(iter(buttons))])
    box.setEscapeButton(buttons[_CANCEL])
    box.exec()
    chosen = box.clickedButton()
    box.deleteLater()
    return next((key for key, button in buttons.items() if button is chosen and key != _CANCEL), None)


def is_sure(parent: QWidget, text: str, action: str, *, detail: str = "") -> bool:
    """Ask before an irreversible action; return whether to do it. `action` labels its button; Enter and Esc cancel."""
    return ask(parent, text, {"action": action}, detail=detail, default=_CANCEL) == "action"


def _role(index: int, key: str) -> QMessageBox.ButtonRole:
    if key == _CANCEL:
        return QMessageBox.ButtonRole.RejectRole
    return QMessageBox.ButtonRole.DestructiveRole if index else QMessageBox.ButtonRole.AcceptRole
