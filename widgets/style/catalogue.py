"""The interface in another language: a TOML file from English to that language, as a Qt translator."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator

import resources

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""What the interface can be read in, each named in itself."""


@cache
def _words(language: str) -> Mapping[str, str]:
    return tomllib.loads(resources.path(f"translations/{language}.toml").read_text(encoding="utf-8"))


def in_every_language(text: str) -> tuple[str, ...]:
    """Return a text of the interface as each language says it: what was stored may have been said in any."""
    others = (_words(language).get(text, text) for language in LANGUAGES if language != "en")
    return text, *others


class Catalogue(QTranslator):
    """Looks English up, whatever the context; what it doesn't know stays English."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.words = _words(language)

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        """Return `text` in this language, or as it is."""
        return self.words.get(text, text)

    def isEmpty(self) -> bool:  # noqa: N802
        """Tell Qt that there is something in here."""
        return not self.words


class Interpreter(QObject):
    """Holds the language of the interface and switches it while the lab runs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.language = "en"
        self._catalogue: Catalogue | None = None

    def speak(self, language: str) -> None:
        """Switch to `language`: every widget is told by a LanguageChange. Raises ValueError if unknown."""
        if language not in LANGUAGES:
            raise ValueError(f"unknown language {language!r}; there are: {', '.join(LANGUAGES)}")
        if self._catalogue is not None:
            QCoreApplication.removeTranslator(self._catalogue)
            self._catalogue.deleteLater()
            self._catalogue = None
        self.language = language
        if language != "en":
            self._catalogue = Catalogue(language, self)
            QCoreApplication.installTranslator(self._catalogue)


def system_language() -> str:
    """Return the language of the desktop where the lab speaks it, otherwise English."""
    name = QLocale.system().name()
    return next((language for language in LANGUAGES if name.startswith(language[:2])), "en")
