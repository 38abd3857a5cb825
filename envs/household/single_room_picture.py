"""Picture of a house of one room, from above; each wall is labelled with the direction word that leads to it."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import pi, sin

import pygame

from envs import Picture, PictureState
from envs.household.direction_words import DIRECTION_WORDS, Meanings
from envs.household.grid import STEPS
from envs.household.things_picture import THINGS, dot, glow, spot
from envs.pictures.canvas import Canvas, Point, Sketch, filled_surface, smoothstep, smoothstep_point, text_label
from envs.pictures.face import face
from envs.pictures.palette import BLUE, GREEN, RED, Colour, Palette, mix, palette, with_alpha

WALL = 0.07
"""Thickness of the walls, as a fraction of the picture's side."""
TINTS: dict[str, tuple[Colour, float]] = {
    "house": (RED, 0.0),
    "mirror house": (BLUE, 0.17),
    "turned house": ((178, 132, 190), 0.17),
    "new house": (GREEN, 0.15),
}
"""Tint of the floor of each house, and its strength."""
RUG = (214, 138, 110)


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the room, with the agent at `blend` of the way from the previous cell, (size, size, 3)."""
    cells = picture_state["size"]
    side = (1 - 2 * WALL) / cells
    canvas = Canvas(_empty_room(cells, size, dark, picture_state["house"], tuple(picture_state["meanings"])), dark=dark)
    position, extent = _agent_position(picture_state, side, blend)
    _trail(canvas, picture_state, side, blend)
    _things(canvas, picture_state, side, blend)
    canvas.stamp(face(picture_state["facing"], picture_state["done"]), position, extent)
    if picture_state["held"]:
        shape = THINGS[picture_state["target"]][0]
        canvas.stamp(shape, (position[0] + extent * 0.3, position[1] + extent * 0.22), side * 0.46)
    return canvas.picture()


def _centre(cell: int, cells: int, side: float) -> Point:
    return WALL + (cell % cells + 0.5) * side, WALL + (cell // cells + 0.5) * side


def _things_at(picture_state: PictureState, cell: int) -> list[str]:
    carried = picture_state["target"] if picture_state["held"] else ""
    return [name for name, place in picture_state["cells"].items() if place == cell and name != carried]


def _stance(picture_state: PictureState, cell: int, side: float) -> tuple[float, float, float]:
    """Return the agent's (x, y, extent) in a cell: smaller and aside where things lie."""
    x, y = _centre(cell, picture_state["size"], side)
    if _things_at(picture_state, cell):
        return x - side * 0.17, y + side * 0.15, side * 0.62
    return x, y, side * 0.86


def _agent_position(picture_state: PictureState, side: float, blend: float) -> tuple[Point, float]:
    """Return the agent's position and extent on its way; a step against a wall is a short move there and back."""
    trail = picture_state["trail"]
    now = _stance(picture_state, trail[-1], side)
    before = _stance(picture_state, trail[-2], side) if len(trail) > 1 else now
    if before == now and picture_state["last_action"] in DIRECTION_WORDS:
        push = side * 0.16 * sin(pi * blend)
        dx, dy = STEPS[picture_state["facing"]]
        return (now[0] + dx * push, now[1] + dy * push), now[2]
    x, y, extent = (smoothstep(old, new, blend) for old, new in zip(before, now, strict=True))
    return (x, y), round(extent / side, 2) * side


def _trail(canvas: Canvas, picture_state: PictureState, side: float, blend: float) -> None:
    """Paint the agent's last steps as dots that are fainter the older they are."""
    places = [_centre(cell, picture_state["size"], side) for cell in picture_state["trail"]]
    if len(places) > 1:
        places[-1] = smoothstep_point(places[-2], places[-1], blend)
    legs = list(pairwise(places))
    for age, ((x, y), (u, v)) in enumerate(reversed(legs)):
        alpha = round(0.7 - 0.09 * age, 2)
        count = round((abs(u - x) + abs(v - y)) / side * 4)
        for index in range(count):
            part = index / count
            canvas.stamp(dot, (x + (u - x) * part, y + (v - y) * part), side * 0.055, alpha)


def _things(canvas: Canvas, picture_state: PictureState, side: float, blend: float) -> None:
    trail = picture_state["trail"]
    for cell in sorted(set(picture_state["cells"].values())):
        names = _things_at(picture_state, cell)
        overlap = smoothstep(float(cell in trail[-2:-1]), float(cell == trail[-1]), blend)
        x, y = _centre(cell, picture_state["size"], side)
        if picture_state["target"] in names:
            _light(canvas, picture_state, (x, y), side)
        for name in sorted(
            names, key=lambda name: name == "basket"
        ):  # things in a basket stick out of it, so the basket is painted last
            lift = 0.24 if "basket" in names and name != "basket" else 0.0
            extent = 0.8 - 0.16 * overlap - lift
            shape = THINGS[name][name == picture_state["target"] and picture_state["finished"]]
            place = x + side * 0.15 * overlap, y - side * (0.1 * overlap + lift * 0.9)
            canvas.stamp(shape, place, round(extent, 2) * side)


def _light(canvas: Canvas, picture_state: PictureState, place: Point, side: float) -> None:
    if picture_state["target"] == "lamp" and picture_state["finished"]:
        canvas.stamp(glow, place, side * 2.6)
    canvas.stamp(spot, place, side * 0.97)


@lru_cache(maxsize=32)
def _empty_room(cells: int, size: int, dark: bool, house: str, meanings: Meanings) -> pygame.Surface:
    colours = palette(dark)
    surface = filled_surface(size, colours.wall)
    canvas = Canvas(surface, dark=dark)
    canvas.draw(lambda sketch: _floor(sketch, colours, cells, house), (0, 0), (1, 1))
    canvas.stamp(_rug, (0.5, 0.5), 0.46)
    for word, direction in zip(DIRECTION_WORDS, meanings, strict=True):
        dx, dy = STEPS[direction]
        degrees = {1: -90, 3: 90}.get(direction, 0)
        label = text_label(word, round(size * WALL * 0.7), colours.quiet, degrees)
        canvas.put(label, (0.5 + dx * (0.5 - WALL / 2), 0.5 + dy * (0.5 - WALL / 2)))
    return canvas.surface


def _floor(sketch: Sketch, colours: Palette, cells: int, house: str) -> None:
    tint, strength = TINTS[house]
    floor, tile = mix(colours.floor, tint, strength), mix(colours.tile, tint, strength * 1.25)
    side = (1 - 2 * WALL) / cells
    inner = 1 - 2 * WALL
    sketch.box((WALL - 0.006, WALL - 0.006, inner + 0.012, inner + 0.012), colours.line, 0.02)
    sketch.box((WALL, WALL, inner, inner), floor, 0.016)
    for cell in range(1, cells * cells, 2) if cells % 2 else _odd_cells(cells):
        x, y = cell % cells, cell // cells
        corner = 0.016 if x in (0, cells - 1) and y in (0, cells - 1) else 0.0
        sketch.box((WALL + x * side, WALL + y * side, side, side), tile, corner)


def _rug(sketch: Sketch, colours: Palette) -> None:
    """A round rug in the middle of the room."""
    sketch.disc((0.5, 0.5), 0.5, with_alpha(RUG, 0.22))
    sketch.disc((0.5, 0.5), 0.47, with_alpha(RUG, 0.13))


def _odd_cells(cells: int) -> list[int]:
    return [cell for cell in range(cells * cells) if (cell % cells + cell // cells) % 2]
