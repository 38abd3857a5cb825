"""The base class of every dockable panel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication, QWidget

from widgets.scene import Scene
from widgets.style.theme import current


class Panel(QWidget):
    """A dockable view of a run, drawn from a `Scene`.

    `draw` is called at most ten times a second, only while the panel is visible and
    only when something changed. It redraws from the scene alone: a panel stores no
    events, so that running, stored, overlaid and past runs are drawn by the same code.

    Signals:
        requested: an `agents.commands.Command` for the run, or one of `widgets.requests`
            for the session.
    """

    requested = Signal(object)
    _is_covered, _needs_retranslation, _applied_theme = False, False, ("", 0)

    def draw(self, scene: Scene) -> None:
        """Show `scene`."""

    def clear(self) -> None:
        """Clear what did not come from a scene, because another curriculum was opened."""

    def header_widgets(self) -> list[QWidget]:
        """Return the controls that the panel's card puts at the right end of its title row."""
        return []

    def subtitle(self) -> str:
        """Return the text beside the title; called after each `draw`."""
        return ""

    def retranslate(self) -> None:
        """Set every text again, in the current language."""

    def restyle(self) -> None:
        """Apply the current theme to what a style sheet cannot reach: icons, painted items, plots."""

    def set_covered(self, is_covered: bool) -> None:
        """Defer changes of language and theme while the panel is covered, and apply them when it is not."""
        self._is_covered = is_covered
        self._apply_pending()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Apply a change of language or theme, or note that it is pending."""
        if event.type() == QEvent.Type.LanguageChange:
            self._needs_retranslation = True
            self._apply_pending()
        elif event.type() == QEvent.Type.PaletteChange:
            self._apply_pending()
        super().changeEvent(event)

    def _apply_pending(self) -> None:
        if self._is_covered:
            return
        # Qt sends several PaletteChange events for one change of the theme
        wanted_theme = current().name, QApplication.font().pixelSize()
        if self._applied_theme != wanted_theme:
            self._applied_theme = wanted_theme
            self.restyle()
        if self._needs_retranslation:
            self._needs_retranslation = False
            self.retranslate()
