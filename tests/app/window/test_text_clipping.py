"""No text is cut off at 1280 x 800: in no card and no dialog, in either language, in any type, also at scale 2."""

import os
import subprocess
import sys
from collections import deque
from itertools import zip_longest
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.registry import STRATEGIES, names
from agents.store.run_store import RunStore
from agents.training.prepared_run import start
from app.benchmarks.text_clipping import clipped
from app.diagnostics.log_file import LogFile
from app.session.session import Session
from app.window.appearance import Appearance
from app.window.connections import open_window
from app.window.panels import PANELS
from app.window.settings import Settings
from envs.curriculum import Stage
from widgets.requests import OverlayRuns
from widgets.runs.fork_dialog import ForkDialog, Parting
from widgets.runs.label_dialog import LabelDialog
from widgets.settings.strategy_button import StrategyPopup
from widgets.style import theme
from widgets.style.catalogue import LANGUAGES
from widgets.style.panel_style import font
from widgets.style.text_metrics import RECOGNISABLE, columns
from widgets.style.translation import tr
from widgets.tasks.task_rows import task_rows
from widgets.timeline.stage_form import StageForm
from widgets.views.run_row import RunRow

SIZE, TYPE = (1280, 800), (1.0, 1.3, 1.5)
BESIDE_NAME = 52
"""Pixels of a row in the list of tasks that its name can't use."""
PATIENCE, STEP = 2_000, 40
"""Milliseconds in which a window must have finished its layout, and between two checks."""
CONFIG = RunConfig.model_validate(
    {
        "name": "Kitchen, then mirror",
        "stages": tuple(
            Stage(task=task, steps=256)
            for task in ("household/go-to", "gym:CartPole-v1", "household/rules", "mirror/go-to")
        ),
        "model": ModelConfig(layers=1, width=16, heads=2),
        "learning": LearningConfig(n_envs=4, n_steps=8),
        "evaluation": EvaluationConfig(n_eval_episodes=2, eval_freq=128),
        "strategy": {"name": "replay"},
        "knowledge": {"max_entries": 64},
    }
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A run of four tasks with memory entries and knowledge."""
    name = "A short run of four tasks, of which the agent remembers and knows something"
    return create_run(tmp_path_factory.mktemp("stored"), name)


def create_run(root, name, **changes):
    prepared = start(RunStore(root), CONFIG.model_copy(update=changes), name=name)
    deque(prepared.events, maxlen=0)
    return prepared.run.folder


@pytest.fixture
def main_window(qtbot, tmp_path, stored):
    """The window as at the first start, on a small screen."""
    appearance = Appearance(settings := Settings(tmp_path / "config"))
    appearance.begin("dark", "en")
    session = Session(stored.parent)
    log = LogFile(tmp_path / "log", session)
    window = open_window(session, settings, appearance, log)
    session.load(CONFIG)
    session.curriculum.mark_saved()
    window.resize(*SIZE)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    session.reset()
    session.curriculum.mark_saved()
    window.close()
    appearance.normal_size()
    appearance.choose_language("en")
    log.close()
    window.deleteLater()
    session.deleteLater()


def cut_off(qtbot, widget):
    """Return the texts that are still clipped once the layout is finished."""
    for _ in range(PATIENCE // STEP):
        QApplication.processEvents()
        if not (clipped_texts := clipped(widget)):
            return []
        qtbot.wait(STEP)
    return clipped_texts


def each_scale(main_window, language):
    """Apply and yield every font scale."""
    main_window.appearance.choose_language(language)
    for scale in TYPE:
        while main_window.appearance.scale < scale:
            main_window.appearance.enlarge()
        yield scale
    main_window.appearance.normal_size()


def cut_off_in_cards(qtbot, main_window, language):
    clipped_texts = []
    for scale in each_scale(main_window, language):
        main_window.docks.reset()
        for keys in card_groups():
            for key in keys:
                main_window.docks.show_panel(key)
            clipped_texts += [f"{keys} at {scale}: {line}" for line in cut_off(qtbot, main_window)]
            if (main_window.width(), main_window.height()) != SIZE:
                clipped_texts.append(f"{keys} at {scale}: the window grows to {main_window.size()}")
    return clipped_texts


def card_groups():
    """Return groups of cards that can be visible at the same time, so that every card is in one group."""
    first = [spec.key for spec in PANELS if not spec.beside]
    places = [[key, *(spec.key for spec in PANELS if spec.beside == key)] for key in first]
    return [[key for key in keys if key] for keys in zip_longest(*places)]


def open_run(qtbot, main_window, folder):
    session, watching = main_window.session, main_window.session.watching
    with qtbot.waitSignal(session.run_library.loaded):
        session.open_run(folder)
    for key, seen in (("now", watching.framed), ("why", watching.reasoned)):
        with qtbot.waitSignal(seen, timeout=20_000):
            main_window.docks.show_panel(key)
            watching.start()
    with qtbot.waitSignal(session.run_library.listed):
        session.run_library.refresh()


def show_past_step(qtbot, main_window):
    """Add an overlay, and move the playhead to an earlier step, with both agents compared."""
    main_window.session.execute(
        OverlayRuns((create_run(main_window.session.run_library.root, "Another run of these four tasks", seed=4_000),))
    )
    qtbot.waitUntil(lambda: bool(main_window.session.scene.overlays))
    main_window.session.move_playhead(700)
    qtbot.waitUntil(lambda: main_window.docks.panel("now").is_comparing, timeout=20_000)


def test_every_card_is_in_one_group():
    assert sorted(key for keys in card_groups() for key in keys) == sorted(spec.key for spec in PANELS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["new", "stored", "past"])
def test_nothing_is_cut_off_in_any_card(qtbot, main_window, stored, language, state):
    if state != "new":
        open_run(qtbot, main_window, stored)
    if state == "past":
        show_past_step(qtbot, main_window)
    clipped_texts = cut_off_in_cards(qtbot, main_window, language)
    assert clipped_texts == [], "\n".join(clipped_texts)


def test_nothing_is_cut_off_at_scale_2():
    chosen = f"{Path(__file__)}::test_nothing_is_cut_off_in_any_card[stored-en]"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", chosen],
        env=os.environ | {"QT_SCALE_FACTOR": "2"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_tasks_keep_their_names_and_runs_their_rows(qtbot, main_window, language):
    tasks, runs = main_window.docks.panel("tasks").tasks, main_window.docks.panel("runs")
    with qtbot.waitSignal(main_window.session.run_library.listed):
        main_window.session.run_library.refresh()
    for scale in each_scale(main_window, language):
        main_window.docks.reset()
        main_window.docks.show_panel("runs")
        qtbot.waitUntil(lambda: runs._view.viewport().height() > 0)
        qtbot.wait(STEP)
        available = tasks.viewport().width() - BESIDE_NAME
        metrics = QFontMetrics(font(theme.BODY))
        for row in task_rows(()):
            shown = metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, available)
            assert shown == row.title or columns(shown) > RECOGNISABLE, (scale, shown)
        line = runs._view.verticalHeader().defaultSectionSize()
        assert runs._view.viewport().height() >= (3 if scale == 1 else 2) * line, scale


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_holds_every_menu_and_a_title_of_any_length(qtbot, main_window, language):
    for scale in each_scale(main_window, language):
        for length in range(0, 41, 5):
            for saved in (True, False):
                main_window.header.show_title("n" * length, saved=saved)
                assert cut_off(qtbot, main_window.header) == [], (scale, length, saved)


def a_dialog_of(window, show):
    """Return the dialog that `show` opens."""
    before = window.findChildren(QDialog)
    show()
    (dialog,) = (dialog for dialog in window.findChildren(QDialog) if dialog not in before)
    return dialog


def report(window):
    dialog = a_dialog_of(window, window.help.report)
    dialog.show_report("versions and settings\n" * 40)
    return dialog


def fork(window):
    config = RunConfig(strategy=names(STRATEGIES)["progress_compress"]())
    name = "Kitchen, then mirror, the third attempt"
    return ForkDialog(Parting(name, 12_000, 24_000, config, replanned=True, is_live=True), window)


def describe(window):
    return LabelDialog(RunRow.of(Path(), OVERVIEW), window)


def question(window):
    boxes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QMessageBox, "exec", lambda box: boxes.append(box))
        patch.setattr(QMessageBox, "clickedButton", lambda box: None)
        patch.setattr(QMessageBox, "deleteLater", lambda box: None)
        window.session.state = "paused"
        window._confirm_stopping()
        window.session.state = "idle"
    return boxes[0]


def options(index):
    def make(window):
        curriculum, timeline = window.session.curriculum, window.docks.panel("curriculum")
        form = StageForm(curriculum, curriculum.stages[index].id, window.session.config.strategy, timeline)
        form.open_above(QPoint(0, 0))
        return form

    return make


def strategies(name):
    def make(window):
        popup = StrategyPopup(RunConfig(strategy=names(STRATEGIES)[name]()), window.header.picker)
        popup.open_below(window.header.picker)
        return popup

    return make


def notice(window):
    text = tr("‘{run}’ was interrupted at step {step}.", run=CONFIG.name, step=12)
    window.notice_bar.offer(" ".join([text] * 3), {"resume": tr("Go on"), "later": tr("Not now")})
    return window.notice_bar


OVERVIEW = {
    **dict.fromkeys(("learned", "average", "forgetting", "parent", "left_at")),
    **{"name": "Kitchen", "created": "2026-11-30T10:00", "strategy": "replay", "algorithm": "ppo"},
    **{"model": "transformer", "seed": 0, "steps": 100, "state": "done", "tags": (), "note": ""},
}
DIALOGS = {
    "shortcuts": lambda window: a_dialog_of(window, window.help.shortcuts),
    "about": lambda window: a_dialog_of(window, window.help.about),
    "report": report,
    "fork": fork,
    "describe": describe,
    "question": question,
    "options": options(0),
    "options of a world from elsewhere": options(1),
    "strategies": strategies("naive"),
    "strategies with settings": strategies("progress_compress"),
    "notice": notice,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off_in_any_dialog(qtbot, main_window, language):
    clipped_texts = []
    for scale in each_scale(main_window, language):
        for key, make in DIALOGS.items():
            dialog = make(main_window)
            dialog.show()
            clipped_texts += [f"{key} at {scale}: {line}" for line in cut_off(qtbot, dialog)]
            if dialog.width() > main_window.width() or dialog.height() > main_window.height():
                clipped_texts.append(f"{key} at {scale} is larger than the window: {dialog.size()}")
            dialog.hide()
            if dialog.isWindow():
                dialog.deleteLater()
    assert clipped_texts == [], "\n".join(clipped_texts)
