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
from app.window.widget_images import WRITERS
from widgets.panel import Panel
from widgets.shell.save_dialog import ask_for_file, ask_for_folder
from widgets.style.translation import tr

PICTURED_PANELS = ("reward", "remembering", "curriculum")
"""Panels whose pictures are exported with a run's tables."""


class Exports(QObject):
    """Asks for a file or folder, and writes the export."""

    def __init__(self, session: Session, docks: DockArea, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._docks, self._window = session, docks, window

    def displayed_run(self) -> None:
        """Export the displayed run."""
        if self._session.folder is None:
            self._session.notice(tr("There is no run to export yet. Press play first."))
        else:
            self.run(self._session.folder)

    def run(self, folder: Path) -> None:
        """Export a stored run; the displayed one with pictures of the plots."""
        target = ask_for_folder(self._window, tr("Export to a folder"), folder.name)
        if target is None:
            return
        self._session.run_library.export(folder, target)
        if folder == self._session.folder:
            self._save_plots(target)

    def _save_plots(self, target: Path) -> None:
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError:  # the run library reports the error: it writes the tables there
            return
        for key, (kind, save) in product(PICTURED_PANELS, WRITERS.items()):
            with suppress(OSError):  # as above
                save(self._docks.cards[key], target / f"{key}.{kind}")

    def knowledge(self) -> None:
        """Save the displayed agent's knowledge at the playhead, as CSV or JSON."""
        scene = self._session.scene
        view = None if scene.story is None else scene.story.until(scene.playhead)
        if view is None or not view.knowledge_version:
            self._session.notice(tr("This agent has no knowledge yet: there is nothing to export."))
            return
        kinds = {".csv": tr("Tables (*.csv)"), ".json": tr("JSON (*.json)")}
        path = ask_for_file(self._window, tr("Export the knowledge"), "knowledge", kinds)
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
        self._save_picture(self._window, "palimpsest", "png")

    def panel_picture(self, panel: Panel, kind: str) -> None:
        """Save a picture of one panel, with its title."""
        card = next(card for card in self._docks.cards.values() if card.panel is panel)
        self._save_picture(card, card.key, kind)

    def _save_picture(self, widget: QWidget, name: str, kind: str) -> None:
        file_kinds = {"png": tr("Pictures (*.png)"), "svg": tr("Drawings (*.svg)")}
        path = ask_for_file(self._window, tr("Save a picture"), name, {f".{kind}": file_kinds[kind]})
        if path is None:
            return
        try:
            WRITERS[kind](widget, path)
        except OSError:
            self._session.notice(tr("{path} can't be written; choose another folder", path=str(path)), is_problem=True)
        else:
            self._session.notice(tr("Saved to {path}", path=str(path)))
