"""Notify, once a stage, that the current run's policy has collapsed."""

from __future__ import annotations

from PySide6.QtCore import QObject

from agents.analysis.collapse import collapse
from agents.story import Story
from app.session.session import Session
from widgets.scene import Scene
from widgets.style.task_names import task_names
from widgets.why.collapse_text import collapse_text


class CollapseAlert(QObject):
    """Checks the active run at each redraw; stored runs are not checked."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._last_reported: tuple[Story | None, int] = (None, -1)
        """The story, and the index of the stage, of the last notice."""
        session.scene_changed.connect(self.check)

    def check(self, scene: Scene) -> None:
        """Show a notice if the policy has collapsed in a new stage."""
        if scene.story is None or scene.state != "running":
            return
        detected = collapse(scene.story.until())
        if detected is None or self._last_reported == (scene.story, detected.index):
            return
        self._last_reported = (scene.story, detected.index)
        self._session.notice(collapse_text(detected, task_names(scene.story.tasks)[detected.task_id]))
