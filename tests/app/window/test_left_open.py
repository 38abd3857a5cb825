"""Menus and dialogs that stay open while their clip or run disappears: no error, and a notice of one line."""

import shutil

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QMessageBox

from agents.commands import EraseKnowledge, EraseMemories
from agents.config import RunConfig
from agents.events import RunFinished, RunStarted
from widgets.runs.fork_dialog import ForkDialog
from widgets.runs.label_dialog import LabelDialog
from widgets.runs.run_actions import RUN_ACTIONS
from widgets.timeline.clip_menu import ClipMenu

CLIP_ACTIONS = ("opened", "duplicated", "removed", "swapped", "forked")


def finish_stage(window):
    """End the stage of the clip."""
    window.session.curriculum.lock(1, None, 0)


def load_another(window):
    """Load another curriculum."""
    window.session.load(RunConfig(name="Another"))


def remove_clip(window):
    window.session.curriculum.remove(window.session.curriculum.stages[0].id)


def translate(window):
    window.commands["language"].trigger()


@pytest.fixture
def notices(window, monkeypatch):
    """The texts of the session's notices."""
    texts = []
    window.session.noticed.connect(lambda notice: texts.append(notice.text))
    monkeypatch.setattr(ForkDialog, "exec", lambda dialog: QDialog.DialogCode.Rejected)
    return texts


@pytest.mark.parametrize("change", [finish_stage, load_another, remove_clip, translate])
def test_the_menu_of_a_removed_clip_does_no_harm(window, notices, config, change):
    timeline = window.docks.panel("curriculum")
    for action in CLIP_ACTIONS:
        window.session.load(config)
        timeline.canvas.select(config.stages[0].id)
        timeline.gestures.menu_wanted.emit(QPoint(300, 300))
        menu = timeline.findChildren(ClipMenu)[-1]
        change(window)
        before = window.session.curriculum.stages
        getattr(menu, action).emit(*(["gym:CartPole-v1"] if action == "swapped" else []))
        menu.close()
        may_change = change is translate or (change is finish_stage and action == "duplicated")
        assert may_change or window.session.curriculum.stages == before
        if action != "forked" and change in (load_another, remove_clip):
            assert notices[-1] == "This clip is not in the curriculum any more."
        if change is finish_stage and action == "swapped":
            assert "over by now" in notices[-1]
        if timeline.form is not None:
            timeline.form.reject()


def test_a_drag_of_a_removed_clip_does_no_harm(window, notices):
    timeline = window.docks.panel("curriculum")
    canvas = timeline.canvas
    for offset in (10, -3):  # the middle, and the edge, of the first clip
        window.session.load(RunConfig(name="x", stages=window.session.curriculum.stages or ()))
        block = canvas.layout_shown.main[0]
        box = canvas.layout_shown.rect(block)
        start = box.topRight() + QPoint(-1, 5) if offset < 0 else box.center()
        canvas.set_gesture(timeline.gestures.gesture_at(start))
        stages = window.session.curriculum.stages
        load_another(window)
        timeline.edits.attempt(lambda start=start: canvas.gesture.move(start + QPoint(90, 0)))
        timeline.edits.attempt(canvas.gesture.finish)
        assert window.session.curriculum.stages == ()
        window.session.load(RunConfig(name="x", stages=stages))


def test_the_form_of_a_removed_clip_shows_a_problem(window):
    timeline = window.docks.panel("curriculum")
    timeline.open_options(window.session.curriculum.stages[0].id)
    load_another(window)
    timeline.form.apply()
    assert timeline.form.rows.fault("steps") == "This clip is not in the curriculum any more."
    timeline.form.reject()


@pytest.fixture
def recorded(qtbot, window, config):
    """The folder of a listed run."""
    from agents.store.run_store import RunStore

    run = RunStore(window.session.run_library.root).create(config)
    list(run.record((RunStarted(step=0, config=config), RunFinished(step=9, reason="stopped"))))
    window.session.run_library.refresh()
    qtbot.waitUntil(lambda: window.session.run_library.row(run.folder) is not None, timeout=5_000)
    return run.folder


@pytest.mark.parametrize("key", [key for key in RUN_ACTIONS if key != "clear"])
def test_the_menu_of_a_deleted_run_shows_a_notice(qtbot, window, notices, recorded, monkeypatch, key):
    def accept(dialog):
        shutil.rmtree(recorded, ignore_errors=True)
        return QDialog.DialogCode.Accepted

    def agree(box):
        box.chosen = box.buttons()[0]

    for dialog in (ForkDialog, LabelDialog):
        monkeypatch.setattr(dialog, "exec", accept)
    monkeypatch.setattr(QMessageBox, "exec", agree)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: box.chosen)
    monkeypatch.setattr("widgets.shell.save_dialog.QFileDialog.getExistingDirectory", lambda *_: str(recorded.parent))
    if key not in ("describe", "fork"):  # these open a dialog, during which the run is deleted
        shutil.rmtree(recorded)
    for request in RUN_ACTIONS[key].request((recorded,)):
        window.execute(request)
    qtbot.waitUntil(lambda: bool(notices), timeout=15_000)
    qtbot.waitUntil(lambda: window.session.state == "idle", timeout=15_000)
    assert recorded.name in notices[-1]
    assert "\n" not in notices[-1]
    assert "Error" not in notices[-1]


@pytest.mark.parametrize("command", [EraseMemories(ids=(999,)), EraseKnowledge(ids=(999,))])
def test_erasing_missing_entries_is_reported(qtbot, window, notices, command):
    window.session.play_or_pause()
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)
    window.execute(command)
    qtbot.waitUntil(lambda: bool(notices), timeout=5_000)
    assert notices[-1].startswith("0 ")
