"""The agent in pictures: the same round face in every world."""

from __future__ import annotations

from functools import cache, partial

from envs.pictures.canvas import Point, Shape, Sketch
from envs.pictures.palette import AMBER, CREAM, NIGHT, RED, Palette, mix

EYE_OFFSETS = ((0.0, -0.09), (0.1, 0.0), (0.0, 0.05), (-0.1, 0.0))
"""Shift of the eyes for a face that looks up, right, down or left."""


@cache
def face(facing: int, happy: bool = False) -> Shape:
    """Return the shape of the face with a shadow; `facing` 0 to 3 is up, right, down, left."""
    return partial(_with_shadow, facing, happy)


@cache
def hovering_face(facing: int, happy: bool = False) -> Shape:
    """Return the shape of the face without a shadow (`facing` as for `face`), for pictures without a floor."""
    return partial(_without_shadow, facing, happy)


def _without_shadow(facing: int, happy: bool, sketch: Sketch, colours: Palette) -> None:
    draw_face(sketch, (0.5, 0.5), 1.0, facing, happy)


def _with_shadow(facing: int, happy: bool, sketch: Sketch, colours: Palette) -> None:
    sketch.oval((0.18, 0.80, 0.64, 0.16), colours.shadow)
    draw_face(sketch, (0.5, 0.5), 1.0, facing, happy)


def draw_face(sketch: Sketch, centre: Point, extent: float, facing: int = 2, happy: bool = False) -> None:
    """Draw the face, `extent` of the sketch wide and high; `facing` 0 to 3 is up, right, down, left."""

    def at(x: float, y: float) -> Point:
        return centre[0] + (x - 0.5) * extent, centre[1] + (y - 0.5) * extent

    sketch.disc(at(0.5, 0.5), 0.40 * extent, mix(AMBER, NIGHT, 0.16))
    sketch.disc(at(0.5, 0.48), 0.38 * extent, AMBER)
    dx, dy = EYE_OFFSETS[facing]
    for side in (-1, 1):
        eye = at(0.5 + side * 0.13 + dx, 0.45 + dy)
        (_laughing_eye if happy else _eye)(sketch, eye, extent)
        sketch.disc(at(0.5 + side * 0.24 + dx * 0.8, 0.57 + dy), 0.045 * extent, mix(AMBER, RED, 0.45))
    if facing:
        _mouth(sketch, at(0.5 + dx * 1.1, 0.59 + dy), (0.09 if happy else 0.055) * extent)


def _eye(sketch: Sketch, centre: Point, extent: float) -> None:
    x, y = centre
    sketch.oval((x - 0.05 * extent, y - 0.065 * extent, 0.10 * extent, 0.13 * extent), NIGHT)
    sketch.disc((x + 0.015 * extent, y - 0.025 * extent), 0.018 * extent, CREAM)


def _laughing_eye(sketch: Sketch, centre: Point, extent: float) -> None:
    x, y = centre
    wide, high = 0.06 * extent, 0.03 * extent
    sketch.line([(x - wide, y + high), (x, y - high), (x + wide, y + high)], 0.035 * extent, NIGHT)


def _mouth(sketch: Sketch, centre: Point, width: float) -> None:
    curve = [(centre[0] + part * width, centre[1] + 0.6 * width * (1 - part * part)) for part in (-1, -0.5, 0, 0.5, 1)]
    sketch.line(curve, 0.4 * width, NIGHT)
