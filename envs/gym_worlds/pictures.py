"""Pictures of Gymnasium environments: our own for well-known ones, the environment's, scaled, for others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pygame

from envs import Picture, PictureState
from envs.gym_worlds import acrobot, cartpole, cliff, frozen_lake, mountain_car, taxi
from envs.pictures.canvas import Canvas, filled_surface, text_label
from envs.pictures.palette import palette


class Painter(Protocol):
    """Paints a picture state of one kind of environment."""

    def __call__(self, picture_state: PictureState, size: int, *, dark: bool, blend: float) -> Picture:
        """Return the picture, `size` pixels wide and high."""


PAINTERS: Mapping[str, Painter] = {
    "CartPole": cartpole.paint,
    "MountainCar": mountain_car.paint,
    "Acrobot": acrobot.paint,
    "FrozenLake": frozen_lake.paint,
    "FrozenLake8x8": frozen_lake.paint,
    "FirmLake": frozen_lake.paint,
    "Taxi": taxi.paint,
    "CliffWalking": cliff.paint,
    "CliffWalkingSlippery": cliff.paint,
}
"""Painter by environment id, without its version."""


def fit(pixels: Any, name: str, size: int, *, dark: bool) -> Picture:
    """Scale the environment's own `pixels`, (height, width, 3), to (size, size, 3); without any, draw its name."""
    colours = palette(dark)
    canvas = Canvas(filled_surface(size, colours.ground), dark=dark)
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 3:
        canvas.put(text_label(name, max(12, size // 18), colours.quiet), (0.5, 0.5))
        return canvas.picture()
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    image = pygame.image.frombuffer(
        np.ascontiguousarray(pixels[..., :3], dtype=np.uint8).tobytes(), (width, height), "RGB"
    )
    canvas.put(pygame.transform.smoothscale(image, (round(width * scale), round(height * scale))), (0.5, 0.5))
    return canvas.picture()
