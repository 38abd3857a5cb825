"""Shapes of the furniture of a house of several rooms, and of marks on things."""

from __future__ import annotations

from collections.abc import Mapping

from envs.household.things_picture import THINGS
from envs.pictures.canvas import Shape, Sketch
from envs.pictures.palette import AMBER, BLUE, CREAM, GREEN, NIGHT, SKY, STEEL, WOOD, Colour, Palette, mix

DEEP = mix(WOOD, NIGHT, 0.3)
PALE = mix(WOOD, CREAM, 0.3)
INSIDE = mix(WOOD, NIGHT, 0.6)


def _shade(sketch: Sketch, colours: Palette, width: float) -> None:
    sketch.oval((0.5 - width / 2, 0.86, width, 0.12), colours.shadow)


def cupboard(sketch: Sketch, colours: Palette) -> None:
    """Draw a cupboard with two doors shut."""
    _shade(sketch, colours, 0.84)
    sketch.box((0.08, 0.12, 0.84, 0.8), DEEP, 0.05)
    for left in (0.12, 0.52):
        sketch.box((left, 0.17, 0.36, 0.7), WOOD, 0.03)
        sketch.box((left + 0.05, 0.23, 0.26, 0.58), PALE, 0.03)
    for x in (0.44, 0.56):
        sketch.disc((x, 0.52), 0.03, INSIDE)


def open_cupboard(sketch: Sketch, colours: Palette) -> None:
    """Draw a cupboard with its doors wide open."""
    _shade(sketch, colours, 0.84)
    sketch.box((0.16, 0.12, 0.68, 0.8), DEEP, 0.05)
    sketch.box((0.2, 0.17, 0.6, 0.7), INSIDE, 0.03)
    sketch.box((0.2, 0.5, 0.6, 0.04), DEEP)
    sketch.area([(0.16, 0.14), (0.02, 0.2), (0.02, 0.97), (0.16, 0.9)], PALE)
    sketch.area([(0.84, 0.14), (0.98, 0.2), (0.98, 0.97), (0.84, 0.9)], PALE)


def table(sketch: Sketch, colours: Palette) -> None:
    """Draw a table."""
    _shade(sketch, colours, 0.8)
    for x in (0.14, 0.78):
        sketch.box((x, 0.5, 0.08, 0.42), DEEP, 0.02)
    sketch.box((0.04, 0.44, 0.92, 0.16), DEEP, 0.05)
    sketch.box((0.04, 0.42, 0.92, 0.12), PALE, 0.05)


def drawer(sketch: Sketch, colours: Palette) -> None:
    """Draw a chest with its drawer shut."""
    _shade(sketch, colours, 0.84)
    sketch.box((0.08, 0.28, 0.84, 0.64), DEEP, 0.05)
    sketch.box((0.13, 0.34, 0.74, 0.23), PALE, 0.03)
    sketch.box((0.13, 0.63, 0.74, 0.23), WOOD, 0.03)
    for y in (0.455, 0.745):
        sketch.box((0.4, y - 0.02, 0.2, 0.04), INSIDE, 0.02)


def open_drawer(sketch: Sketch, colours: Palette) -> None:
    """Draw a chest with its drawer pulled out."""
    _shade(sketch, colours, 0.84)
    sketch.box((0.08, 0.28, 0.84, 0.64), DEEP, 0.05)
    sketch.box((0.13, 0.34, 0.74, 0.23), INSIDE, 0.03)
    sketch.area([(0.13, 0.56), (0.87, 0.56), (0.95, 0.64), (0.05, 0.64)], INSIDE)
    sketch.box((0.05, 0.63, 0.9, 0.25), PALE, 0.03)
    sketch.box((0.4, 0.73, 0.2, 0.04), INSIDE, 0.02)


def sink(sketch: Sketch, colours: Palette) -> None:
    """Draw a sink with a tap."""
    _shade(sketch, colours, 0.8)
    side = mix(STEEL, NIGHT, 0.2)
    sketch.box((0.1, 0.5, 0.8, 0.42), mix(CREAM, STEEL, 0.3), 0.05)
    sketch.box((0.06, 0.44, 0.88, 0.12), mix(CREAM, STEEL, 0.6), 0.05)
    sketch.oval((0.2, 0.46, 0.6, 0.09), SKY)
    sketch.line([(0.5, 0.44), (0.5, 0.22), (0.62, 0.16), (0.7, 0.28)], 0.06, side)


def note(sketch: Sketch, colours: Palette) -> None:
    """Draw a note on the wall."""
    sketch.box((0.2, 0.14, 0.6, 0.72), mix(CREAM, AMBER, 0.25), 0.04)
    for y in (0.34, 0.48, 0.62):
        sketch.box((0.3, y, 0.4, 0.045), mix(STEEL, NIGHT, 0.35))
    sketch.disc((0.5, 0.17), 0.06, BLUE)


def pear(sketch: Sketch, colours: Palette) -> None:
    """Draw a green pear."""
    sketch.oval((0.25, 0.82, 0.5, 0.12), colours.shadow)
    deep = mix(GREEN, NIGHT, 0.2)
    body = mix(GREEN, AMBER, 0.3)
    for grown, colour in ((0.015, deep), (0.0, body)):
        sketch.disc((0.5, 0.66), 0.23 + grown, colour)
        sketch.oval((0.36 - grown, 0.28 - grown, 0.28 + 2 * grown, 0.42), colour)
    sketch.line([(0.5, 0.3), (0.54, 0.16)], 0.045, mix(WOOD, NIGHT, 0.4))
    sketch.oval((0.35, 0.56, 0.09, 0.15), mix(body, CREAM, 0.5))


def book(sketch: Sketch, colours: Palette) -> None:
    """Draw a book lying there, seen from above."""
    sketch.oval((0.18, 0.8, 0.64, 0.12), colours.shadow)
    violet: Colour = (128, 99, 170)
    sketch.box((0.22, 0.2, 0.58, 0.68), mix(violet, NIGHT, 0.3), 0.05)
    sketch.box((0.27, 0.22, 0.52, 0.63), CREAM, 0.02)
    sketch.box((0.22, 0.18, 0.54, 0.64), violet, 0.05)
    sketch.box((0.22, 0.18, 0.08, 0.64), mix(violet, NIGHT, 0.25), 0.04)
    sketch.box((0.38, 0.32, 0.28, 0.07), AMBER, 0.02)
    sketch.box((0.38, 0.43, 0.2, 0.05), mix(violet, CREAM, 0.5), 0.02)


def frost(sketch: Sketch, colours: Palette) -> None:
    """Draw a snowflake: the mark of a cold thing."""
    sketch.disc((0.5, 0.5), 0.48, CREAM)
    sketch.disc((0.5, 0.5), 0.44, mix(BLUE, NIGHT, 0.15))
    for dx, dy in ((0.0, 0.32), (0.28, 0.16), (0.28, -0.16)):
        sketch.line([(0.5 - dx, 0.5 - dy), (0.5 + dx, 0.5 + dy)], 0.08, CREAM)


def dirt(sketch: Sketch, colours: Palette) -> None:
    """Draw brown blots: the mark of a dirty thing."""
    for x, y, radius in ((0.42, 0.5, 0.3), (0.7, 0.36, 0.18), (0.68, 0.7, 0.14)):
        sketch.disc((x, y), radius + 0.04, CREAM)
    for x, y, radius in ((0.42, 0.5, 0.3), (0.7, 0.36, 0.18), (0.68, 0.7, 0.14)):
        sketch.disc((x, y), radius, mix(WOOD, NIGHT, 0.5))


def sparkle(sketch: Sketch, colours: Palette) -> None:
    """Draw a sparkle: the mark of a clean thing."""
    for grown, colour in ((0.06, mix(BLUE, NIGHT, 0.3)), (0.0, CREAM)):
        reach, waist = 0.42 + grown, 0.1 + grown / 2
        points = [(0, -reach), (waist, -waist), (reach, 0), (waist, waist)]
        points += [(-x, -y) for x, y in points]
        sketch.area([(0.5 + x, 0.5 + y) for x, y in points], colour)


def open_subgoal(sketch: Sketch, colours: Palette) -> None:
    """Draw a ring: a sub-goal that is not reached yet."""
    sketch.ring((0.5, 0.5), 0.42, 0.12, colours.quiet)


def reached_subgoal(sketch: Sketch, colours: Palette) -> None:
    """Draw a disc with a tick: a sub-goal that is reached."""
    sketch.disc((0.5, 0.5), 0.46, GREEN)
    sketch.line([(0.3, 0.52), (0.45, 0.66), (0.71, 0.36)], 0.1, CREAM)


def empty_fridge(sketch: Sketch, colours: Palette) -> None:
    """Draw an open fridge, lit from inside and empty: the things in it are painted separately."""
    _shade(sketch, colours, 0.66)
    side = mix(STEEL, NIGHT, 0.2)
    sketch.box((0.21, 0.06, 0.58, 0.86), side, 0.07)
    sketch.box((0.26, 0.11, 0.48, 0.76), mix(AMBER, CREAM, 0.78), 0.04)
    sketch.box((0.26, 0.48, 0.48, 0.025), mix(STEEL, CREAM, 0.2))
    sketch.area([(0.79, 0.08), (0.98, 0.16), (0.98, 0.98), (0.79, 0.9)], mix(STEEL, CREAM, 0.25))
    sketch.line([(0.93, 0.42), (0.93, 0.62)], 0.03, side)


PIECES: Mapping[str, tuple[Shape, Shape]] = {
    "fridge": (THINGS["fridge"][0], empty_fridge),
    "cupboard": (cupboard, open_cupboard),
    "drawer": (drawer, open_drawer),
    "table": (table, table),
    "basket": (THINGS["basket"][0], THINGS["basket"][0]),
}
"""Each piece of furniture, closed and open."""
SMALL: Mapping[str, Shape] = {
    **{name: THINGS[name][0] for name in ("apple", "milk", "cup", "ball")},
    "pear": pear,
    "book": book,
}
"""Each thing that can be carried."""
