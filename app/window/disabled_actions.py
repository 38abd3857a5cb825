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

KEYS = ("go_on", "fork")
"""Actions that the state of the session alone does not allow."""


def objections(session: Session) -> Mapping[str, str]:
    """Return why actions can't be used, by key; those that can are left out."""
    story = session.story
    if story is None or session.state != "stored" or not session.is_done:
        return {}
    said = {"go_on": tr("This run is finished. Fork it to give it another future.")}
    playhead, view = session.scene.playhead, story.until()
    is_end = playhead is None or playhead >= view.step
    if is_end and session.curriculum.stages == planned(view):
        said["fork"] = tr(
            "This run is finished, and nothing would follow its end. Drag the playhead back, or add a clip, to fork it."
        )
    return said


class DisabledActions(QObject):
    """Follows the session."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], window: QWidget) -> None:
        super().__init__(window)
        self._session, self._actions = session, actions
        self._said: dict[str, str] = {}
        # a disabled action is deaf to its key
        self._keys = {key: QShortcut(actions[key].shortcut(), window) for key in KEYS}
        for key, shortcut in self._keys.items():
            shortcut.setEnabled(False)
            shortcut.activated.connect(partial(self._say, key))
        session.scene_changed.connect(self.refresh)
        session.state_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Grey what can't be done now."""
        found = objections(self._session)
        for key in KEYS:
            action, spec, said = self._actions[key], ACTIONS[key], found.get(key, "")
            action.setEnabled(not said and self._session.state in spec.states.split())
            self._keys[key].setEnabled(bool(said))
            if said != self._said.get(key):
                self._said[key] = said
                describe(action, spec)
                if said:
                    action.setToolTip(said)

    def retranslate(self) -> None:
        """Write every text again."""
        self._said.clear()
        self.refresh()

    def _say(self, key: str) -> None:
        self._session.notice(self._said[key], cause="run")
