"""Which actions are disabled for the displayed run, with the reason as the tooltip."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QShortcut
from PySide6.QtWidgets import QWidget

from app.session.session import Session
from app.window.actions import ACTIONS, describe
from widgets.curriculum.plan import planned
from widgets.style.translation import tr

KEYS = ("resume", "fork")
"""Actions that a finished run can disable, in addition to the session's state."""


def disabled_reasons(session: Session) -> Mapping[str, str]:
    """Return the reasons why actions are disabled, by action key."""
    story = session.story
    if story is None or session.state != "stored" or not session.is_done:
        return {}
    reasons = {"resume": tr("This run is finished. Fork it to continue with other settings or stages.")}
    playhead, view = session.scene.playhead, story.until()
    is_end = playhead is None or playhead >= view.step
    if is_end and session.curriculum.stages == planned(view):
        reasons["fork"] = tr(
            "This run is finished, and nothing would follow its end. Drag the playhead back, or add a clip, to fork it."
        )
    return reasons


class DisabledActions(QObject):
    """Disables actions, and shows the reason as tooltip and when their shortcut is pressed."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], window: QWidget) -> None:
        super().__init__(window)
        self._session, self._actions = session, actions
        self._shown_reasons: dict[str, str] = {}
        # a disabled QAction ignores its shortcut, so another one shows the reason
        self._keys = {key: QShortcut(actions[key].shortcut(), window) for key in KEYS}
        for key, shortcut in self._keys.items():
            shortcut.setEnabled(False)
            shortcut.activated.connect(partial(self._notify, key))
        session.scene_changed.connect(self.refresh)
        session.state_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Enable and disable the actions for the displayed run."""
        current = disabled_reasons(self._session)
        for key in KEYS:
            action, spec, reason = self._actions[key], ACTIONS[key], current.get(key, "")
            action.setEnabled(not reason and self._session.state in spec.states.split())
            self._keys[key].setEnabled(bool(reason))
            if reason != self._shown_reasons.get(key):
                self._shown_reasons[key] = reason
                describe(action, spec)
                if reason:
                    action.setToolTip(reason)

    def retranslate(self) -> None:
        """Update every text to the current language."""
        self._shown_reasons.clear()
        self.refresh()

    def _notify(self, key: str) -> None:
        self._session.notice(self._shown_reasons[key], cause="run")
