"""Drawing without jagged edges: shapes are drawn large and scaled down; what stays the same is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pygame

from envs import Picture
from envs.pictures.palette import Colour, Palette, Veil, palette

Point = tuple[float, float]
FINE = 4
"""How many times larger what is kept gets drawn."""
QUICK = 2
"""The same for what is drawn anew in each picture."""


class Sketch:
    """A transparent sheet, one unit wide and high, with the origin at the top left."""

    def __init__(self, width: int, height: int, fine: int, unit: float | None = None) -> None:
        self.sheet = pygame.Surface((width * fine, height * fine), pygame.SRCALPHA, 32)
        self._size = (width, height)
        self._unit = (width if unit is None else unit) * fine

    def _at(self, point: Point) -> Point:
        return point[0] * self._unit, point[1] * self._unit

    def disc(self, centre: Point, radius: float, colour: Colour | Veil) -> None:
        """Draw a filled circle."""
        pygame.draw.circle(self.sheet, colour, self._at(centre), radius * self._unit)

    def ring(self, centre: Point, radius: float, width: float, colour: Colour | Veil) -> None:
        """Draw a circle's outline, inwards from `radius`."""
        pygame.draw.circle(self.sheet, colour, self._at(centre), radius * self._unit, max(1, round(width * self._unit)))

    def oval(self, box: tuple[float, float, float, float], colour: Colour | Veil) -> None:
        """Draw a filled ellipse into (left, top, width, height)."""
        pygame.draw.ellipse(self.sheet, colour, self._rect(box))

    def box(self, box: tuple[float, float, float, float], colour: Colour | Veil, corner: float = 0.0) -> None:
        """Draw a filled rectangle (left, top, width, height) with rounded corners."""
        pygame.draw.rect(self.sheet, colour, self._rect(box), border_radius=round(corner * self._unit))

    def area(self, points: Sequence[Point], colour: Colour | Veil) -> None:
        """Draw a filled polygon."""
        pygame.draw.polygon(self.sheet, colour, [self._at(point) for point in points])

    def line(self, points: Sequence[Point], width: float, colour: Colour | Veil) -> None:
        """Draw a line through `points` with round ends and joints."""
        half = width / 2
        for (x, y), (u, v) in pairwise(points):
            length = ((u - x) ** 2 + (v - y) ** 2) ** 0.5 or 1.0
            dx, dy = (v - y) / length * half, (x - u) / length * half
            self.area([(x + dx, y + dy), (u + dx, v + dy), (u - dx, v - dy), (x - dx, y - dy)], colour)
        for point in points:
            self.disc(point, half, colour)

    def _rect(self, box: tuple[float, float, float, float]) -> pygame.Rect:
        left, top = self._at((box[0], box[1]))
        right, bottom = self._at((box[0] + box[2], box[1] + box[3]))
        return pygame.Rect(round(left), round(top), round(right) - round(left), round(bottom) - round(top))

    def finished(self, alpha: float = 1.0) -> pygame.Surface:
        """Return the sheet at its real size, faded to `alpha`."""
        sheet = pygame.transform.smoothscale(self.sheet, self._size)
        if alpha < 1:  # colours are premultiplied: transparent is black
            level = round(255 * alpha)
            sheet.fill((level, level, level, level), special_flags=pygame.BLEND_RGBA_MULT)
        return sheet


Shape = Callable[[Sketch, Palette], None]
"""Draws one thing on a sheet of its own."""


@lru_cache(maxsize=512)
def stamp(shape: Shape, pixels: int, dark: bool, alpha: float = 1.0) -> pygame.Surface:
    """Return a thing, `pixels` wide and high, ready to be put into pictures."""
    sketch = Sketch(pixels, pixels, FINE)
    shape(sketch, palette(dark))
    return sketch.finished(alpha)


@lru_cache(maxsize=512)
def turned(shape: Shape, pixels: int, dark: bool, degrees: int) -> pygame.Surface:
    """Return a thing turned against the clock."""
    return pygame.transform.rotozoom(stamp(shape, pixels, dark), degrees, 1.0)


@lru_cache(maxsize=128)
def writing(text: str, pixels: int, colour: Colour, turned: int = 0) -> pygame.Surface:
    """Return a line of text, turned by that many degrees."""
    pygame.font.init()
    line = pygame.font.Font(None, pixels * FINE).render(text, True, colour).premul_alpha()
    line = pygame.transform.smoothscale(line, (max(1, line.get_width() // FINE), max(1, line.get_height() // FINE)))
    return pygame.transform.rotate(line, turned)


class Canvas:
    """One picture in the making, measured in parts of its side."""

    def __init__(self, background: pygame.Surface, *, dark: bool) -> None:
        self.surface = background.copy()
        self.size = background.get_width()
        self.dark = dark

    def put(self, sheet: pygame.Surface, centre: Point) -> None:
        """Lay a sheet over the picture, by its centre."""
        left = centre[0] * self.size - sheet.get_width() / 2
        top = centre[1] * self.size - sheet.get_height() / 2
        self.surface.blit(sheet, (round(left), round(top)), special_flags=pygame.BLEND_PREMULTIPLIED)

    def stamp(self, shape: Shape, centre: Point, extent: float, alpha: float = 1.0) -> None:
        """Put a thing that is `extent` wide and high."""
        self.put(stamp(shape, max(1, round(extent * self.size)), self.dark, alpha), centre)

    def turn(self, shape: Shape, centre: Point, extent: float, degrees: float) -> None:
        """Put a thing, turned against the clock."""
        self.put(turned(shape, max(1, round(extent * self.size)), self.dark, round(degrees) % 360), centre)

    def draw(self, shape: Callable[[Sketch], None], corner: Point, extent: Point) -> None:
        """Draw something that never looks the same twice into a part of the picture.

        The sketch measures in parts of the picture's side, from `corner`.
        """
        width, height = (max(1, round(side * self.size)) for side in extent)
        sketch = Sketch(width, height, QUICK, unit=self.size)
        shape(sketch)
        left, top = (round(side * self.size) for side in corner)
        self.surface.blit(sketch.finished(), (left, top), special_flags=pygame.BLEND_PREMULTIPLIED)

    def picture(self) -> Picture:
        """Return the pixels; they can be read only."""
        pixels = np.frombuffer(pygame.image.tobytes(self.surface, "RGB"), dtype=np.uint8)
        return pixels.reshape(self.size, self.size, 3)


def sheet(size: int, colour: Colour) -> pygame.Surface:
    """Return an opaque square to paint a background on."""
    surface = pygame.Surface((size, size), 0, 32)
    surface.fill(colour)
    return surface


def between(before: float, now: float, blend: float) -> float:
    """Return the place at `blend` of the way, starting and stopping softly."""
    return before + (now - before) * blend * blend * (3 - 2 * blend)


def glide(before: Point, now: Point, blend: float) -> Point:
    """Return the point at `blend` of the way, starting and stopping softly."""
    return between(before[0], now[0], blend), between(before[1], now[1], blend)
