"""Asking a person to decide: one kind of box, so that every question looks and is answered alike."""

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
    """Ask, and return the key of the answer; None where the person cancels or closes the box.

    `answers` are the words on the buttons, by key: what the question offers first, then the other ways. A button to
    cancel comes last; the key `cancel` gives it other words. `barred` can't be chosen; `default` is what Enter presses.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setTextFormat(Qt.TextFormat.PlainText)  # names come from elsewhere, and are no markup
    box.setText(text)
    box.setInformativeText(detail)
    words = {key: said for key, said in answers.items() if key != _CANCEL} | {
        _CANCEL: answers.get(_CANCEL) or tr("Cancel")
    }
    buttons = {key: box.addButton(said, _role(place, key)) for place, (key, said) in enumerate(words.items())}
    for key in barred:
        buttons[key].setEnabled(False)
    box.setDefaultButton(buttons[default or next(iter(buttons))])
    box.setEscapeButton(buttons[_CANCEL])
    box.exec()
    chosen = box.clickedButton()
    box.deleteLater()
    return next((key for key, button in buttons.items() if button is chosen and key != _CANCEL), None)


def is_sure(parent: QWidget, text: str, deed: str, *, detail: str = "") -> bool:
    """Ask before what can't be undone; `deed` is the word on the button. Enter and Esc leave things as they are."""
    return ask(parent, text, {"deed": deed}, detail=detail, default=_CANCEL) == "deed"


def _role(place: int, key: str) -> QMessageBox.ButtonRole:
    if key == _CANCEL:
        return QMessageBox.ButtonRole.RejectRole
    return QMessageBox.ButtonRole.DestructiveRole if place else QMessageBox.ButtonRole.AcceptRole
