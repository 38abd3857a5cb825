"""Shapes of the things of a house of one room."""

from __future__ import annotations

from collections.abc import Mapping

from envs.pictures.canvas import Shape, Sketch
from envs.pictures.palette import AMBER, BLUE, CREAM, GREEN, NIGHT, RED, STEEL, WOOD, Palette, mix, with_alpha


def _shade(sketch: Sketch, colours: Palette, width: float, top: float = 0.82) -> None:
    sketch.oval((0.5 - width / 2, top, width, 0.12), colours.shadow)


def apple(sketch: Sketch, colours: Palette) -> None:
    """Draw a red apple with a leaf."""
    _shade(sketch, colours, 0.5)
    deep = mix(RED, NIGHT, 0.18)
    sketch.disc((0.39, 0.58), 0.235, deep)
    sketch.disc((0.61, 0.58), 0.235, deep)
    sketch.oval((0.27, 0.5, 0.46, 0.4), deep)
    sketch.disc((0.39, 0.565), 0.225, RED)
    sketch.disc((0.61, 0.565), 0.225, RED)
    sketch.oval((0.28, 0.48, 0.44, 0.39), RED)
    sketch.oval((0.27, 0.45, 0.11, 0.17), mix(RED, CREAM, 0.45))
    sketch.line([(0.5, 0.42), (0.52, 0.27)], 0.045, mix(WOOD, NIGHT, 0.4))
    sketch.area([(0.53, 0.32), (0.62, 0.2), (0.77, 0.2), (0.7, 0.31)], GREEN)


def milk(sketch: Sketch, colours: Palette) -> None:
    """Draw a carton of milk."""
    _shade(sketch, colours, 0.5)
    edge = mix(STEEL, NIGHT, 0.12)
    sketch.box((0.265, 0.355, 0.47, 0.54), edge, 0.04)
    sketch.box((0.385, 0.115, 0.27, 0.13), edge, 0.03)
    sketch.area([(0.28, 0.38), (0.385, 0.2), (0.655, 0.2), (0.74, 0.38)], edge)
    sketch.area([(0.3, 0.38), (0.4, 0.22), (0.64, 0.22), (0.72, 0.38)], mix(CREAM, STEEL, 0.45))
    sketch.box((0.4, 0.13, 0.24, 0.1), mix(CREAM, STEEL, 0.25), 0.02)
    sketch.box((0.28, 0.37, 0.44, 0.51), CREAM, 0.03)
    sketch.box((0.6, 0.37, 0.12, 0.51), mix(CREAM, STEEL, 0.35), 0.02)
    sketch.box((0.28, 0.52, 0.44, 0.2), BLUE)
    sketch.box((0.6, 0.52, 0.12, 0.2), mix(BLUE, NIGHT, 0.18))
    sketch.oval((0.385, 0.545, 0.12, 0.15), CREAM)


def cup(sketch: Sketch, colours: Palette) -> None:
    """Draw a cup with something warm in it."""
    _shade(sketch, colours, 0.52)
    body = (116, 178, 168)
    sketch.ring((0.69, 0.58), 0.15, 0.055, mix(body, NIGHT, 0.18))
    sketch.box((0.25, 0.4, 0.44, 0.46), body, 0.1)
    sketch.box((0.25, 0.4, 0.44, 0.2), body)
    sketch.oval((0.25, 0.33, 0.44, 0.15), mix(body, CREAM, 0.45))
    sketch.oval((0.29, 0.355, 0.36, 0.1), mix(WOOD, NIGHT, 0.45))
    sketch.box((0.31, 0.52, 0.05, 0.24), mix(body, CREAM, 0.4), 0.025)
    for x in (0.41, 0.53):
        sketch.line(
            [(x, 0.3), (x + 0.025, 0.25), (x - 0.015, 0.2), (x + 0.01, 0.14)], 0.028, mix(colours.quiet, CREAM, 0.3)
        )


def ball(sketch: Sketch, colours: Palette) -> None:
    """Draw a ball with a stripe."""
    _shade(sketch, colours, 0.5)
    violet = (158, 129, 196)
    sketch.disc((0.5, 0.58), 0.3, mix(violet, NIGHT, 0.18))
    sketch.disc((0.5, 0.565), 0.285, violet)
    curve = [(0.24 + 0.52 * part, 0.64 - 0.13 * part - 0.22 * part * (1 - part)) for part in (0, 0.25, 0.5, 0.75, 1)]
    sketch.line(curve, 0.085, CREAM)
    sketch.oval((0.34, 0.35, 0.13, 0.1), mix(violet, CREAM, 0.5))


def fridge(sketch: Sketch, colours: Palette) -> None:
    """Draw a closed fridge."""
    _shade(sketch, colours, 0.66, 0.86)
    side = mix(STEEL, NIGHT, 0.2)
    sketch.box((0.21, 0.06, 0.58, 0.86), side, 0.07)
    sketch.box((0.21, 0.06, 0.54, 0.86), mix(STEEL, CREAM, 0.25), 0.07)
    sketch.box((0.21, 0.36, 0.54, 0.022), side)
    sketch.box((0.63, 0.2, 0.04, 0.11), side, 0.02)
    sketch.box((0.63, 0.43, 0.04, 0.2), side, 0.02)
    sketch.box((0.28, 0.12, 0.05, 0.14), mix(STEEL, CREAM, 0.7), 0.02)


def open_fridge(sketch: Sketch, colours: Palette) -> None:
    """Draw an open fridge, lit from inside."""
    _shade(sketch, colours, 0.66, 0.86)
    side = mix(STEEL, NIGHT, 0.2)
    sketch.box((0.21, 0.06, 0.58, 0.86), side, 0.07)
    sketch.box((0.26, 0.11, 0.48, 0.76), mix(AMBER, CREAM, 0.78), 0.04)
    for top in (0.34, 0.58):
        sketch.box((0.26, top, 0.48, 0.02), mix(STEEL, CREAM, 0.2))
    sketch.disc((0.38, 0.27), 0.06, RED)
    sketch.box((0.54, 0.18, 0.1, 0.16), BLUE, 0.02)
    sketch.box((0.34, 0.47, 0.12, 0.11), GREEN, 0.03)
    sketch.disc((0.6, 0.53), 0.05, AMBER)
    sketch.area([(0.79, 0.08), (0.96, 0.16), (0.96, 0.98), (0.79, 0.9)], mix(STEEL, CREAM, 0.25))
    sketch.line([(0.91, 0.42), (0.91, 0.62)], 0.03, side)


def basket(sketch: Sketch, colours: Palette) -> None:
    """Draw a wicker basket."""
    _shade(sketch, colours, 0.72)
    deep = mix(WOOD, NIGHT, 0.28)
    sketch.ring((0.5, 0.45), 0.29, 0.05, deep)
    sketch.oval((0.14, 0.42, 0.72, 0.2), mix(WOOD, NIGHT, 0.5))
    sketch.area([(0.14, 0.52), (0.86, 0.52), (0.76, 0.88), (0.24, 0.88)], WOOD)
    for row, y in enumerate((0.59, 0.68, 0.77)):
        for column in range(5):
            x = 0.2 + 0.125 * column + 0.06 * (row % 2)
            sketch.box((x, y, 0.07, 0.045), mix(WOOD, CREAM, 0.22) if column % 2 else deep, 0.02)
    sketch.box((0.11, 0.49, 0.78, 0.075), mix(WOOD, CREAM, 0.15), 0.035)


def _lamp(sketch: Sketch, colours: Palette, shade: tuple[int, int, int]) -> None:
    _shade(sketch, colours, 0.44)
    stand = mix(STEEL, NIGHT, 0.45)
    sketch.box((0.475, 0.45, 0.05, 0.4), stand)
    sketch.oval((0.32, 0.8, 0.36, 0.1), stand)
    sketch.area([(0.38, 0.14), (0.62, 0.14), (0.78, 0.5), (0.22, 0.5)], shade)
    sketch.oval((0.22, 0.44, 0.56, 0.12), mix(shade, CREAM, 0.35))


def lamp(sketch: Sketch, colours: Palette) -> None:
    """Draw a lamp that is off."""
    _lamp(sketch, colours, mix(STEEL, NIGHT, 0.25))


def lit_lamp(sketch: Sketch, colours: Palette) -> None:
    """Draw a lamp that is on."""
    _lamp(sketch, colours, mix(AMBER, CREAM, 0.2 if colours.dark else 0.0))


def glow(sketch: Sketch, colours: Palette) -> None:
    """Draw the light around a lamp."""
    for ring in range(24):
        sketch.disc((0.5, 0.5), 0.5 - ring * 0.02, with_alpha(AMBER, 0.015 * ring))


def spot(sketch: Sketch, colours: Palette) -> None:
    """Draw the ring around the target."""
    sketch.disc((0.5, 0.5), 0.48, with_alpha(AMBER, 0.18 if colours.dark else 0.3))
    sketch.ring((0.5, 0.5), 0.48, 0.026, with_alpha(AMBER, 0.6))


def dot(sketch: Sketch, colours: Palette) -> None:
    """Draw a point of the trail."""
    sketch.disc((0.5, 0.5), 0.5, AMBER if colours.dark else mix(AMBER, NIGHT, 0.15))


THINGS: Mapping[str, tuple[Shape, Shape]] = {
    "apple": (apple, apple),
    "milk": (milk, milk),
    "cup": (cup, cup),
    "ball": (ball, ball),
    "fridge": (fridge, open_fridge),
    "basket": (basket, basket),
    "lamp": (lamp, lit_lamp),
}
"""Each thing before and after success."""
