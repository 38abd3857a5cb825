"""Translation of the interface's texts into the current language.

The catalogues are TOML files from English to another language, loaded as Qt translators. Qt Linguist's
extractor would miss most texts: they are docstrings of settings, rows of tables and templates of error
messages in packages without Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

CONTEXT = "lab"


class TranslatedText(str):
    """A translated text that stores its English template and arguments, so that it can be translated again."""

    __slots__ = ("_arguments", "_english")

    _english: str
    _arguments: Mapping[str, Any]

    @classmethod
    def of(cls, english: str, arguments: Mapping[str, Any]) -> TranslatedText:
        """Translate an English template into the current language, and fill in its arguments."""
        template = QCoreApplication.translate(CONTEXT, english)
        text = cls(template.format(**arguments) if arguments else template)
        text._english, text._arguments = english, arguments
        return text

    def retranslated(self) -> TranslatedText:
        """Return the text in the current language, with its arguments also translated again."""
        arguments = {name: retranslate(value) for name, value in self._arguments.items()}
        return TranslatedText.of(self._english, arguments)


def tr(text: str, **arguments: Any) -> str:
    """Return `text` in the current language, with the arguments filled in for their `{name}` placeholders."""
    return TranslatedText.of(text, arguments)


def language() -> str:
    """Return the code of the current language: every catalogue translates "en" to its own code."""
    return str(tr("en"))


def retranslate(text: Any) -> Any:
    """Return a text from `tr` in the current language; any other value unchanged."""
    return text.retranslated() if isinstance(text, TranslatedText) else text
