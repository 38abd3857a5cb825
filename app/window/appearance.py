"""Theme, language and font size: applied while the window runs, and stored."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.window.settings import SCALES, Settings
from widgets.style import theme
from widgets.style.catalogue import LANGUAGES, LanguageSwitcher


class Appearance(QObject):
    """Applies theme, language and font scale, and stores changes in the settings.

    Signals:
        changed: the theme, the language or the font scale has changed.
    """

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._interpreter = LanguageSwitcher(self)
        self.theme = settings.theme
        self.scale = settings.scale

    @property
    def language(self) -> str:
        """The language of the interface."""
        return self._interpreter.language

    @property
    def is_dark(self) -> bool:
        """Whether the theme is dark."""
        return self.theme == "dark"

    def begin(self, name: str | None = None, language: str | None = None) -> None:
        """Apply theme and language for the first time: those given at launch, or the stored ones."""
        self.theme = name or self.theme
        self._apply_theme()
        self._interpreter.switch_to(language or self._settings.language)

    def toggle_theme(self) -> None:
        """Switch between the dark and the light theme."""
        self.choose_theme("light" if self.is_dark else "dark")

    def choose_theme(self, name: str) -> None:
        """Apply and store the theme `name`."""
        self.theme = self._settings.theme = name
        self._apply_theme()
        self.changed.emit()

    def next_language(self) -> None:
        """Switch to the next language."""
        known = list(LANGUAGES)
        self.choose_language(known[(known.index(self.language) + 1) % len(known)])

    def choose_language(self, language: str) -> None:
        """Apply and store `language`."""
        self._settings.language = language
        self._interpreter.switch_to(language)
        self.changed.emit()

    def enlarge(self) -> None:
        """Use the next larger font scale."""
        self._resize(1)

    def shrink(self) -> None:
        """Use the next smaller font scale."""
        self._resize(-1)

    def normal_size(self) -> None:
        """Use the normal font scale."""
        self._set_scale(1.0)

    def _resize(self, steps: int) -> None:
        index = SCALES.index(self.scale) + steps
        self._set_scale(SCALES[min(max(index, 0), len(SCALES) - 1)])

    def _set_scale(self, scale: float) -> None:
        self.scale = self._settings.scale = scale
        self._apply_theme()
        self.changed.emit()

    def _apply_theme(self) -> None:
        theme.apply(theme.named(self.theme), self.scale)
