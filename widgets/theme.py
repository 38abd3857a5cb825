"""Colours, sizes and the style sheet: the only place where a colour is written down."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QGuiApplication, QPalette


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
    accent="#343a48",
    on_accent="#ffffff",
)

TASK_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442")
"""Okabe & Ito's colour-blind-safe set, in the order in which the curriculum uses tasks."""
UNUSED = "#7d8590"
"""A task that the curriculum does not use."""
SMALL, NORMAL, BODY, LARGE, HUGE = 11, 12, 13, 17, 26
"""Type sizes, in pixels."""


def current() -> Theme:
    """Return the theme that the application's palette was made from."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def task_colour(column: int | None) -> QColor:
    """Return the colour of a matrix column; None is a task that is not in use."""
    return QColor(UNUSED if column is None else TASK_COLOURS[column % len(TASK_COLOURS)])


def is_hatched(column: int) -> bool:
    """From the eighth task on, colours come again, hatched."""
    return column >= len(TASK_COLOURS)
