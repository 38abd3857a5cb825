"""The words of the interface, in the language now chosen.

The catalogue is a TOML file from English to the other language, loaded into Qt's own
translator machinery. Qt Linguist's extractor would miss most of our texts: they are
docstrings of settings, rows of tables and templates of faults in layers without Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

CONTEXT = "lab"


class Said(str):
    """A text of the interface that knows what it was made of: it can be said in another language, too."""

    __slots__ = ("_arguments", "_english")

    _english: str
    _arguments: Mapping[str, Any]

    @classmethod
    def of(cls, english: str, arguments: Mapping[str, Any]) -> Said:
        """Say it in the language now chosen."""
        template = QCoreApplication.translate(CONTEXT, english)
        said = cls(template.format(**arguments) if arguments else template)
        said._english, said._arguments = english, arguments
        return said

    def again(self) -> Said:
        """Say the same in the language now chosen, and whatever fills its places."""
        return Said.of(self._english, {name: again(value) for name, value in self._arguments.items()})


def tr(text: str, **arguments: Any) -> str:
    """Return `text` in the language now chosen, with `{name}` places filled in."""
    return Said.of(text, arguments)


def language() -> str:
    """Return the code of the language now chosen: every catalogue translates English's by its own."""
    return str(tr("en"))


def again(text: Any) -> Any:
    """Return a text that `tr` made in the language now chosen; anything else as it is."""
    return text.again() if isinstance(text, Said) else text
