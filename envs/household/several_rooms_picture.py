"""Picture of a house of several rooms: a floor plan, with the things in furniture and in the hand visible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import pi, sin

import pygame

from envs import Picture, PictureState
from envs.household.direction_words import DIRECTION_WORDS
from envs.household.floor_plan import FURNITURE, NOTE, SINK, SPOTS, plan
from envs.household.furniture_picture import (
    PIECES,
    SMALL,
    dirt,
    frost,
    note,
    open_subgoal,
    reached_subgoal,
    sink,
    sparkle,
)
from envs.household.grid import STEPS
from envs.household.scene import HAND
from envs.household.things_picture import spot
from envs.pictures.canvas import Canvas, Point, Sketch, filled_surface, smoothstep_point, text_label
from envs.pictures.face import face
from envs.pictures.palette import AMBER, BLUE, GREEN, RED, WOOD, Colour, Palette, mix, palette

MARGIN, WALL = 0.05, 0.034
WIDTH = (1 - 2 * MARGIN - WALL) / 2
"""Width of each room, as a fraction of the picture's side."""
TINTS: Mapping[str, tuple[Colour, float]] = {
    "kitchen": (AMBER, 0.1),
    "hall": (RED, 0.06),
    "bedroom": (BLUE, 0.13),
    "study": (GREEN, 0.12),
}
"""Tint of the floor of each room, and its strength."""
PLACES: Mapping[str, Point] = {
    "fridge": (0.22, 0.3),
    "sink": (0.76, 0.3),
    "cupboard": (0.24, 0.3),
    "table": (0.76, 0.33),
    "note": (0.5, 0.27),
    "drawer": (0.26, 0.3),
    "basket": (0.74, 0.3),
}
"""Position of furniture, as fractions of its room's sides."""
MIDDLE: Point = (0.5, 0.58)
"""Position of the agent in a room; doors are on the same horizontal and vertical lines."""
PIECE, THING, FACE = 0.17, 0.1, 0.15
DOOR = 0.1


@dataclass(frozen=True, slots=True)
class RoomsLayout:
    """Positions of the rooms of a plan in the picture."""

    rooms: tuple[str, ...]
    height: float
    top: float

    def box(self, room: str) -> tuple[float, float, float, float]:
        """Return a room as (left, top, width, height)."""
        column, row = SPOTS[room]
        return MARGIN + column * (WIDTH + WALL), self.top + row * (self.height + WALL), WIDTH, self.height

    def at(self, room: str, place: Point) -> Point:
        """Return a point that is given as fractions of a room's sides."""
        left, top, width, height = self.box(room)
        return left + place[0] * width, top + place[1] * height


def _layout(rooms: int) -> RoomsLayout:
    if rooms == 2:
        return RoomsLayout(plan(2).rooms, 0.56, 0.2)
    return RoomsLayout(plan(rooms).rooms, WIDTH - 0.015, MARGIN - 0.015)


def paint(picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
    """Paint the house, with the agent at `blend` of the way from the previous room, (size, size, 3)."""
    layout = _layout(picture_state["rooms"])
    canvas = Canvas(_empty_house(picture_state["rooms"], size, dark), dark=dark)
    _fixtures(canvas, picture_state, layout)
    for name in plan(picture_state["rooms"]).places:
        _furniture(canvas, picture_state, layout, name)
    for room in layout.rooms:
        _on_the_floor(canvas, picture_state, layout, room)
    _agent(canvas, picture_state, layout, blend)
    _progress(canvas, picture_state)
    return canvas.picture()


def _fixtures(canvas: Canvas, picture_state: PictureState, layout: RoomsLayout) -> None:
    if "sink" in picture_state["marks"]:
        canvas.stamp(sink, layout.at(SINK, PLACES["sink"]), PIECE)
    if "note" in picture_state["marks"]:
        canvas.stamp(note, layout.at(NOTE, PLACES["note"]), THING)


def _things_at(picture_state: PictureState, place: str) -> list[str]:
    return [thing for thing, where in picture_state["where"].items() if where == place]


def _furniture(canvas: Canvas, picture_state: PictureState, layout: RoomsLayout, name: str) -> None:
    """Paint a piece of furniture and the things in it: faint if it is closed."""
    piece = FURNITURE[name]
    x, y = layout.at(piece.room, PLACES[name])
    opened = name in picture_state["opened"]
    canvas.stamp(PIECES[name][opened], (x, y), PIECE)
    contents = _things_at(picture_state, name)
    lift = 0.045 if piece.preposition == "on" or name == "basket" else 0.0
    for index, thing in enumerate(contents):
        aside = (index - (len(contents) - 1) / 2) * 0.05
        _thing(canvas, picture_state, thing, (x + aside, y - lift), 0.45 if piece.lid and not opened else 1.0)


def _on_the_floor(canvas: Canvas, picture_state: PictureState, layout: RoomsLayout, room: str) -> None:
    lying = _things_at(picture_state, room)
    for index, thing in enumerate(lying):
        x, y = layout.at(room, (0.5, 0.87))
        _thing(canvas, picture_state, thing, (x + (index - (len(lying) - 1) / 2) * 0.066, y))


def _thing(canvas: Canvas, picture_state: PictureState, thing: str, place: Point, alpha: float = 1.0) -> None:
    is_target = thing in picture_state["targets"]
    if is_target:
        canvas.stamp(spot, place, THING * 1.2)
    canvas.stamp(SMALL[thing], place, THING, alpha)
    corner = (place[0] + THING * 0.3, place[1] - THING * 0.28)
    if thing in picture_state["cold"]:
        canvas.stamp(frost, corner, THING * 0.45)
    if is_target and "sink" in picture_state["marks"]:
        canvas.stamp(sparkle if thing in picture_state["clean"] else dirt, corner, THING * 0.5)


def _agent(canvas: Canvas, picture_state: PictureState, layout: RoomsLayout, blend: float) -> None:
    """Paint the agent on its way; a step against a wall is a short move there and back."""
    phrase = picture_state["last_action"]
    facing = DIRECTION_WORDS.index(phrase) if phrase in DIRECTION_WORDS else 2
    now, before = (layout.at(picture_state[room], MIDDLE) for room in ("here", "came_from"))
    x, y = smoothstep_point(before, now, blend)
    if now == before and phrase in DIRECTION_WORDS:
        push = 0.03 * sin(pi * blend)
        x, y = x + STEPS[facing][0] * push, y + STEPS[facing][1] * push
    canvas.stamp(face(facing, picture_state["success"]), (x, y), FACE)
    for thing in _things_at(picture_state, HAND):
        _thing(canvas, picture_state, thing, (x + FACE * 0.42, y + FACE * 0.26))


def _progress(canvas: Canvas, picture_state: PictureState) -> None:
    """Paint a mark below the house for each sub-goal, filled if it is reached."""
    done = picture_state["done"]
    for index, reached in enumerate(done):
        x = 0.5 + (index - (len(done) - 1) / 2) * 0.055
        canvas.stamp(reached_subgoal if reached else open_subgoal, (x, 0.965), 0.04)


@lru_cache(maxsize=16)
def _empty_house(rooms: int, size: int, dark: bool) -> pygame.Surface:
    colours, layout = palette(dark), _layout(rooms)
    canvas = Canvas(filled_surface(size, colours.wall), dark=dark)
    canvas.draw(lambda sketch: _floors(sketch, colours, layout), (0, 0), (1, 1))
    for room in layout.rooms:
        canvas.put(text_label(room, round(size * 0.042), colours.quiet), layout.at(room, (0.5, 0.06)))
    return canvas.surface


def _floors(sketch: Sketch, colours: Palette, layout: RoomsLayout) -> None:
    for room in layout.rooms:
        left, top, width, height = layout.box(room)
        tint, strength = TINTS[room]
        sketch.box((left - 0.006, top - 0.006, width + 0.012, height + 0.012), colours.line, 0.02)
        sketch.box((left, top, width, height), mix(colours.floor, tint, strength), 0.016)
        rug = mix(colours.tile, tint, strength * 1.8)
        x, y = layout.at(room, MIDDLE)
        sketch.oval((x - 0.12, y - 0.07, 0.24, 0.14), rug)
    for room in layout.rooms:
        for direction in (1, 2):
            if (there := plan(len(layout.rooms)).moves[room][direction]) != room:
                _door(sketch, colours, layout, (room, there))


def _door(sketch: Sketch, colours: Palette, layout: RoomsLayout, rooms: tuple[str, str]) -> None:
    """Paint the opening in the wall between two rooms."""
    x, y = layout.at(rooms[0], MIDDLE)
    left, top, width, height = layout.box(rooms[0])
    if y == layout.at(rooms[1], MIDDLE)[1]:
        gap = (left + width - 0.008, y - DOOR / 2, WALL + 0.016, DOOR)
    else:
        gap = (x - DOOR / 2, top + height - 0.008, DOOR, WALL + 0.016)
    sketch.box(gap, mix(colours.floor, WOOD, 0.22))
