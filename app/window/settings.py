"""Settings that are stored between sessions: appearance and what was open."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from widgets.forms.field_titles import LEVELS, Level
from widgets.style.catalogue import LANGUAGES, system_language
from widgets.style.theme import THEMES, system_theme

MAX_RECENT = 9
MAX_DECLINED = 50
"""Largest number of declined runs that are stored."""
SCALES = (0.9, 1.0, 1.15, 1.3, 1.5)
"""Font scales to choose from."""


def config_folder() -> Path:
    """Return the folder of the settings; `PALIMPSEST_CONFIG` overrides it."""
    return Path(os.environ.get("PALIMPSEST_CONFIG") or platformdirs.user_config_dir("palimpsest"))


class Settings:
    """The settings file; an invalid value is read as missing."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or config_folder()
        self._file = QSettings(str(self.folder / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """`dark` or `light`; at the first start, the desktop's."""
        return self._choice("theme", tuple(THEMES), system_theme())

    @theme.setter
    def theme(self, name: str) -> None:
        self._file.setValue("theme", name)

    @property
    def language(self) -> str:
        """The language of the interface; at the first start, the desktop's."""
        return self._choice("language", tuple(LANGUAGES), system_language())

    @language.setter
    def language(self, name: str) -> None:
        self._file.setValue("language", name)

    @property
    def scale(self) -> float:
        """The font scale; 1.0 is normal."""
        return float(self._choice("scale", tuple(map(str, SCALES)), "1.0"))

    @scale.setter
    def scale(self, scale: float) -> None:
        self._file.setValue("scale", str(scale))

    @property
    def detail(self) -> Level:
        """The level of detail of the settings forms."""
        stored = self._file.value("detail")
        return next((level for level in LEVELS if level == stored), "simple")

    def store_detail(self, level: Level) -> None:
        """Store the level of detail of the settings forms."""
        self._file.setValue("detail", level)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Recently opened or saved curricula that still exist, newest first."""
        stored = self._file.value("recent", "")
        lines = stored.splitlines() if isinstance(stored, str) else []
        return tuple(path for path in map(Path, lines) if path.is_file())

    @property
    def last(self) -> Path | None:
        """The curriculum that was open when the window was closed, if it still exists."""
        stored = self._file.value("last", "")
        path = Path(stored) if isinstance(stored, str) and stored else None
        return path if path and path.is_file() else None

    @last.setter
    def last(self, path: Path | None) -> None:
        self._file.setValue("last", str(path.resolve()) if path else "")

    def opened(self, path: Path) -> None:
        """Put `path` first in the recent files."""
        whole = path.resolve()
        latest = [whole, *(recent for recent in self.recent if recent != whole)][:MAX_RECENT]
        self._file.setValue("recent", "\n".join(map(str, latest)))

    @property
    def declined(self) -> tuple[str, ...]:
        """Ids of interrupted runs that the user declined to resume."""
        stored = self._file.value("declined", "")
        return tuple(stored.splitlines()) if isinstance(stored, str) else ()

    def decline(self, run: str) -> None:
        """Store that the user declined to resume this run."""
        earlier = [run_id for run_id in self.declined if run_id != run][-MAX_DECLINED:]
        self._file.setValue("declined", "\n".join([*earlier, run]))
        self.flush()

    def bytes(self, key: str) -> QByteArray:
        """Return a stored geometry or layout; empty where there is none."""
        stored = self._file.value(key)
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def store_bytes(self, key: str, value: QByteArray) -> None:
        """Store a geometry or layout."""
        self._file.setValue(key, value)

    def flush(self) -> None:
        """Write to disk now."""
        self._file.sync()

    def _choice(self, key: str, known: tuple[str, ...], otherwise: str) -> str:
        stored = self._file.value(key)
        return stored if stored in known else otherwise
