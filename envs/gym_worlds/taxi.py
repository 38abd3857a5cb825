"""Picture of Taxi: streets between walls, four coloured stands, a passenger and a taxi."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache, partial

import pygame

from envs import Picture, PictureState
from envs.gym_worlds.board import DOWN, LEFT, RIGHT, UP, board, facing
from envs.pictures.canvas import Canvas, Shape, Sketch, filled_surface, smoothstep_point
from envs.pictures.face import draw_face
from envs.pictures.flag import flag
from envs.pictures.palette import AMBER, BLUE, CREAM, GREEN, NIGHT, RED, WOOD, Colour, Palette, mix, palette

DIRECTIONS = (DOWN, UP, RIGHT, LEFT)
STANDS: Mapping[tuple[int, int], Colour] = {(0, 0): RED, (0, 4): GREEN, (4, 0): (226, 205, 92), (4, 3): BLUE}
"""Colour by (row, column), in the order of the environment's destinations."""
TOWN = board(5, 5, 0.05)
ABOARD = 4


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the town, the taxi and its passenger, (size, size, 3)."""
    row, column, passenger, destination = (int(number) for number in picture_state["row"])
    canvas = Canvas(_town(tuple(picture_state["chart"]), size, dark), dark=dark)
    stands = list(STANDS)
    x, y = TOWN.centre(*stands[destination])
    canvas.stamp(flag, (x + TOWN.side * 0.22, y - TOWN.side * 0.16), TOWN.side * 0.62)
    position = smoothstep_point(TOWN.centre(*picture_state["was"][:2]), TOWN.centre(row, column), blend)
    if passenger != ABOARD:
        x, y = TOWN.centre(*stands[passenger])
        canvas.stamp(_passenger_icon, (x - TOWN.side * 0.16, y + TOWN.side * 0.12), TOWN.side * 0.52)
    shape = _taxi(passenger == ABOARD, facing(picture_state, DIRECTIONS))
    canvas.stamp(shape, position, TOWN.side * 0.9)
    return canvas.picture()


def _passenger_icon(sketch: Sketch, colours: Palette) -> None:
    sketch.oval((0.2, 0.84, 0.6, 0.13), colours.shadow)
    sketch.disc((0.5, 0.74), 0.25, mix((158, 129, 196), NIGHT, 0.1))
    sketch.box((0.25, 0.72, 0.5, 0.19), mix((158, 129, 196), NIGHT, 0.1), 0.06)
    sketch.disc((0.5, 0.34), 0.27, mix(WOOD, NIGHT, 0.35))
    sketch.disc((0.5, 0.37), 0.22, mix(CREAM, AMBER, 0.35))
    for x in (0.41, 0.59):
        sketch.disc((x, 0.34), 0.04, NIGHT)
    sketch.line([(0.44, 0.45), (0.5, 0.47), (0.56, 0.45)], 0.03, NIGHT)


@cache
def _taxi(occupied: bool, direction: int) -> Shape:
    return partial(_draw_taxi, occupied, direction)


def _draw_taxi(occupied: bool, direction: int, sketch: Sketch, colours: Palette) -> None:
    upright = direction in (UP, DOWN)
    left, top, width, height = (0.22, 0.08, 0.56, 0.84) if upright else (0.06, 0.22, 0.88, 0.56)
    sketch.box((left + 0.03, top + 0.05, width, height), colours.shadow, 0.18)
    for part in (0.12, 0.68):
        long = (left - 0.03, top + part * height, width + 0.06, 0.2 * height)
        wide = (left + part * width, top - 0.03, 0.2 * width, height + 0.06)
        sketch.box(long if upright else wide, NIGHT, 0.04)
    sketch.box((left, top, width, height), mix(AMBER, NIGHT, 0.12), 0.18)
    sketch.box((left + 0.02, top + 0.02, width - 0.04, height - 0.04), AMBER, 0.16)
    for index in range(6):
        along = (left + 0.045 + index * (width - 0.09) / 6, top + height * 0.79, (width - 0.09) / 6, 0.055)
        if index % 2 == 0:
            sketch.box(along, NIGHT)
    roof = (left + 0.09, top + 0.2, width - 0.18, height - 0.44) if upright else (0.24, 0.27, 0.52, 0.36)
    sketch.box(roof, mix(NIGHT, BLUE, 0.25), 0.09)
    draw_face(sketch, (0.5, 0.45), 0.46, direction)
    if occupied:
        _rider(sketch, (0.66, 0.66))


def _rider(sketch: Sketch, at: tuple[float, float]) -> None:
    sketch.disc(at, 0.13, mix(BLUE, NIGHT, 0.1))
    sketch.disc(at, 0.1, mix(CREAM, AMBER, 0.35))
    for side in (-1, 1):
        sketch.disc((at[0] + side * 0.035, at[1]), 0.018, NIGHT)


@lru_cache(maxsize=8)
def _town(chart: tuple[str, ...], size: int, dark: bool) -> pygame.Surface:
    colours = palette(dark)
    canvas = Canvas(filled_surface(size, colours.wall), dark=dark)
    canvas.draw(lambda sketch: _streets(sketch, chart, colours), (0, 0), (1, 1))
    return canvas.surface


def _streets(sketch: Sketch, chart: tuple[str, ...], colours: Palette) -> None:
    edge = 0.008
    whole = 5 * TOWN.side + 2 * edge
    sketch.box((TOWN.left - edge, TOWN.top - edge, whole, whole), colours.line, 0.02)
    for row in range(5):
        for column in range(5):
            sketch.box(TOWN.cell(row, column), colours.tile if (row + column) % 2 else colours.floor)
    for (row, column), colour in STANDS.items():
        sketch.box(TOWN.cell(row, column, 0.08), mix(colours.floor, colour, 0.55), TOWN.side * 0.14)
        sketch.box(TOWN.cell(row, column, 0.13), mix(colours.floor, colour, 0.3), TOWN.side * 0.1)
    wall = mix(colours.line, colours.ink, 0.25)
    for row in range(5):
        for column in range(4):
            if chart[row + 1][2 * column + 2] == "|":
                left, top, side, _ = TOWN.cell(row, column)
                sketch.box((left + side - 0.011, top, 0.022, side), wall, 0.011)
