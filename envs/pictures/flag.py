"""Shapes that mark a goal: a flag, and a gift."""

from __future__ import annotations

from envs.pictures.canvas import Sketch
from envs.pictures.palette import AMBER, NIGHT, RED, Palette, mix


def flag(sketch: Sketch, colours: Palette) -> None:
    """Draw a flag on its pole; the pole's foot is at the lower left."""
    sketch.oval((0.16, 0.88, 0.28, 0.08), colours.shadow)
    sketch.line([(0.29, 0.1), (0.29, 0.92)], 0.05, mix(colours.quiet, NIGHT, 0.25))
    sketch.area([(0.31, 0.1), (0.86, 0.24), (0.31, 0.46)], RED)
    sketch.area([(0.31, 0.28), (0.86, 0.24), (0.31, 0.46)], mix(RED, NIGHT, 0.14))
    sketch.disc((0.29, 0.09), 0.045, AMBER)


def gift(sketch: Sketch, colours: Palette) -> None:
    """Draw a parcel with a bow."""
    sketch.oval((0.2, 0.82, 0.6, 0.12), colours.shadow)
    sketch.ring((0.41, 0.3), 0.1, 0.05, AMBER)
    sketch.ring((0.59, 0.3), 0.1, 0.05, AMBER)
    sketch.box((0.22, 0.5, 0.56, 0.38), mix(RED, NIGHT, 0.12), 0.04)
    sketch.box((0.18, 0.37, 0.64, 0.16), RED, 0.04)
    sketch.box((0.45, 0.37, 0.1, 0.51), AMBER)
