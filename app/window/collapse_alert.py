"""Notify, once a stage, that the current run's policy has collapsed."""

from __future__ import annotations

from PySide6.QtCore import QObject

from agents.analysis.collapse import collapse
from agents.story import Story
from app.session.session import Session
from widgets.scene import Scene
from widgets.style.task_names import task_names
from widgets.why.collapse_words import collapse_words


class CollapseAlert(QObject):
    """Looks at the run as it is told; a stored one is not news."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._said: tuple[Story | None, int] = (None, -1)
        """The run, and the stage, of which it was said last."""
        session.scene_changed.connect(self.look)

    def look(self, scene: Scene) -> None:
        """Look whether there is something to say."""
        if scene.story is None or scene.state != "running":
            return
        found = collapse(scene.story.until())
        if found is None or self._said == (scene.story, found.index):
            return
        self._said = (scene.story, found.index)
        self._session.notice(collapse_words(found, task_names(scene.story.tasks)[found.task_id]))
