"""Picture of Acrobot: two links that swing; the tip of the second has to rise above the line."""

from __future__ import annotations

from functools import lru_cache
from math import atan2, cos, pi, sin

import pygame

from envs import Picture, PictureState
from envs.pictures.canvas import Canvas, Point, Sketch, filled_surface
from envs.pictures.face import hovering_face
from envs.pictures.palette import AMBER, BLUE, NIGHT, STEEL, Palette, mix, palette

LINK = 0.2
"""Length of a link, as a fraction of the picture's side."""
HINGE = (0.5, 0.5)
EDGE = 0.04
"""Margin around the joints, which have a radius of their own."""


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the links at `blend` of the way from the previous step to this one, (size, size, 3)."""
    canvas = Canvas(_wall(size, dark), dark=dark)
    upper, elbow = (_angle(picture_state, first, blend) for first in (0, 2))
    joint = _end(HINGE, upper)
    hand = _end(joint, upper + elbow)
    colours = palette(dark)
    points = (HINGE, joint, hand)
    left, top = (min(point[axis] for point in points) - EDGE for axis in (0, 1))
    extent = [max(point[axis] for point in points) - start + EDGE for axis, start in ((0, left), (1, top))]
    shifted = [(x - left, y - top) for x, y in points]
    canvas.draw(lambda sketch: _links(sketch, colours, shifted), (left, top), (extent[0], extent[1]))
    raised = HINGE[1] - hand[1] > LINK
    canvas.stamp(hovering_face({0: 3, 2: 1}.get(picture_state["action"], 2), raised), hand, 0.13)
    return canvas.picture()


def _angle(picture_state: PictureState, first: int, blend: float) -> float:
    """Return an angle, given as cosine and sine, at `blend` of the shorter way from the previous step."""
    before, now = (atan2(row[first + 1], row[first]) for row in (picture_state["was"], picture_state["row"]))
    return before + ((now - before + pi) % (2 * pi) - pi) * blend


def _end(start: Point, angle: float) -> Point:
    return start[0] + sin(angle) * LINK, start[1] + cos(angle) * LINK


def _links(sketch: Sketch, colours: Palette, points: list[Point]) -> None:
    hinge, joint, hand = points
    sketch.line([joint, hand], 0.044, mix(STEEL, NIGHT, 0.1))
    sketch.line([hinge, joint], 0.054, BLUE)
    for centre, radius in ((hinge, 0.036), (joint, 0.03)):
        sketch.disc(centre, radius, mix(BLUE, NIGHT, 0.4))
        sketch.disc(centre, radius * 0.45, colours.ground)


@lru_cache(maxsize=8)
def _wall(size: int, dark: bool) -> pygame.Surface:
    colours = palette(dark)
    canvas = Canvas(filled_surface(size, colours.ground), dark=dark)

    def draw(sketch: Sketch) -> None:
        sketch.disc(HINGE, 2 * LINK + 0.03, colours.floor)
        sketch.disc(HINGE, LINK, colours.tile)
        height = HINGE[1] - LINK
        for dash in range(20):
            sketch.box((0.05 * dash + 0.01, height - 0.003, 0.03, 0.006), mix(AMBER, colours.ground, 0.2), 0.003)

    canvas.draw(draw, (0, 0), (1, 1))
    return canvas.surface
