"""The contract between a run and whatever shows it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication, QWidget

from widgets.scene import Scene
from widgets.style.theme import current


class Panel(QWidget):
    """A dockable view of a run.

    `draw` is called at most ten times a second, only while the panel can be seen and
    only when something changed. It redraws from the scene alone: a panel keeps no list
    of events, so that live, stored, overlaid and past runs are the same picture.

    Signals:
        requested: an `agents.commands.Command`, or one of `widgets.requests`: what the
            person asks for here.
    """

    requested = Signal(object)
    _is_behind, _misses_words, _themed_for = False, False, ("", 0)

    def draw(self, scene: Scene) -> None:
        """Show `scene`."""

    def forget(self) -> None:
        """Show nothing more of what was told otherwise than by a scene: another curriculum is in front."""

    def header_widgets(self) -> list[QWidget]:
        """Controls of this panel for the right end of its card's title row."""
        return []

    def subtitle(self) -> str:
        """Quiet text beside the title; read again after each `draw`."""
        return ""

    def retranslate(self) -> None:
        """Write every text again, in the language now chosen."""

    def restyle(self) -> None:
        """Take the colours of the theme now chosen, where a style sheet can't reach."""

    def put_behind(self, behind: bool) -> None:
        """Put off what follows from another language or theme while nobody can see the panel, or catch up."""
        self._is_behind = behind
        self._catch_up()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() == QEvent.Type.LanguageChange:
            self._misses_words = True
            self._catch_up()
        elif event.type() == QEvent.Type.PaletteChange:
            self._catch_up()
        super().changeEvent(event)

    def _catch_up(self) -> None:
        if self._is_behind:
            return
        # Qt tells of a palette several times for one change of the theme
        themed_for = current().name, QApplication.font().pixelSize()
        if self._themed_for != themed_for:
            self._themed_for = themed_for
            self.restyle()
        if self._misses_words:
            self._misses_words = False
            self.retranslate()
