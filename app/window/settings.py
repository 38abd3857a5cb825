"""Settings that are stored between sessions: appearance and what was open."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from widgets.forms.field_titles import LEVELS, Level
from widgets.style.catalogue import LANGUAGES, system_language
from widgets.style.theme import THEMES, system_theme

RECENT = 9
DECLINED = 50
"""Runs that were declined and are remembered so, at most."""
SCALES = (0.9, 1.0, 1.15, 1.3, 1.5)
"""Font sizes to choose from."""


def config_folder() -> Path:
    """Return where settings lie; `PALIMPSEST_CONFIG` overrides it."""
    return Path(os.environ.get("PALIMPSEST_CONFIG") or platformdirs.user_config_dir("palimpsest"))


class Settings:
    """A file of settings. A value that makes no sense is read as if it were missing."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or config_folder()
        self._file = QSettings(str(self.folder / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """`dark` or `light`; at the first start, the desktop's."""
        return self._one_of("theme", tuple(THEMES), system_theme())

    @theme.setter
    def theme(self, name: str) -> None:
        self._file.setValue("theme", name)

    @property
    def language(self) -> str:
        """The language of the interface; at the first start, the desktop's."""
        return self._one_of("language", tuple(LANGUAGES), system_language())

    @language.setter
    def language(self, name: str) -> None:
        self._file.setValue("language", name)

    @property
    def scale(self) -> float:
        """How much larger than normal the type is."""
        return float(self._one_of("scale", tuple(map(str, SCALES)), "1.0"))

    @scale.setter
    def scale(self, scale: float) -> None:
        self._file.setValue("scale", str(scale))

    @property
    def detail(self) -> Level:
        """How many settings the forms show."""
        stored = self._file.value("detail")
        return next((level for level in LEVELS if level == stored), "simple")

    def keep_detail(self, level: Level) -> None:
        """Show so many settings from now on."""
        self._file.setValue("detail", level)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Curricula that were opened or saved lately and still exist, the latest first."""
        stored = self._file.value("recent", "")
        lines = stored.splitlines() if isinstance(stored, str) else []
        return tuple(path for path in map(Path, lines) if path.is_file())

    @property
    def last(self) -> Path | None:
        """The curriculum that was open when the lab was closed, if it still exists."""
        stored = self._file.value("last", "")
        path = Path(stored) if isinstance(stored, str) and stored else None
        return path if path and path.is_file() else None

    @last.setter
    def last(self, path: Path | None) -> None:
        self._file.setValue("last", str(path.resolve()) if path else "")

    def opened(self, path: Path) -> None:
        """Put `path` at the head of the recent files."""
        whole = path.resolve()
        latest = [whole, *(other for other in self.recent if other != whole)][:RECENT]
        self._file.setValue("recent", "\n".join(map(str, latest)))

    @property
    def declined(self) -> tuple[str, ...]:
        """Ids of interrupted runs that a person did not want to go on with."""
        stored = self._file.value("declined", "")
        return tuple(stored.splitlines()) if isinstance(stored, str) else ()

    def decline(self, run: str) -> None:
        """Offer no more to go on with this run."""
        kept = [other for other in self.declined if other != run][-DECLINED:]
        self._file.setValue("declined", "\n".join([*kept, run]))
        self.flush()

    def bytes(self, key: str) -> QByteArray:
        """Return a stored geometry or layout; empty where there is none."""
        stored = self._file.value(key)
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def keep_bytes(self, key: str, value: QByteArray) -> None:
        """Store a geometry or layout."""
        self._file.setValue(key, value)

    def flush(self) -> None:
        """Write to disk now."""
        self._file.sync()

    def _one_of(self, key: str, known: tuple[str, ...], otherwise: str) -> str:
        stored = self._file.value(key)
        return stored if stored in known else otherwise
