"""The house, seen from above; each wall is labelled with the word that leads to it."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import pi, sin

import pygame

from envs import Picture, PictureState
from envs.household.direction_words import DIRECTION_WORDS, Meanings
from envs.household.grid import STEPS
from envs.household.things_picture import THINGS, dot, glow, spot
from envs.pictures.canvas import Canvas, Point, Sketch, between, glide, sheet, writing
from envs.pictures.face import face
from envs.pictures.palette import BLUE, GREEN, RED, Colour, Palette, mix, palette, veil

WALL = 0.07
"""Thickness of the walls, in parts of the picture's side."""
TINTS: dict[str, tuple[Colour, float]] = {
    "house": (RED, 0.0),
    "mirror house": (BLUE, 0.17),
    "turned house": ((178, 132, 190), 0.17),
    "new house": (GREEN, 0.15),
}
"""What colours the floor of each house, and how strongly."""
RUG = (214, 138, 110)


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the room at `picture_state`."""
    cells = picture_state["size"]
    side = (1 - 2 * WALL) / cells
    canvas = Canvas(_empty_room(cells, size, dark, picture_state["house"], tuple(picture_state["meanings"])), dark=dark)
    here, extent = _here(picture_state, side, blend)
    _trail(canvas, picture_state, side, blend)
    _things(canvas, picture_state, side, blend)
    canvas.stamp(face(picture_state["facing"], picture_state["done"]), here, extent)
    if picture_state["held"]:
        shape = THINGS[picture_state["target"]][0]
        canvas.stamp(shape, (here[0] + extent * 0.3, here[1] + extent * 0.22), side * 0.46)
    return canvas.picture()


def _centre(cell: int, cells: int, side: float) -> Point:
    return WALL + (cell % cells + 0.5) * side, WALL + (cell // cells + 0.5) * side


def _things_at(picture_state: PictureState, cell: int) -> list[str]:
    carried = picture_state["target"] if picture_state["held"] else ""
    return [name for name, place in picture_state["cells"].items() if place == cell and name != carried]


def _stance(picture_state: PictureState, cell: int, side: float) -> tuple[float, float, float]:
    """Return where the agent stands in a cell, and how large: it makes room for what lies there."""
    x, y = _centre(cell, picture_state["size"], side)
    if _things_at(picture_state, cell):
        return x - side * 0.17, y + side * 0.15, side * 0.62
    return x, y, side * 0.86


def _here(picture_state: PictureState, side: float, blend: float) -> tuple[Point, float]:
    """Return where the agent is on its way, and its size; a wall gives way a little, and pushes back."""
    trail = picture_state["trail"]
    now = _stance(picture_state, trail[-1], side)
    before = _stance(picture_state, trail[-2], side) if len(trail) > 1 else now
    if before == now and picture_state["said"] in DIRECTION_WORDS:
        push = side * 0.16 * sin(pi * blend)
        dx, dy = STEPS[picture_state["facing"]]
        return (now[0] + dx * push, now[1] + dy * push), now[2]
    x, y, extent = (between(old, new, blend) for old, new in zip(before, now, strict=True))
    return (x, y), round(extent / side, 2) * side


def _trail(canvas: Canvas, picture_state: PictureState, side: float, blend: float) -> None:
    """Dot the way the agent came, fading with age."""
    places = [_centre(cell, picture_state["size"], side) for cell in picture_state["trail"]]
    if len(places) > 1:
        places[-1] = glide(places[-2], places[-1], blend)
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
        met = between(float(cell in trail[-2:-1]), float(cell == trail[-1]), blend)
        x, y = _centre(cell, picture_state["size"], side)
        if picture_state["target"] in names:
            _light(canvas, picture_state, (x, y), side)
        for name in sorted(names, key=lambda name: name == "basket"):  # what is in a basket peeps out of it
            lift = 0.24 if "basket" in names and name != "basket" else 0.0
            extent = 0.8 - 0.16 * met - lift
            shape = THINGS[name][name == picture_state["target"] and picture_state["finished"]]
            place = x + side * 0.15 * met, y - side * (0.1 * met + lift * 0.9)
            canvas.stamp(shape, place, round(extent, 2) * side)


def _light(canvas: Canvas, picture_state: PictureState, place: Point, side: float) -> None:
    if picture_state["target"] == "lamp" and picture_state["finished"]:
        canvas.stamp(glow, place, side * 2.6)
    canvas.stamp(spot, place, side * 0.97)


@lru_cache(maxsize=32)
def _empty_room(cells: int, size: int, dark: bool, house: str, meanings: Meanings) -> pygame.Surface:
    colours = palette(dark)
    surface = sheet(size, colours.wall)
    canvas = Canvas(surface, dark=dark)
    canvas.draw(lambda sketch: _floor(sketch, colours, cells, house), (0, 0), (1, 1))
    canvas.stamp(_rug, (0.5, 0.5), 0.46)
    for word, direction in zip(DIRECTION_WORDS, meanings, strict=True):
        dx, dy = STEPS[direction]
        turned = {1: -90, 3: 90}.get(direction, 0)
        label = writing(word, round(size * WALL * 0.7), colours.quiet, turned)
        canvas.put(label, (0.5 + dx * (0.5 - WALL / 2), 0.5 + dy * (0.5 - WALL / 2)))
    return canvas.surface


def _floor(sketch: Sketch, colours: Palette, cells: int, house: str) -> None:
    tint, strength = TINTS[house]
    floor, tile = mix(colours.floor, tint, strength), mix(colours.tile, tint, strength * 1.25)
    side = (1 - 2 * WALL) / cells
    inner = 1 - 2 * WALL
    sketch.box((WALL - 0.006, WALL - 0.006, inner + 0.012, inner + 0.012), colours.line, 0.02)
    sketch.box((WALL, WALL, inner, inner), floor, 0.016)
    for cell in range(1, cells * cells, 2) if cells % 2 else _odd(cells):
        x, y = cell % cells, cell // cells
        corner = 0.016 if x in (0, cells - 1) and y in (0, cells - 1) else 0.0
        sketch.box((WALL + x * side, WALL + y * side, side, side), tile, corner)


def _rug(sketch: Sketch, colours: Palette) -> None:
    """A round rug, so that the room is lived in."""
    sketch.disc((0.5, 0.5), 0.5, veil(RUG, 0.22))
    sketch.disc((0.5, 0.5), 0.47, veil(RUG, 0.13))


def _odd(cells: int) -> list[int]:
    return [cell for cell in range(cells * cells) if (cell % cells + cell // cells) % 2]
