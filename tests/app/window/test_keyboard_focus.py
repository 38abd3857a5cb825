"""The keyboard stays in its card, whatever becomes of the widget that has it, and Space plays and pauses."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.window.actions import ACTIONS
from app.window.shortcut_owners import owns

TYPED_INTO = (QLineEdit, QAbstractSpinBox, QPlainTextEdit)
LOOKS = ("language", "theme", "larger", "layout")


def disable(widget):
    widget.setEnabled(False)


def hide(widget):
    widget.hide()


def rebuild(widget):
    """As forms do that are made anew."""
    widget.setParent(None)
    widget.deleteLater()


def delete(widget):
    widget.deleteLater()


@pytest.fixture
def lab(qtbot, window):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def reachable(card):
    return [
        widget
        for widget in card.findChildren(QWidget)
        if widget.isVisibleTo(card)
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
    ]


def plays(qtbot, lab):
    """Whether Space begins a run; then it is put back."""
    focus = QApplication.focusWidget()
    assert focus is not lab.header.title
    qtbot.keyClick(focus or lab, Qt.Key.Key_Space)
    played = lab.session.state != "idle"
    lab.session.reset()
    return played


def must_stay(qtbot, lab, card):
    """See that the keyboard is on the card, where Space is left to the window."""
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=1_000)
    focus = QApplication.focusWidget()
    assert lab.docks.card_of(focus) is card, focus
    assert not isinstance(focus, TYPED_INTO)
    assert not owns(focus, Qt.Key.Key_Space)


def shown(qtbot, lab):
    """Every card, one after the other brought to the top."""
    for key, card in lab.docks.cards.items():
        lab.docks.bring(key)
        lab.activateWindow()  # without a desktop, any other window that opens and closes takes that away
        qtbot.waitUntil(lambda key=key: lab.docks.sees(key) and lab.isActiveWindow())
        yield card


@pytest.mark.parametrize("loss", [disable, hide])
def test_a_widget_that_can_not_keep_the_keyboard_leaves_it_in_its_card(qtbot, lab, loss):
    for card in shown(qtbot, lab):
        for widget in reachable(card):
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            if not widget.hasFocus():  # it went with the one before
                continue
            loss(widget)
            must_stay(qtbot, lab, card)
            if loss is disable:
                widget.setEnabled(True)
        assert plays(qtbot, lab)
    assert lab.session.curriculum.title == "Two houses"


@pytest.mark.parametrize("loss", [rebuild, delete])
@pytest.mark.parametrize("kind", [QPushButton, QLineEdit, QListWidget])
def test_a_widget_that_vanishes_leaves_the_keyboard_in_its_card(qtbot, lab, loss, kind):
    for card in shown(qtbot, lab):
        widget = kind(card.panel)
        widget.show()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.hasFocus()
        loss(widget)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        must_stay(qtbot, lab, card)
        assert plays(qtbot, lab)


@pytest.mark.parametrize("action", LOOKS)
def test_another_look_leaves_the_keyboard_in_its_card(qtbot, lab, action):
    for card in shown(qtbot, lab):
        fitting = [w for w in reachable(card) if not owns(w, Qt.Key.Key_Space) and not isinstance(w, TYPED_INTO)]
        (fitting[-1] if fitting else card).setFocus(Qt.FocusReason.TabFocusReason)
        lab.commands[action].trigger()
        qtbot.wait(20)
        if action == "layout" and not lab.docks.sees(card.key):  # that of the first start has another card there
            assert QApplication.focusWidget() is lab.docks
        else:
            must_stay(qtbot, lab, card)
        assert plays(qtbot, lab)
    assert lab.session.curriculum.title == "Two houses"


@pytest.mark.parametrize("key", [key for key in ACTIONS if ACTIONS[key].states])
def test_no_action_of_a_run_puts_the_keyboard_into_the_title(qtbot, lab, monkeypatch, key):
    monkeypatch.setattr("widgets.runs.fork_dialog.ForkDialog.exec", lambda dialog: 0)
    monkeypatch.setattr("app.window.deletions.is_sure", lambda *_, **__: True)
    lab.session.play_or_pause()
    qtbot.waitUntil(lambda: lab.session.state == "running", timeout=5_000)
    button = lab.header._buttons.get(key)
    if button is not None:
        button.setFocus(Qt.FocusReason.TabFocusReason)
    lab.commands[key].trigger()
    qtbot.wait(50)
    assert not isinstance(QApplication.focusWidget(), QLineEdit)


def test_the_title_is_entered_by_a_click_or_f2_and_by_nothing_else(qtbot, lab):
    title = lab.header.title
    assert title.focusPolicy() == Qt.FocusPolicy.ClickFocus
    lab.docks.setFocus()
    qtbot.keyClick(lab, Qt.Key.Key_F2)
    assert title.hasFocus()
    assert title.selectedText() == "Two houses"
    qtbot.keyClicks(title, "Another one")
    qtbot.keyClick(title, Qt.Key.Key_Return)
    assert lab.session.curriculum.title == "Another one"
    assert QApplication.focusWidget() is not title
    lab.session.curriculum.undo()
    qtbot.keyClick(lab, Qt.Key.Key_F2)
    qtbot.keyClicks(title, "Never mind")
    qtbot.keyClick(title, Qt.Key.Key_Escape)
    assert lab.session.curriculum.title == title.text() == "Two houses"


@pytest.mark.parametrize("typed", [" ", "   "])
def test_a_blank_title_is_refused_and_that_is_said(qtbot, lab, typed):
    title = lab.header.title
    lab.commands["rename"].trigger()
    qtbot.keyClicks(title, typed)
    qtbot.keyClick(title, Qt.Key.Key_Return)
    assert lab.session.curriculum.title == title.text() == "Two houses"
    assert lab.notice_bar.text.text() == "A curriculum needs a title; it is still called ‘Two houses’."


def test_a_title_that_is_cut_is_told(qtbot, lab):
    lab.commands["rename"].trigger()
    QApplication.clipboard().setText("x" * 300)
    lab.header.title.paste()
    assert lab.notice_bar.text.text() == "A title has at most 200 characters."
