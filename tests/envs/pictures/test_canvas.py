import os
import subprocess
import sys

import numpy as np
import pytest

from envs.pictures.canvas import Canvas, between, sheet
from envs.pictures.palette import AMBER, CREAM, NIGHT, mix, rgb, veil


def dot(sketch, _):
    sketch.disc((0.5, 0.5), 0.5, AMBER)


def test_a_stamp_is_smooth_at_the_edge_and_pure_in_the_middle():
    canvas = Canvas(sheet(64, NIGHT), dark=True)
    canvas.stamp(dot, (0.5, 0.5), 0.5)
    picture = canvas.picture()
    assert tuple(picture[32, 32]) == AMBER
    assert tuple(picture[2, 2]) == NIGHT
    shades = {tuple(pixel) for pixel in picture.reshape(-1, 3)}
    assert len(shades) > 10
    low, high = np.minimum(AMBER, NIGHT), np.maximum(AMBER, NIGHT)
    assert all((low - 1 <= shade).all() and (shade <= high + 1).all() for shade in map(np.array, shades))


def test_a_background_stays_clean_when_it_is_drawn_upon():
    background = sheet(32, CREAM)
    canvas = Canvas(background, dark=False)
    canvas.stamp(dot, (0.5, 0.5), 1.0)
    assert tuple(background.get_at((16, 16)))[:3] == CREAM


@pytest.mark.parametrize(("blend", "place"), [(0.0, 2.0), (0.5, 3.0), (1.0, 4.0)])
def test_movement_starts_and_ends_in_place(blend, place):
    assert between(2.0, 4.0, blend) == pytest.approx(place)


def test_colours_mix_and_veil():
    assert rgb("#ff8000") == (255, 128, 0)
    assert mix((0, 0, 0), (200, 100, 50), 0.5) == (100, 50, 25)
    assert veil((200, 100, 50), 0.5) == (100, 50, 25, 128)


def test_drawing_never_opens_a_display():
    code = (
        "import pygame; from envs.task import Task; w = Task(key='household/go-to').make();"
        "w.render(); assert not pygame.display.get_init()"
    )
    environment = {**os.environ, "SDL_VIDEODRIVER": "x11", "DISPLAY": ":99999"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
