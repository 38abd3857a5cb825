"""Icons in the theme's colours."""

from __future__ import annotations

import qtawesome
from PySide6.QtGui import QIcon

from widgets.style.theme import current


def icon(name: str, *, primary: bool = False) -> QIcon:
    """Return the icon `name` (Phosphor, `ph.play-fill`), drawn for a card or, if `primary`, for an active button."""
    theme = current()
    colour = theme.on_accent if primary else theme.text
    drawn: QIcon = qtawesome.icon(name, color=colour, color_disabled=theme.faint)
    return drawn
