import os
import subprocess
import sys

import numpy as np
import pytest

from envs.pictures.canvas import Canvas, filled_surface, smoothstep
from envs.pictures.palette import AMBER, CREAM, NIGHT, mix, rgb, with_alpha


def dot(sketch, _):
    sketch.disc((0.5, 0.5), 0.5, AMBER)


def test_a_stamp_is_antialiased_at_its_edge():
    canvas = Canvas(filled_surface(64, NIGHT), dark=True)
    canvas.stamp(dot, (0.5, 0.5), 0.5)
    picture = canvas.picture()
    assert tuple(picture[32, 32]) == AMBER
    assert tuple(picture[2, 2]) == NIGHT
    shades = {tuple(pixel) for pixel in picture.reshape(-1, 3)}
    assert len(shades) > 10
    low, high = np.minimum(AMBER, NIGHT), np.maximum(AMBER, NIGHT)
    assert all((low - 1 <= shade).all() and (shade <= high + 1).all() for shade in map(np.array, shades))


def test_painting_does_not_change_the_background():
    background = filled_surface(32, CREAM)
    canvas = Canvas(background, dark=False)
    canvas.stamp(dot, (0.5, 0.5), 1.0)
    assert tuple(background.get_at((16, 16)))[:3] == CREAM


@pytest.mark.parametrize(("blend", "expected"), [(0.0, 2.0), (0.5, 3.0), (1.0, 4.0)])
def test_smoothstep_starts_and_ends_at_its_arguments(blend, expected):
    assert smoothstep(2.0, 4.0, blend) == pytest.approx(expected)


def test_colours_are_mixed_and_premultiplied():
    assert rgb("#ff8000") == (255, 128, 0)
    assert mix((0, 0, 0), (200, 100, 50), 0.5) == (100, 50, 25)
    assert with_alpha((200, 100, 50), 0.5) == (100, 50, 25, 128)


def test_drawing_never_opens_a_display():
    code = (
        "import pygame; from envs.task import Task; w = Task(key='household/go-to').make();"
        "w.render(); assert not pygame.display.get_init()"
    )
    environment = {**os.environ, "SDL_VIDEODRIVER": "x11", "DISPLAY": ":99999"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
