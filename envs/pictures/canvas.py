"""Antialiased drawing: shapes are drawn larger and scaled down; shapes that do not change are cached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pygame

from envs import Picture
from envs.pictures.palette import AlphaColour, Colour, Palette, palette

Point = tuple[float, float]
CACHED_SCALE = 4
"""Factor by which cached shapes are drawn larger."""
DRAWN_SCALE = 2
"""The same for shapes that each picture draws again."""


class Sketch:
    """A transparent surface, one unit wide and high, with the origin at the top left."""

    def __init__(self, width: int, height: int, scale: int, unit: float | None = None) -> None:
        self.surface = pygame.Surface((width * scale, height * scale), pygame.SRCALPHA, 32)
        self._size = (width, height)
        self._unit = (width if unit is None else unit) * scale

    def _at(self, point: Point) -> Point:
        return point[0] * self._unit, point[1] * self._unit

    def disc(self, centre: Point, radius: float, colour: Colour | AlphaColour) -> None:
        """Draw a filled circle."""
        pygame.draw.circle(self.surface, colour, self._at(centre), radius * self._unit)

    def ring(self, centre: Point, radius: float, width: float, colour: Colour | AlphaColour) -> None:
        """Draw a circle's outline, inwards from `radius`."""
        pygame.draw.circle(
            self.surface, colour, self._at(centre), radius * self._unit, max(1, round(width * self._unit))
        )

    def oval(self, box: tuple[float, float, float, float], colour: Colour | AlphaColour) -> None:
        """Draw a filled ellipse into (left, top, width, height)."""
        pygame.draw.ellipse(self.surface, colour, self._rect(box))

    def box(self, box: tuple[float, float, float, float], colour: Colour | AlphaColour, corner: float = 0.0) -> None:
        """Draw a filled rectangle (left, top, width, height) with rounded corners."""
        pygame.draw.rect(self.surface, colour, self._rect(box), border_radius=round(corner * self._unit))

    def area(self, points: Sequence[Point], colour: Colour | AlphaColour) -> None:
        """Draw a filled polygon."""
        pygame.draw.polygon(self.surface, colour, [self._at(point) for point in points])

    def line(self, points: Sequence[Point], width: float, colour: Colour | AlphaColour) -> None:
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

    def scaled_down(self, alpha: float = 1.0) -> pygame.Surface:
        """Return the surface at its final size, with opacity `alpha`."""
        surface = pygame.transform.smoothscale(self.surface, self._size)
        if alpha < 1:  # colours are premultiplied: transparent is black
            level = round(255 * alpha)
            surface.fill((level, level, level, level), special_flags=pygame.BLEND_RGBA_MULT)
        return surface


Shape = Callable[[Sketch, Palette], None]
"""Draws one thing on a sketch of its own."""


@lru_cache(maxsize=512)
def stamp(shape: Shape, pixels: int, dark: bool, alpha: float = 1.0) -> pygame.Surface:
    """Return a shape as a surface, `pixels` wide and high; cached."""
    sketch = Sketch(pixels, pixels, CACHED_SCALE)
    shape(sketch, palette(dark))
    return sketch.scaled_down(alpha)


@lru_cache(maxsize=512)
def rotated_stamp(shape: Shape, pixels: int, dark: bool, degrees: int) -> pygame.Surface:
    """Return a shape as a surface, rotated counterclockwise; cached."""
    return pygame.transform.rotozoom(stamp(shape, pixels, dark), degrees, 1.0)


@lru_cache(maxsize=128)
def text_label(text: str, pixels: int, colour: Colour, degrees: int = 0) -> pygame.Surface:
    """Return a line of text as a surface, rotated counterclockwise by `degrees`; cached."""
    pygame.font.init()
    line = pygame.font.Font(None, pixels * CACHED_SCALE).render(text, True, colour).premul_alpha()
    line = pygame.transform.smoothscale(
        line, (max(1, line.get_width() // CACHED_SCALE), max(1, line.get_height() // CACHED_SCALE))
    )
    return pygame.transform.rotate(line, degrees)


class Canvas:
    """A picture that is being painted; lengths are fractions of its side."""

    def __init__(self, background: pygame.Surface, *, dark: bool) -> None:
        self.surface = background.copy()
        self.size = background.get_width()
        self.dark = dark

    def put(self, surface: pygame.Surface, centre: Point) -> None:
        """Paint a surface over the picture, centred at a point."""
        left = centre[0] * self.size - surface.get_width() / 2
        top = centre[1] * self.size - surface.get_height() / 2
        self.surface.blit(surface, (round(left), round(top)), special_flags=pygame.BLEND_PREMULTIPLIED)

    def stamp(self, shape: Shape, centre: Point, extent: float, alpha: float = 1.0) -> None:
        """Paint a shape, `extent` wide and high."""
        self.put(stamp(shape, max(1, round(extent * self.size)), self.dark, alpha), centre)

    def turn(self, shape: Shape, centre: Point, extent: float, degrees: float) -> None:
        """Paint a shape, rotated counterclockwise."""
        self.put(rotated_stamp(shape, max(1, round(extent * self.size)), self.dark, round(degrees) % 360), centre)

    def draw(self, shape: Callable[[Sketch], None], corner: Point, extent: Point) -> None:
        """Draw a shape that changes with every picture, without caching, into a part of the picture.

        The coordinates of its sketch are fractions of the picture's side, from `corner`.
        """
        width, height = (max(1, round(side * self.size)) for side in extent)
        sketch = Sketch(width, height, DRAWN_SCALE, unit=self.size)
        shape(sketch)
        left, top = (round(side * self.size) for side in corner)
        self.surface.blit(sketch.scaled_down(), (left, top), special_flags=pygame.BLEND_PREMULTIPLIED)

    def picture(self) -> Picture:
        """Return the pixels, (size, size, 3) of uint8, read-only."""
        pixels = np.frombuffer(pygame.image.tobytes(self.surface, "RGB"), dtype=np.uint8)
        return pixels.reshape(self.size, self.size, 3)


def filled_surface(size: int, colour: Colour) -> pygame.Surface:
    """Return an opaque square of one colour."""
    surface = pygame.Surface((size, size), 0, 32)
    surface.fill(colour)
    return surface


def smoothstep(before: float, now: float, blend: float) -> float:
    """Return the number at `blend` of the way from `before` to `now`, by a cubic with slope 0 at both ends."""
    return before + (now - before) * blend * blend * (3 - 2 * blend)


def smoothstep_point(before: Point, now: Point, blend: float) -> Point:
    """Return the point at `blend` of the way from `before` to `now`, as `smoothstep` does for numbers."""
    return smoothstep(before[0], now[0], blend), smoothstep(before[1], now[1], blend)
