"""Colours, type sizes and the style sheet; no other module defines a colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Greys and one neutral accent; colours are reserved for tasks."""

    name: str
    window: str
    """Behind the cards."""
    card: str
    """A panel."""
    raised: str
    """A button, a field, a row on a card."""
    hover: str
    line: str
    """One-pixel borders and grids."""
    text: str
    quiet: str
    """Secondary text; contrast at least 4.5 on a card."""
    faint: str
    """Text of disabled controls."""
    accent: str
    """Active controls and the selection: near-white on dark, near-black on light."""
    on_accent: str


DARK = Theme(
    name="dark",
    window="#16181d",
    card="#1c1f26",
    raised="#252931",
    hover="#2e333d",
    line="#343944",
    text="#e8eaee",
    quiet="#9aa1ad",
    faint="#5d6470",
    accent="#e3e7ee",
    on_accent="#16181d",
)
LIGHT = Theme(
    name="light",
    window="#f3f2ee",
    card="#ffffff",
    raised="#f0ede6",
    hover="#e6e2d9",
    line="#d9d6ce",
    text="#1f232b",
    quiet="#646b78",
    faint="#a9adb5",
    accent="#343a48",
    on_accent="#ffffff",
)
THEMES: Mapping[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT)}

TASK_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442")
"""The colour-blind-safe palette of Okabe & Ito (2008), in the order in which tasks get them."""
PASSED, FAILED = TASK_COLOURS[2], TASK_COLOURS[5]
"""Colours of a benchmark that reached its target, and of one that did not; their marks also differ in shape."""
UNUSED = "#7d8590"
"""A task that the curriculum does not use."""
SMALL, NORMAL, BODY, LARGE, HUGE = 11, 12, 13, 17, 26
"""Type sizes, in pixels."""
LINE, _HAND = 1.25, 44
"""Height of a line as a multiple of its type size, and of the controls in a title row, in pixels."""
FAMILIES = (
    *("Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans"),
    *("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
)
"""The font family, with fallbacks for other systems and for Chinese."""
ROLES: Mapping[QPalette.ColorRole, str] = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "card",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "accent",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "quiet",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.Light: "hover",
    QPalette.ColorRole.Midlight: "raised",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "line",
    QPalette.ColorRole.Shadow: "window",
}
"""The theme's field for each role of Qt's palette."""


# The theme is a module variable because it is read in every paintEvent: reading it back from Qt's palette
# would release the GIL, and then wait for a training thread to give it back.
_current = DARK
_sheet = ""
"""The style sheet of the current theme and type size."""


def current() -> Theme:
    """Return the application's theme."""
    return _current


def task_colour(hue: int | None) -> QColor:
    """Return the colour of a hue (see `widgets.style.task_colours`); None is a task that is not in use."""
    return QColor(UNUSED if hue is None else TASK_COLOURS[hue % len(TASK_COLOURS)])


def is_hatched(hue: int) -> bool:
    """Return whether a hue is drawn hatched, because its colour is that of an earlier hue."""
    return hue >= len(TASK_COLOURS)


@cache
def load_fonts() -> None:
    """Register the shipped fonts with Qt; call after the application is created."""
    for weight in (400, 500, 600):
        QFontDatabase.addApplicationFont(str(resources.path(f"fonts/Inter-{weight}.ttf")))
    font.cache_clear()  # fonts created before would keep the substitute family


@cache
def font(size: int = NORMAL, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the application's font at `size` pixels, for custom painting; cached."""
    face = QFont()
    face.setFamilies(FAMILIES)
    face.setPixelSize(size)
    face.setWeight(weight)
    return face


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette in the colours of `theme`, for what the style sheet cannot reach."""
    qt_palette = QPalette()
    for role, token in ROLES.items():
        qt_palette.setColor(role, QColor(getattr(theme, token)))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        qt_palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return qt_palette


def style_sheet(theme: Theme, scale: float = 1.0) -> str:
    """Return the style sheet in the colours of `theme`, with type `scale` times the normal size."""
    sizes = {"small": SMALL, "normal": NORMAL, "body": BODY, "large": LARGE, "huge": HUGE}
    tokens = asdict(theme) | {name: str(round(size * scale)) for name, size in sizes.items()} | _heights(scale)
    template = resources.path("themes/lab.qss").read_text(encoding="utf-8")
    return Template(template).substitute(tokens, icons=resources.path("icons").as_posix())


def _heights(scale: float) -> dict[str, str]:
    """Return style sheet tokens: the minimum height of a field's text, and margins that keep title rows aligned."""
    field, name = max(round(round(NORMAL * scale) * LINE), 18), round(round(BODY * scale) * LINE)
    margins = {"beside_text": (_HAND - 10 - field) // 2, "beside_name": (_HAND - 12 - name) // 2}
    return {"field": str(field)} | {token: str(min(max(margin, 2), 8)) for token, margin in margins.items()}


def apply(theme: Theme, scale: float = 1.0) -> None:
    """Set the application's font and palette; `apply_theme` sets the style sheet of a window's parts.

    A change of the application's own style sheet makes Qt polish every widget, visible or not, once per ancestor.
    So the application's style sheet holds only what is the same in every theme, and is set once.
    """
    global _current, _sheet
    _current, _sheet = theme, style_sheet(theme, scale)
    application = QApplication.instance()
    assert isinstance(application, QApplication), "a theme needs an application"
    load_fonts()
    application.setFont(font(round(NORMAL * scale)))
    # QStyleHints.setColorScheme has no effect offscreen or without a desktop, so the palette is set here
    application.setPalette(palette(theme))
    frame = resources.path("themes/frame.qss").read_text(encoding="utf-8")
    if frame != application.styleSheet():
        application.setStyleSheet(frame)


def apply_theme(*parts: QWidget) -> None:
    """Set the current style sheet on parts of a window that do not have it yet; their children inherit it."""
    for part in parts:
        if part.styleSheet() != _sheet:
            part.setStyleSheet(_sheet)


def system_theme() -> str:
    """Return the name of the desktop's theme: "light" if it reports that, otherwise "dark"."""
    return "light" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else "dark"


def named(name: str) -> Theme:
    """Return the theme of this name. Raises ValueError for an unknown name."""
    if name not in THEMES:
        raise ValueError(f"unknown theme {name!r}; there are: {', '.join(THEMES)}")
    return THEMES[name]
