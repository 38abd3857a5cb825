"""Picture of MountainCar: the car in the valley, and the flag on the hill."""

from __future__ import annotations

from functools import lru_cache
from math import atan, cos, degrees, sin

import pygame

from envs import Picture, PictureState
from envs.pictures.canvas import Canvas, Point, Sketch, filled_surface
from envs.pictures.face import draw_face
from envs.pictures.flag import flag
from envs.pictures.palette import CREAM, GREEN, NIGHT, RED, STEEL, Palette, mix, palette

LEFT, RIGHT, GOAL = -1.28, 0.76, 0.5
"""Edges of the picture and position of the flag, in the environment's units; the road ends at -1.2 and 0.6."""


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the car at `blend` of the way from the previous step to this one, (size, size, 3)."""
    position = picture_state["was"][0] + (picture_state["row"][0] - picture_state["was"][0]) * blend
    canvas = Canvas(_valley(size, dark), dark=dark)
    slope = atan(1.35 * cos(3 * position) * HEIGHT / WIDTH)
    x, y = _on_road(position)
    lift = 0.045
    canvas.turn(_car, (x - sin(slope) * lift, y - cos(slope) * lift), 0.15, degrees(slope))
    return canvas.picture()


WIDTH, HEIGHT = 1 / (RIGHT - LEFT), 0.52
"""Fractions of the picture's side for one unit of position, and of altitude."""


def _on_road(position: float) -> Point:
    return (position - LEFT) * WIDTH, 0.92 - (sin(3 * position) * 0.45 + 0.55) * HEIGHT


def _car(sketch: Sketch, colours: Palette) -> None:
    for x in (0.27, 0.73):
        sketch.disc((x, 0.72), 0.12, NIGHT)
        sketch.disc((x, 0.72), 0.055, STEEL)
    sketch.box((0.06, 0.42, 0.88, 0.29), mix(RED, NIGHT, 0.12), 0.1)
    sketch.box((0.06, 0.42, 0.88, 0.22), RED, 0.1)
    sketch.box((0.84, 0.48, 0.1, 0.09), mix(CREAM, (244, 181, 68), 0.5), 0.04)
    draw_face(sketch, (0.46, 0.36), 0.5)


@lru_cache(maxsize=8)
def _valley(size: int, dark: bool) -> pygame.Surface:
    colours = palette(dark)
    canvas = Canvas(filled_surface(size, colours.ground), dark=dark)
    road = [_on_road(LEFT + (RIGHT - LEFT) * step / 96) for step in range(97)]
    grass = mix(GREEN, colours.floor, 0.62 if dark else 0.45)

    def draw(sketch: Sketch) -> None:
        far = [(x, 0.5 + 0.1 * sin(7 * x + 1) + 0.06 * sin(17 * x)) for x in (step / 48 for step in range(49))]
        sketch.area([(0, 1), *far, (1, 1)], mix(colours.ground, colours.floor, 0.9 if dark else 0.8))
        sketch.area([(0, 1), *road, (1, 1)], grass)
        sketch.line(road, 0.014, mix(grass, colours.ink, 0.35))

    canvas.draw(draw, (0, 0), (1, 1))
    x, y = _on_road(GOAL)
    canvas.stamp(flag, (x + 0.035, y - 0.07), 0.16)
    return canvas.surface
