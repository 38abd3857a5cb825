"""Picture of CartPole: the pole on the cart, before a sector of the angles that do not end the episode."""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin

import pygame

from envs import Picture, PictureState
from envs.pictures.canvas import Canvas, Point, Sketch, filled_surface
from envs.pictures.face import hovering_face
from envs.pictures.palette import BLUE, NIGHT, RED, STEEL, WOOD, Colour, Palette, mix, palette, with_alpha

TRACK = 0.74
"""Distance of the track from the top, as a fraction of the picture's side."""
METRE = 0.41 / 2.4
POLE = 0.40
MAX_POSITION = 2.4
MAX_ANGLE = 12 * pi / 180
"""Limits beyond which an episode ends: metres from the centre, and radians."""


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the cart at `blend` of the way from the previous step to this one, (size, size, 3)."""
    position, _, angle, _ = (
        old + (new - old) * blend for old, new in zip(picture_state["was"], picture_state["row"], strict=True)
    )
    canvas = Canvas(_track(size, dark), dark=dark)
    x = 0.5 + position * METRE
    failed = abs(angle) > MAX_ANGLE or abs(position) > MAX_POSITION
    canvas.stamp(_red_sector if failed else _sector, (x, TRACK - 0.13), 2 * POLE + 0.08)
    canvas.stamp(_cart, (x, TRACK - 0.07), 0.26)
    action = picture_state["action"]
    canvas.stamp(hovering_face({0: 3, 1: 1}.get(action, 2)), (x, TRACK - 0.066), 0.105)
    hinge = (x, TRACK - 0.13)
    tip = (x + sin(angle) * POLE, hinge[1] - cos(angle) * POLE)
    colours = palette(dark)
    left, top = min(x, tip[0]) - 0.04, min(hinge[1], tip[1]) - 0.04
    extent = (abs(tip[0] - x) + 0.08, abs(tip[1] - hinge[1]) + 0.08)
    canvas.draw(
        lambda sketch: _pole(sketch, colours, _relative(hinge, left, top), _relative(tip, left, top)),
        (left, top),
        extent,
    )
    return canvas.picture()


def _relative(point: Point, left: float, top: float) -> Point:
    return point[0] - left, point[1] - top


def _pole(sketch: Sketch, colours: Palette, hinge: Point, tip: Point) -> None:
    sketch.line([hinge, tip], 0.036, mix(WOOD, NIGHT, 0.22))
    sketch.line([hinge, tip], 0.026, mix(WOOD, colours.ink, 0.12 if colours.dark else 0.0))
    sketch.disc(hinge, 0.026, mix(STEEL, NIGHT, 0.35))
    sketch.disc(hinge, 0.012, colours.ground)
    sketch.disc(tip, 0.024, RED)


def _cart(sketch: Sketch, colours: Palette) -> None:
    sketch.oval((0.08, 0.745, 0.84, 0.07), colours.shadow)
    for x in (0.27, 0.73):
        sketch.disc((x, 0.69), 0.095, NIGHT)
        sketch.disc((x, 0.69), 0.045, STEEL)
    sketch.box((0.06, 0.27, 0.88, 0.42), mix(BLUE, NIGHT, 0.25), 0.12)
    sketch.box((0.06, 0.26, 0.88, 0.39), BLUE, 0.12)


def _wedge(sketch: Sketch, colour: Colour, opacity: float) -> None:
    rim = 0.5 * 2 * POLE / (2 * POLE + 0.08)
    angles = [MAX_ANGLE * step / 8 for step in range(-8, 9)]
    arc = [(0.5 + sin(angle) * rim, 0.5 - cos(angle) * rim) for angle in angles]
    sketch.area([(0.5, 0.5), *arc], with_alpha(colour, opacity))


def _sector(sketch: Sketch, colours: Palette) -> None:
    _wedge(sketch, colours.quiet, 0.16)


def _red_sector(sketch: Sketch, colours: Palette) -> None:
    _wedge(sketch, RED, 0.35)


@lru_cache(maxsize=8)
def _track(size: int, dark: bool) -> pygame.Surface:
    colours = palette(dark)
    canvas = Canvas(filled_surface(size, colours.ground), dark=dark)

    def draw(sketch: Sketch) -> None:
        sketch.box((0, TRACK + 0.012, 1, 0.4), colours.floor)
        sketch.box((0, TRACK + 0.004, 1, 0.012), colours.line)
        for mark in range(-2, 3):
            sketch.box((0.5 + mark * METRE - 0.003, TRACK + 0.016, 0.006, 0.03 if mark else 0.05), colours.line, 0.003)
        for side in (-1, 1):
            x = 0.5 + side * MAX_POSITION * METRE
            sketch.box((x - 0.009, TRACK - 0.05, 0.018, 0.06), mix(RED, colours.ground, 0.25), 0.009)

    canvas.draw(draw, (0, 0), (1, 1))
    return canvas.surface
