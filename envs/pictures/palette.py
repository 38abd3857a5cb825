"""The colours of the worlds, on dark and on light."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]
Veil = tuple[int, int, int, int]
"""A colour that lets through what is behind it, already multiplied by its opacity."""


def rgb(code: str) -> Colour:
    """Return a colour written as `#rrggbb`."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(first: Colour, second: Colour, part: float) -> Colour:
    """Return the colour that is `part` of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def veil(colour: Colour, opacity: float) -> Veil:
    """Return `colour` as a veil; 0 is invisible, 1 is opaque."""
    red, green, blue = mix((0, 0, 0), colour, opacity)
    return red, green, blue, round(255 * opacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What differs between dark and light; things keep their own colours."""

    dark: bool
    ground: Colour
    """Behind everything."""
    floor: Colour
    tile: Colour
    """Every other cell of the floor."""
    wall: Colour
    line: Colour
    quiet: Colour
    """Writing that stays in the background."""
    ink: Colour
    shadow: Veil


DARK = Palette(
    dark=True,
    ground=rgb("#1c1f26"),
    floor=rgb("#272b34"),
    tile=rgb("#2d323c"),
    wall=rgb("#1f232b"),
    line=rgb("#414856"),
    quiet=rgb("#7f8796"),
    ink=rgb("#e8eaee"),
    shadow=veil((0, 0, 0), 0.32),
)
LIGHT = Palette(
    dark=False,
    ground=rgb("#f7f5f0"),
    floor=rgb("#f0ece3"),
    tile=rgb("#e7e2d6"),
    wall=rgb("#d9d3c5"),
    line=rgb("#bdb6a6"),
    quiet=rgb("#857e70"),
    ink=rgb("#2a2f3a"),
    shadow=veil((60, 48, 30), 0.17),
)

AMBER = rgb("#f4b544")
RED = rgb("#dd5b50")
GREEN = rgb("#6bab62")
BLUE = rgb("#6d9fd3")
SKY = rgb("#a9c8e6")
WOOD = rgb("#bb8a52")
CREAM = rgb("#f6f1e4")
STEEL = rgb("#a8bacb")
NIGHT = rgb("#2b2733")


def palette(dark: bool) -> Palette:
    """Return the colours for a dark or a light window."""
    return DARK if dark else LIGHT
