"""The words of the interface, in the language now chosen.

The catalogue is a TOML file from English to the other language, loaded into Qt's own
translator machinery. Qt Linguist's extractor would miss most of our texts: they are
docstrings of settings, rows of tables and templates of faults in layers without Qt.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

CONTEXT = "lab"


def tr(text: str, **arguments: Any) -> str:
    """Return `text` in the language now chosen, with `{name}` places filled in."""
    said = QCoreApplication.translate(CONTEXT, text)
    return said.format(**arguments) if arguments else said
