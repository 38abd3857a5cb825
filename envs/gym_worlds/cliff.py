"""Picture of CliffWalking: a path along a cliff above the sea."""

from __future__ import annotations

from functools import lru_cache
from math import sin

import pygame

from envs import Picture, PictureState
from envs.gym_worlds.board import DOWN, LEFT, RIGHT, UP, board, facing
from envs.pictures.canvas import Canvas, Sketch, filled_surface, smoothstep_point
from envs.pictures.face import face
from envs.pictures.flag import flag
from envs.pictures.palette import AMBER, BLUE, CREAM, GREEN, NIGHT, SKY, WOOD, Colour, Palette, mix, palette

DIRECTIONS = (UP, RIGHT, DOWN, LEFT)
ROWS, COLUMNS = 4, 12
PATH = board(ROWS, COLUMNS, 0.02)


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the agent on the path, or falling off the cliff, (size, size, 3)."""
    canvas = Canvas(_coast(size, dark), dark=dark)
    before, now = ((int(row), int(column)) for row, column in (picture_state["was"], picture_state["row"]))
    fell = abs(before[0] - now[0]) + abs(before[1] - now[1]) > 1
    direction = facing(picture_state, DIRECTIONS)
    extent = PATH.side * 1.05
    if fell and blend < 0.6:
        depth = blend / 0.6
        _, step = ((0, 0), (0, 1), (1, 0), (0, -1))[direction]
        x, y = PATH.centre(before[0] + 2.2 * depth, before[1] + step * min(1.0, 2 * depth))
        canvas.stamp(face(DOWN), (x, y), extent * round(1 - 0.4 * depth, 1))
    else:
        position = PATH.centre(*now) if fell else smoothstep_point(PATH.centre(*before), PATH.centre(*now), blend)
        canvas.stamp(face(direction, now == (ROWS - 1, COLUMNS - 1)), position, extent)
    return canvas.picture()


@lru_cache(maxsize=8)
def _coast(size: int, dark: bool) -> pygame.Surface:
    colours = palette(dark)
    sky = mix(colours.ground, SKY, 0.08 if dark else 0.35)
    canvas = Canvas(filled_surface(size, sky), dark=dark)
    canvas.draw(lambda sketch: _land(sketch, colours), (0, 0), (1, 1))
    x, y = PATH.centre(ROWS - 1, COLUMNS - 1)
    canvas.stamp(flag, (x + PATH.side * 0.1, y - PATH.side * 0.15), PATH.side)
    return canvas.surface


def _land(sketch: Sketch, colours: Palette) -> None:
    sea = mix(BLUE, NIGHT, 0.55) if colours.dark else mix(BLUE, SKY, 0.45)
    rock = mix(WOOD, NIGHT, 0.5) if colours.dark else mix(WOOD, CREAM, 0.4)
    sketch.disc((0.84, 0.15), 0.06, mix(CREAM, NIGHT, 0.3) if colours.dark else mix(AMBER, CREAM, 0.35))
    edge = PATH.top + (ROWS - 1) * PATH.side
    sketch.box((0, edge, 1, 1 - edge), sea)
    for wave in range(4):
        y = edge + 0.15 + wave * 0.075
        points = [(step / 40, y + 0.006 * sin(step * 0.9 + wave * 2)) for step in range(41)]
        sketch.line(points, 0.004, mix(sea, CREAM, 0.18))
    sketch.box((0, edge, 1, PATH.side * 0.55), mix(rock, NIGHT, 0.18))
    for left in (0.0, 1 - PATH.side - PATH.left):
        sketch.box((left, edge, PATH.side + PATH.left, PATH.side * 2.2), rock)
        sketch.box((left, edge, PATH.side + PATH.left, PATH.side), _green(colours))
    _grass(sketch, colours)


def _green(colours: Palette) -> Colour:
    return mix(GREEN, NIGHT, 0.45) if colours.dark else mix(GREEN, CREAM, 0.35)


def _grass(sketch: Sketch, colours: Palette) -> None:
    grass = _green(colours)
    sketch.box((0, PATH.top - 0.02, 1, 3 * PATH.side + 0.02), grass)
    for row in range(ROWS):
        for column in range(COLUMNS):
            if row < ROWS - 1 or column in (0, COLUMNS - 1):
                tile = mix(grass, colours.ink if colours.dark else NIGHT, 0.05) if (row + column) % 2 else grass
                sketch.box(PATH.cell(row, column), tile)
