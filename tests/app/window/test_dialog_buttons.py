"""One order of buttons in all dialogs: accept first, cancel last; and no unpainted corners of popups."""

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QMenu, QMessageBox, QStyle

from agents.config import RunConfig
from widgets.runs.fork_dialog import ForkDialog, Parting
from widgets.runs.label_dialog import LabelDialog
from widgets.settings.strategy_button import StrategyPopup
from widgets.shell.question import ask
from widgets.style.wheel_controls import ComboBox
from widgets.timeline.stage_form import StageForm
from widgets.views.run_row import RunRow


def question(window, monkeypatch):
    boxes = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: boxes.append(box))
    ask(window, "Save?", {"save": "Save", "drop": "Don't save"})
    return boxes[0]


def fork(window, monkeypatch):
    return ForkDialog(Parting(name="x", step=5, last=9, config=RunConfig(), replanned=False, is_live=False), window)


def describe(window, monkeypatch):
    row = RunRow.__new__(RunRow)
    for name, value in {"name": "x", "tags": (), "note": "", "folder": None}.items():
        object.__setattr__(row, name, value)
    return LabelDialog(row, window)


def options(window, monkeypatch):
    return StageForm(window.session.curriculum, window.session.curriculum.stages[0].id, RunConfig().strategy, window)


WINDOWS = 0
"""The button layout of all dialogs, whatever the desktop's own is."""
ORDER = [QDialogButtonBox.ButtonRole.AcceptRole, QDialogButtonBox.ButtonRole.DestructiveRole]
ORDER += [QDialogButtonBox.ButtonRole.RejectRole]


@pytest.mark.parametrize("create", [question, fork, describe, options])
def test_every_dialog_has_its_buttons_in_one_order_on_every_desktop(qtbot, window, monkeypatch, create):
    dialog = create(window, monkeypatch)
    dialog.show()
    (box,) = dialog.findChildren(QDialogButtonBox)
    roles = [box.buttonRole(button) for button in sorted(box.buttons(), key=lambda button: button.x())]
    assert roles == [role for role in ORDER if role in roles]
    assert box.style().styleHint(QStyle.StyleHint.SH_DialogButtonLayout, None, box) == WINDOWS
    dialog.close()
    dialog.deleteLater()


def menu(window):
    instance = QMenu(window)
    instance.addAction("x")
    return instance


def list_of_a_combo_box(window):
    box = ComboBox(window)
    box.addItems(["a", "b"])
    return box.view().window()


POPUPS = {
    "menu": menu,
    "list": list_of_a_combo_box,
    "strategies": lambda window: StrategyPopup(RunConfig(), window),
    "options": lambda window: options(window, None),
}


@pytest.mark.parametrize("key", POPUPS)
def test_no_popup_has_unpainted_corners(qtbot, window, key):
    popup = POPUPS[key](window)
    popup.ensurePolished()
    popup.resize(200, 120)
    picture = popup.grab().toImage()
    right, bottom = picture.width() - 1, picture.height() - 1
    corners = {picture.pixelColor(x, y).name() for x in (0, right) for y in (0, bottom)}
    edge = picture.pixelColor(right // 2, 0).name()
    assert corners == {edge}
    popup.close()
    popup.deleteLater()
