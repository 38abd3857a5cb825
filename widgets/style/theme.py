"""Colours, sizes and the style sheet: the only place where a colour is written down."""

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
    """Quiet greys and one neutral accent; colour itself is left to the tasks."""

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
    """What can't be used just now."""
    accent: str
    """What is active: near-white on dark, near-black on light."""
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
"""Okabe & Ito's colour-blind-safe set, in the order in which tasks get them."""
HOLDS, FAILS = TASK_COLOURS[2], TASK_COLOURS[5]
"""A claim that is proven, and one that is not; told by their shapes, too, and never beside tasks."""
UNUSED = "#7d8590"
"""A task that the curriculum does not use."""
SMALL, NORMAL, BODY, LARGE, HUGE = 11, 12, 13, 17, 26
"""Type sizes, in pixels."""
LINE, _HAND = 1.25, 44
"""Height of a line as a multiple of the size of its type; and of what is pressed in a title row, in pixels."""
FAMILIES = (
    *("Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans"),
    *("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
)
"""One family, with fallbacks for systems and for Chinese."""
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
"""Which token paints which part of Qt's own palette."""


# There is one application, and it wears one theme. Reading it back from Qt's palette gives the
# interpreter away, and takes, in every paintEvent, as long as a thread that learns keeps it.
_worn = DARK
_sheet = ""
"""The style sheet of the theme and the type size that the application wears."""


def current() -> Theme:
    """Return the theme that the application wears."""
    return _worn


def task_colour(hue: int | None) -> QColor:
    """Return a task's colour, as `widgets.style.task_colours` gives them; None is a task that is not in use."""
    return QColor(UNUSED if hue is None else TASK_COLOURS[hue % len(TASK_COLOURS)])


def is_hatched(hue: int) -> bool:
    """From the eighth task on, colours come again, hatched."""
    return hue >= len(TASK_COLOURS)


@cache
def load_fonts() -> None:
    """Make the shipped typeface known to Qt; call once, after the application is made."""
    for weight in (400, 500, 600):
        QFontDatabase.addApplicationFont(str(resources.path(f"fonts/Inter-{weight}.ttf")))
    font.cache_clear()  # what was asked for before keeps the typeface that stood in for ours


@cache
def font(size: int = NORMAL, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the lab's typeface at `size` pixels, for what is painted by hand; the same object each time."""
    chosen = QFont()
    chosen.setFamilies(FAMILIES)
    chosen.setPixelSize(size)
    chosen.setWeight(weight)
    return chosen


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette in the colours of `theme`, for whatever the style sheet can't reach."""
    chosen = QPalette()
    for role, token in ROLES.items():
        chosen.setColor(role, QColor(getattr(theme, token)))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        chosen.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return chosen


def style_sheet(theme: Theme, scale: float = 1.0) -> str:
    """Return the style sheet in the colours of `theme`, its type `scale` times the normal size."""
    sizes = {"small": SMALL, "normal": NORMAL, "body": BODY, "large": LARGE, "huge": HUGE}
    tokens = asdict(theme) | {name: str(round(size * scale)) for name, size in sizes.items()} | _heights(scale)
    template = resources.path("themes/lab.qss").read_text(encoding="utf-8")
    return Template(template).substitute(tokens, icons=resources.path("icons").as_posix())


def _heights(scale: float) -> dict[str, str]:
    """Return the least height of the text of a field, and margins that keep title rows in place however large it is."""
    field, name = max(round(round(NORMAL * scale) * LINE), 18), round(round(BODY * scale) * LINE)
    margins = {"beside_text": (_HAND - 10 - field) // 2, "beside_name": (_HAND - 12 - name) // 2}
    return {"field": str(field)} | {token: str(min(max(margin, 2), 8)) for token, margin in margins.items()}


def apply(theme: Theme, scale: float = 1.0) -> None:
    """Give the application font and palette of `theme`; `apply_theme` gives a window's parts its style sheet.

    A change of the application's own style sheet makes Qt polish each widget as often as it has ancestors, whether
    it can be seen or not. So that one holds only what is the same in every theme, and is set once.
    """
    global _worn, _sheet
    _worn, _sheet = theme, style_sheet(theme, scale)
    application = QApplication.instance()
    assert isinstance(application, QApplication), "a theme needs an application"
    load_fonts()
    application.setFont(font(round(NORMAL * scale)))
    # setColorScheme does nothing offscreen or without a desktop: the palette is ours
    application.setPalette(palette(theme))
    frame = resources.path("themes/frame.qss").read_text(encoding="utf-8")
    if frame != application.styleSheet():
        application.setStyleSheet(frame)


def apply_theme(*parts: QWidget) -> None:
    """Give these parts of a window, and all that lies in them, the style sheet last applied, where they lack it."""
    for part in parts:
        if part.styleSheet() != _sheet:
            part.setStyleSheet(_sheet)


def system_theme() -> str:
    """Return the theme that suits the desktop: light if it says so, otherwise dark."""
    return "light" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else "dark"


def named(name: str) -> Theme:
    """Return the theme that settings and flags call `name`. Raises ValueError for any other name."""
    if name not in THEMES:
        raise ValueError(f"unknown theme {name!r}; there are: {', '.join(THEMES)}")
    return THEMES[name]
