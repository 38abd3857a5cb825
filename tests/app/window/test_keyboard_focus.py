"""The focus stays in its card when the focused widget is lost, and Space still plays and pauses."""

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

TEXT_FIELDS = (QLineEdit, QAbstractSpinBox, QPlainTextEdit)
ACTIONS_OF_APPEARANCE = ("language", "theme", "larger", "layout")


def disable(widget):
    widget.setEnabled(False)


def hide(widget):
    widget.hide()


def remove_and_delete(widget):
    """As forms do when they are rebuilt."""
    widget.setParent(None)
    widget.deleteLater()


def delete(widget):
    widget.deleteLater()


@pytest.fixture
def active_window(qtbot, window):
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


def space_starts_a_run(qtbot, active_window):
    """Return whether Space starts a run, and reset the session."""
    focus = QApplication.focusWidget()
    assert focus is not active_window.header.title
    qtbot.keyClick(focus or active_window, Qt.Key.Key_Space)
    has_started = active_window.session.state != "idle"
    active_window.session.reset()
    return has_started


def check_focus(qtbot, active_window, card):
    """Check that the focus is in the card, on a widget that does not use Space."""
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=1_000)
    focus = QApplication.focusWidget()
    assert active_window.docks.card_of(focus) is card, focus
    assert not isinstance(focus, TEXT_FIELDS)
    assert not owns(focus, Qt.Key.Key_Space)


def shown_cards(qtbot, active_window):
    """Yield every card after showing it."""
    for key, card in active_window.docks.cards.items():
        active_window.docks.show_panel(key)
        active_window.activateWindow()  # without a desktop, any other window that opens and closes takes that away
        qtbot.waitUntil(lambda key=key: active_window.docks.is_any_visible(key) and active_window.isActiveWindow())
        yield card


@pytest.mark.parametrize("loss", [disable, hide])
def test_a_disabled_or_hidden_widget_leaves_the_focus_in_its_card(qtbot, active_window, loss):
    for card in shown_cards(qtbot, active_window):
        for widget in reachable(card):
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            if not widget.hasFocus():  # it went with the one before
                continue
            loss(widget)
            check_focus(qtbot, active_window, card)
            if loss is disable:
                widget.setEnabled(True)
        assert space_starts_a_run(qtbot, active_window)
    assert active_window.session.curriculum.title == "Two houses"


@pytest.mark.parametrize("loss", [remove_and_delete, delete])
@pytest.mark.parametrize("kind", [QPushButton, QLineEdit, QListWidget])
def test_a_deleted_widget_leaves_the_focus_in_its_card(qtbot, active_window, loss, kind):
    for card in shown_cards(qtbot, active_window):
        widget = kind(card.panel)
        widget.show()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.hasFocus()
        loss(widget)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        check_focus(qtbot, active_window, card)
        assert space_starts_a_run(qtbot, active_window)


@pytest.mark.parametrize("action", ACTIONS_OF_APPEARANCE)
def test_a_change_of_appearance_leaves_the_focus_in_its_card(qtbot, active_window, action):
    for card in shown_cards(qtbot, active_window):
        candidates = [w for w in reachable(card) if not owns(w, Qt.Key.Key_Space) and not isinstance(w, TEXT_FIELDS)]
        (candidates[-1] if candidates else card).setFocus(Qt.FocusReason.TabFocusReason)
        active_window.commands[action].trigger()
        qtbot.wait(20)
        if action == "layout" and not active_window.docks.is_any_visible(
            card.key
        ):  # that of the first start has another card there
            assert QApplication.focusWidget() is active_window.docks
        else:
            check_focus(qtbot, active_window, card)
        assert space_starts_a_run(qtbot, active_window)
    assert active_window.session.curriculum.title == "Two houses"


@pytest.mark.parametrize("key", [key for key in ACTIONS if ACTIONS[key].states])
def test_no_action_of_a_run_focuses_the_title(qtbot, active_window, monkeypatch, key):
    monkeypatch.setattr("widgets.runs.fork_dialog.ForkDialog.exec", lambda dialog: 0)
    monkeypatch.setattr("app.window.deletions.is_sure", lambda *_, **__: True)
    active_window.session.play_or_pause()
    qtbot.waitUntil(lambda: active_window.session.state == "running", timeout=5_000)
    button = active_window.header._buttons.get(key)
    if button is not None:
        button.setFocus(Qt.FocusReason.TabFocusReason)
    active_window.commands[key].trigger()
    qtbot.wait(50)
    assert not isinstance(QApplication.focusWidget(), QLineEdit)


def test_the_title_is_entered_by_a_click_or_f2_and_by_nothing_else(qtbot, active_window):
    title = active_window.header.title
    assert title.focusPolicy() == Qt.FocusPolicy.ClickFocus
    active_window.docks.setFocus()
    qtbot.keyClick(active_window, Qt.Key.Key_F2)
    assert title.hasFocus()
    assert title.selectedText() == "Two houses"
    qtbot.keyClicks(title, "Another one")
    qtbot.keyClick(title, Qt.Key.Key_Return)
    assert active_window.session.curriculum.title == "Another one"
    assert QApplication.focusWidget() is not title
    active_window.session.curriculum.undo()
    qtbot.keyClick(active_window, Qt.Key.Key_F2)
    qtbot.keyClicks(title, "Never mind")
    qtbot.keyClick(title, Qt.Key.Key_Escape)
    assert active_window.session.curriculum.title == title.text() == "Two houses"


@pytest.mark.parametrize("typed", [" ", "   "])
def test_a_blank_title_is_refused_with_a_notice(qtbot, active_window, typed):
    title = active_window.header.title
    active_window.commands["rename"].trigger()
    qtbot.keyClicks(title, typed)
    qtbot.keyClick(title, Qt.Key.Key_Return)
    assert active_window.session.curriculum.title == title.text() == "Two houses"
    assert active_window.notice_bar.text.text() == "A curriculum needs a title; it is still called ‘Two houses’."


def test_a_title_that_is_too_long_is_a_notice(qtbot, active_window):
    active_window.commands["rename"].trigger()
    QApplication.clipboard().setText("x" * 300)
    active_window.header.title.paste()
    assert active_window.notice_bar.text.text() == "A title has at most 200 characters."
