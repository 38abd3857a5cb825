"""The buttons that start, step and stop never move."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from agents.config import RunConfig
from agents.config.strategy_pair import choice, conflict
from agents.registry import STRATEGIES, names
from app.diagnostics.machine_load import MachineLoad
from app.window.header import TRANSPORT
from app.window.settings import SCALES
from app.window.status_bar import STATE_TEXTS
from widgets.live.watch_controls import SPEEDS
from widgets.style.catalogue import LANGUAGES

SIZES = ((1024, 680), (1280, 800), (2560, 1440))


def strategies():
    """Every strategy, and the pairs with the longest names."""
    kinds = names(STRATEGIES)
    pairs = [(first, second) for first in kinds for second in kinds if conflict(first, second) is None]
    longest = sorted(pairs, key=lambda pair: -sum(map(len, pair)))[:6]
    for parts in (*((name,) for name in kinds), *longest):
        yield choice(*(kinds[part]() for part in parts))


def geometries(window):
    QApplication.processEvents()
    controls = window.docks.panel("now").controls
    buttons = [window.header._buttons[key] for key in TRANSPORT]
    return [
        (widget.mapTo(window, QPoint(0, 0)), widget.size())
        for widget in (*buttons, controls.speed, controls.reset, controls.step)
    ]


@pytest.fixture(params=SIZES)
def sized(request, window):
    window.resize(*request.param)
    return window


def test_transport_keeps_its_place_under_every_strategy(sized):
    before = geometries(sized)
    for strategy in strategies():
        sized.header.picker.show_config(RunConfig().changed(strategy))
        assert geometries(sized) == before


def test_transport_keeps_its_place_in_every_state_and_language(sized):
    before = geometries(sized)
    for language in LANGUAGES:
        sized.appearance.choose_language(language)
        for state in STATE_TEXTS:
            sized.header.show_state(state)
            sized.header.show_rate(12_345.0 if state == "running" else 0.0)
            sized.header.show_load(MachineLoad(processor=100.0, memory=1e12))
            sized.header.show_seed(4_294_967_295)
            sized.header.show_title("A title " * 25, saved=state == "stored")
            assert geometries(sized) == before


def test_transport_keeps_its_place_in_every_size_of_type(sized):
    before = geometries(sized)[: len(TRANSPORT)]
    for scale in SCALES:
        sized.appearance._set_scale(scale)
        sized.header.show_state("paused")
        assert geometries(sized)[: len(TRANSPORT)] == before
    sized.appearance.normal_size()


def test_transport_keeps_its_place_at_every_speed_of_watching_and_whatever_is_watched(sized):
    controls = sized.docks.panel("now").controls
    before = geometries(sized)
    for index in range(len(SPEEDS)):
        controls.speed.setValue(index)
        controls.set_past(bool(index % 2))
        assert geometries(sized) == before
    controls.set_tasks(tuple(stage.configured_task for stage in sized.session.curriculum.stages))
    for index in range(controls.task.count()):
        controls.task.setCurrentIndex(index)
        assert geometries(sized) == before
