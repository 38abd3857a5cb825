"""The colours of the pictures, on dark and on light backgrounds."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]
AlphaColour = tuple[int, int, int, int]
"""A translucent colour: red, green and blue premultiplied by opacity, and alpha."""


def rgb(code: str) -> Colour:
    """Return a colour written as `#rrggbb`."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(first: Colour, second: Colour, fraction: float) -> Colour:
    """Return the colour at `fraction` of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * fraction) for a, b in zip(first, second, strict=True))
    return red, green, blue


def with_alpha(colour: Colour, opacity: float) -> AlphaColour:
    """Return `colour` with an opacity from 0 (invisible) to 1 (opaque)."""
    red, green, blue = mix((0, 0, 0), colour, opacity)
    return red, green, blue, round(255 * opacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours that differ between the dark and the light theme; things keep their own."""

    dark: bool
    ground: Colour
    """Background of the picture."""
    floor: Colour
    tile: Colour
    """Every other cell of the floor."""
    wall: Colour
    line: Colour
    quiet: Colour
    """Unobtrusive labels."""
    ink: Colour
    shadow: AlphaColour


DARK = Palette(
    dark=True,
    ground=rgb("#1c1f26"),
    floor=rgb("#272b34"),
    tile=rgb("#2d323c"),
    wall=rgb("#1f232b"),
    line=rgb("#414856"),
    quiet=rgb("#7f8796"),
    ink=rgb("#e8eaee"),
    shadow=with_alpha((0, 0, 0), 0.32),
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
    shadow=with_alpha((60, 48, 30), 0.17),
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
    """Return the palette of the dark or the light theme."""
    return DARK if dark else LIGHT
