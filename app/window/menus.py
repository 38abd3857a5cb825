"""The menus, built from the MENUS table; some entries change while the application runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from agents.config.config_file import curricula, load
from app.window.actions import MENUS
from app.window.appearance import Appearance
from app.window.dock_area import DockArea
from app.window.documents import Documents
from app.window.settings import Settings
from widgets.style.catalogue import LANGUAGES
from widgets.style.translation import tr

SUBMENUS: Mapping[str, str] = {
    "recent": "Open recent",
    "examples": "Open an example",
    "panels": "Panels",
    "languages": "Language",
}
"""Titles of the submenus."""


class Menus(QObject):
    """Fills a menu bar from the MENUS table."""

    def __init__(self, bar: QMenuBar, actions: Mapping[str, QAction]) -> None:
        super().__init__(bar)
        self._menus: list[tuple[QMenu, str]] = []
        self.submenus: dict[str, QMenu] = {}
        for title, keys in MENUS:
            menu = QMenu(bar)
            menu.setToolTipsVisible(True)
            bar.addMenu(menu)
            self._menus.append((menu, title))
            for key in keys:
                self._add(menu, key, actions)

    def _add(self, menu: QMenu, key: str, actions: Mapping[str, QAction]) -> None:
        if not key:
            menu.addSeparator()
        elif key.startswith("+"):
            submenu = QMenu(menu)
            submenu.setToolTipsVisible(True)
            menu.addMenu(submenu)
            self.submenus[key[1:]] = submenu
            self._menus.append((submenu, SUBMENUS[key[1:]]))
        else:
            menu.addAction(actions[key])

    def retranslate(self) -> None:
        """Update every title to the current language."""
        for menu, title in self._menus:
            menu.setTitle(tr(title))

    def list_panels(self, docks: DockArea) -> None:
        """List every panel, checked if it is visible; choosing one shows or closes it."""
        menu = self.submenus["panels"]
        menu.clear()
        for key, card in docks.cards.items():
            action = menu.addAction(card.title, partial(docks.switch, key))
            action.setCheckable(True)
            action.setChecked(docks.is_any_visible(key))

    def list_languages(self, appearance: Appearance) -> None:
        """List every language by its own name."""
        menu = self.submenus["languages"]
        menu.clear()
        for old in menu.findChildren(QActionGroup):
            old.deleteLater()  # QMenu.clear does not delete the group of its actions
        group = QActionGroup(menu)
        for key, name in LANGUAGES.items():
            action = menu.addAction(name, partial(appearance.choose_language, key))
            action.setCheckable(True)
            action.setChecked(key == appearance.language)
            group.addAction(action)

    def list_examples(self, documents: Documents) -> None:
        """List the shipped curricula by their titles."""
        menu = self.submenus["examples"]
        menu.clear()
        for path in curricula().values():
            menu.addAction(tr(load(path).name), _open_action(documents, path))

    def list_recent(self, settings: Settings, documents: Documents) -> None:
        """List the recent files."""
        menu = self.submenus["recent"]
        menu.clear()
        for number, path in enumerate(settings.recent, start=1):
            action = menu.addAction(path.name, _open_action(documents, path))
            action.setToolTip(str(path))
            action.setShortcut(f"Ctrl+{number}")
        menu.setEnabled(bool(settings.recent))


def _open_action(documents: Documents, path: Path) -> Callable[[], None]:
    return partial(documents.open_path, path)
