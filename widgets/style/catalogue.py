"""Translation of the interface: TOML files from English to each other language, as Qt translators."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator

import resources

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""The languages of the interface: code to name, in the language itself."""


@cache
def _translations(language: str) -> Mapping[str, str]:
    return tomllib.loads(resources.path(f"translations/{language}.toml").read_text(encoding="utf-8"))


def in_every_language(text: str) -> tuple[str, ...]:
    """Return a text in every language of the interface, to recognise it in files that were written in any of them."""
    others = (_translations(language).get(text, text) for language in LANGUAGES if language != "en")
    return text, *others


class Catalogue(QTranslator):
    """A Qt translator that looks up the English text in any context; a missing text stays English."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.translations = _translations(language)

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        """Return the translation of `text`, or `text` if there is none."""
        return self.translations.get(text, text)

    def isEmpty(self) -> bool:  # noqa: N802
        """Return whether the catalogue has no texts; Qt ignores empty translators."""
        return not self.translations


class LanguageSwitcher(QObject):
    """Stores the language of the interface and switches it at run time."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.language = "en"
        self._catalogue: Catalogue | None = None

    def switch_to(self, language: str) -> None:
        """Switch to `language`; Qt sends every widget a LanguageChange event. Raises ValueError if unknown."""
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
    """Return the language of the desktop if it is one of `LANGUAGES`, otherwise English."""
    name = QLocale.system().name()
    return next((language for language in LANGUAGES if name.startswith(language[:2])), "en")
