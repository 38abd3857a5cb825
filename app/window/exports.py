"""Export a run's tables and plots, and pictures of panels."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from agents.errors import BadInput
from app.runs import knowledge_tables
from app.runs.tables import column_titles
from app.session.session import Session
from app.window.dock_area import DockArea
from app.window.widget_images import KINDS
from widgets.panel import Panel
from widgets.shell.save_dialog import ask_for_file, ask_for_folder
from widgets.style.translation import tr

PLOTS = ("reward", "remembering", "curriculum")
"""Panels whose pictures go with a run's tables."""


class Exports(QObject):
    """Asks where to, and writes."""

    def __init__(self, session: Session, docks: DockArea, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._docks, self._window = session, docks, window

    def run_in_front(self) -> None:
        """Export the run that the panels show."""
        if self._session.folder is None:
            self._session.notice(tr("There is no run to export yet. Press play first."))
        else:
            self.run(self._session.folder)

    def run(self, folder: Path) -> None:
        """Export a stored run; if it is the one in front, with pictures of the plots."""
        target = ask_for_folder(self._window, tr("Export to a folder"), folder.name)
        if target is None:
            return
        self._session.run_library.export(folder, target)
        if folder == self._session.folder:
            self._plots(target)

    def _plots(self, target: Path) -> None:
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError:  # the tables go there, too: the shelf says that they can't
            return
        for key, (kind, save) in product(PLOTS, KINDS.items()):
            with suppress(OSError):  # as above
                save(self._docks.cards[key], target / f"{key}.{kind}")

    def knowledge(self) -> None:
        """Save what the agent in front knows at the moment looked at, as a table or as JSON."""
        scene = self._session.scene
        view = None if scene.story is None else scene.story.until(scene.playhead)
        if view is None or not view.knowledge_version:
            self._session.notice(tr("This agent knows no sentences yet: there is nothing to export."))
            return
        kinds = {".csv": tr("Tables (*.csv)"), ".json": tr("JSON (*.json)")}
        path = ask_for_file(self._window, tr("Export what is known"), "knowledge", kinds)
        if path is None:
            return
        try:
            knowledge_tables.write(path, knowledge_tables.rows(view.knowledge(), column_titles(view.tasks)))
        except BadInput as error:
            self._session.notice(str(error), is_problem=True)
        else:
            self._session.notice(tr("Saved to {path}", path=str(path)))

    def window_picture(self) -> None:
        """Save a picture of the whole window."""
        self._picture(self._window, "palimpsest", "png")

    def panel_picture(self, panel: Panel, kind: str) -> None:
        """Save a picture of one panel, with its title."""
        card = next(card for card in self._docks.cards.values() if card.panel is panel)
        self._picture(card, card.key, kind)

    def _picture(self, widget: QWidget, name: str, kind: str) -> None:
        words = {"png": tr("Pictures (*.png)"), "svg": tr("Drawings (*.svg)")}
        path = ask_for_file(self._window, tr("Save a picture"), name, {f".{kind}": words[kind]})
        if path is None:
            return
        try:
            KINDS[kind](widget, path)
        except OSError:
            self._session.notice(tr("{path} can't be written; choose another place", path=str(path)), is_problem=True)
        else:
            self._session.notice(tr("Saved to {path}", path=str(path)))
