"""The agent: the same round face in every world."""

from __future__ import annotations

from functools import cache, partial

from envs.pictures.canvas import Shape, Sketch
from envs.pictures.palette import AMBER, CREAM, NIGHT, Palette, mix

LOOKS = ((0.0, -0.09), (0.1, 0.0), (0.0, 0.05), (-0.1, 0.0))
"""Where the eyes go when it looks up, right, down or left."""


@cache
def face(facing: int, happy: bool = False) -> Shape:
    """Return the face, looking up, right, down or left."""
    return partial(_face, facing, happy)


def _face(facing: int, happy: bool, sketch: Sketch, colours: Palette) -> None:
    sketch.oval((0.18, 0.80, 0.64, 0.16), colours.shadow)
    sketch.disc((0.5, 0.5), 0.40, mix(AMBER, NIGHT, 0.16))
    sketch.disc((0.5, 0.48), 0.38, AMBER)
    dx, dy = LOOKS[facing]
    for side in (-1, 1):
        x, y = 0.5 + side * 0.13 + dx, 0.45 + dy
        if happy:
            sketch.line([(x - 0.06, y + 0.03), (x, y - 0.03), (x + 0.06, y + 0.03)], 0.035, NIGHT)
        else:
            sketch.oval((x - 0.05, y - 0.065, 0.10, 0.13), NIGHT)
            sketch.disc((x + 0.015, y - 0.025), 0.018, CREAM)
        sketch.disc((0.5 + side * 0.24 + dx * 0.8, 0.57 + dy), 0.045, mix(AMBER, (221, 91, 80), 0.45))
    if facing:
        _mouth(sketch, 0.5 + dx * 1.1, 0.59 + dy, 0.09 if happy else 0.055)


def _mouth(sketch: Sketch, x: float, y: float, width: float) -> None:
    curve = [(x + part * width, y + 0.045 * (1 - part * part)) for part in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    sketch.line(curve, 0.028, NIGHT)
