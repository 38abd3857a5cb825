"""Picture of FrozenLake: ice with holes, and a gift at the goal."""

from __future__ import annotations

from functools import lru_cache

import pygame

from envs import Picture, PictureState
from envs.gym_worlds.board import DOWN, LEFT, RIGHT, UP, board, facing
from envs.pictures.canvas import Canvas, Sketch, filled_surface, smoothstep_point
from envs.pictures.face import face
from envs.pictures.flag import gift
from envs.pictures.palette import BLUE, CREAM, NIGHT, SKY, WOOD, Palette, mix, palette, with_alpha

DIRECTIONS = (LEFT, DOWN, RIGHT, UP)


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the agent on the ice, smaller once it has fallen into a hole, (size, size, 3)."""
    chart = tuple(picture_state["chart"])
    lake = board(len(chart), len(chart[0]))
    canvas = Canvas(_ice(chart, size, dark), dark=dark)
    row, column = (int(number) for number in picture_state["row"])
    cell_kind = chart[row][column]
    position = smoothstep_point(lake.centre(*picture_state["was"]), lake.centre(row, column), blend)
    sunk = cell_kind == "H" and blend > 0.6
    shape = face(facing(picture_state, DIRECTIONS), cell_kind == "G")
    canvas.stamp(shape, position, lake.side * (0.55 if sunk else 0.82), 0.75 if sunk else 1.0)
    return canvas.picture()


@lru_cache(maxsize=16)
def _ice(chart: tuple[str, ...], size: int, dark: bool) -> pygame.Surface:
    colours = palette(dark)
    lake = board(len(chart), len(chart[0]))
    canvas = Canvas(filled_surface(size, mix(colours.ground, BLUE, 0.10)), dark=dark)
    canvas.draw(lambda sketch: _tiles(sketch, chart, colours), (0, 0), (1, 1))
    for row, line in enumerate(chart):
        for column, kind in enumerate(line):
            if kind == "G":
                canvas.stamp(gift, lake.centre(row, column), lake.side * 0.74)
    return canvas.surface


def _tiles(sketch: Sketch, chart: tuple[str, ...], colours: Palette) -> None:
    lake = board(len(chart), len(chart[0]))
    ice = mix(SKY, NIGHT, 0.52) if colours.dark else mix(SKY, CREAM, 0.55)
    for row, line in enumerate(chart):
        for column, kind in enumerate(line):
            tile = mix(ice, BLUE, 0.16) if (row + column) % 2 else ice
            left, top, side, _ = lake.cell(row, column, 0.015)
            sketch.box((left, top, side, side), tile, side * 0.12)
            shine = [(left + side * part, top + side * rise) for part, rise in ((0.14, 0.34), (0.34, 0.14))]
            sketch.line(shine, side * 0.035, mix(tile, CREAM, 0.35))
            if kind == "H":
                _hole(sketch, (left, top, side), tile)
            if kind == "S":
                sketch.box(
                    (left + side * 0.2, top + side * 0.68, side * 0.6, side * 0.14), mix(WOOD, tile, 0.25), side * 0.06
                )


def _hole(sketch: Sketch, cell: tuple[float, float, float], tile: tuple[int, int, int]) -> None:
    left, top, side = cell
    sketch.oval((left + side * 0.11, top + side * 0.17, side * 0.78, side * 0.7), mix(tile, CREAM, 0.4))
    sketch.oval((left + side * 0.14, top + side * 0.22, side * 0.72, side * 0.62), mix(BLUE, NIGHT, 0.62))
    sketch.oval((left + side * 0.2, top + side * 0.36, side * 0.6, side * 0.44), mix(BLUE, NIGHT, 0.42))
    sketch.oval((left + side * 0.34, top + side * 0.5, side * 0.22, side * 0.06), with_alpha(SKY, 1.0))
