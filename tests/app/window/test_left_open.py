"""Menus and dialogs that stay open while what they are about goes away: nothing breaks, and one line says so."""

import shutil

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QMessageBox

from agents.commands import EraseKnowledge, EraseMemories
from agents.config import RunConfig
from agents.events import RunFinished, RunStarted
from widgets.runs.fork_dialog import ForkDialog
from widgets.runs.label_dialog import LabelDialog
from widgets.runs.run_actions import DEEDS
from widgets.timeline.clip_menu import ClipMenu

DEEDS_OF_A_CLIP = ("opened", "duplicated", "removed", "swapped", "forked")


def end(window):
    """The clip ends by itself."""
    window.session.curriculum.lock(1, None, 0)


def begin_anew(window):
    """Another curriculum comes to the front."""
    window.session.load(RunConfig(name="Another"))


def take_out(window):
    window.session.curriculum.remove(window.session.curriculum.stages[0].id)


def translate(window):
    window.commands["language"].trigger()


@pytest.fixture
def told(window, monkeypatch):
    """What is told, beside what the lab says of itself."""
    notices = []
    window.session.noticed.connect(lambda notice: notices.append(notice.text))
    monkeypatch.setattr(ForkDialog, "exec", lambda dialog: QDialog.DialogCode.Rejected)
    return notices


@pytest.mark.parametrize("fate", [end, begin_anew, take_out, translate])
def test_the_menu_of_a_clip_outlives_it_without_harm(window, told, config, fate):
    timeline = window.docks.panel("curriculum")
    for deed in DEEDS_OF_A_CLIP:
        window.session.load(config)
        timeline.canvas.select(config.stages[0].id)
        timeline.gestures.menu_wanted.emit(QPoint(300, 300))
        menu = timeline.findChildren(ClipMenu)[-1]
        fate(window)
        before = window.session.curriculum.stages
        getattr(menu, deed).emit(*(["gym:CartPole-v1"] if deed == "swapped" else []))
        menu.close()
        may_change = fate is translate or (fate is end and deed == "duplicated")
        assert may_change or window.session.curriculum.stages == before
        if deed != "forked" and fate in (begin_anew, take_out):
            assert told[-1] == "This clip is not in the curriculum any more."
        if fate is end and deed == "swapped":
            assert "over by now" in told[-1]
        if timeline.form is not None:
            timeline.form.reject()


def test_a_drag_outlives_its_clip(window, told):
    timeline = window.docks.panel("curriculum")
    canvas = timeline.canvas
    for place in (10, -3):  # the middle, and the edge, of the first clip
        window.session.load(RunConfig(name="x", stages=window.session.curriculum.stages or ()))
        block = canvas.layout_shown.main[0]
        box = canvas.layout_shown.rect(block)
        start = box.topRight() + QPoint(-1, 5) if place < 0 else box.center()
        canvas.follow_gesture(timeline.gestures.gesture_at(start))
        stages = window.session.curriculum.stages
        begin_anew(window)
        timeline.edits.attempt(lambda start=start: canvas.gesture.move(start + QPoint(90, 0)))
        timeline.edits.attempt(canvas.gesture.finish)
        assert window.session.curriculum.stages == ()
        window.session.load(RunConfig(name="x", stages=stages))


def test_a_form_outlives_its_clip(window):
    timeline = window.docks.panel("curriculum")
    timeline.open_options(window.session.curriculum.stages[0].id)
    begin_anew(window)
    timeline.form.apply()
    assert timeline.form.rows.fault("steps") == "This clip is not in the curriculum any more."
    timeline.form.reject()


@pytest.fixture
def recorded(qtbot, window, config):
    """A stored run that the list shows, and that is gone from the disk."""
    from agents.store.run_store import RunStore

    run = RunStore(window.session.run_library.root).create(config)
    list(run.record((RunStarted(step=0, config=config), RunFinished(step=9, reason="stopped"))))
    window.session.run_library.refresh()
    qtbot.waitUntil(lambda: window.session.run_library.row(run.folder) is not None, timeout=5_000)
    return run.folder


@pytest.mark.parametrize("key", [key for key in DEEDS if key != "clear"])
def test_the_menu_of_a_run_outlives_it(qtbot, window, told, recorded, monkeypatch, key):
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
    if key not in ("describe", "fork"):  # whose dialogs are open when it goes
        shutil.rmtree(recorded)
    for request in DEEDS[key].request((recorded,)):
        window.obey(request)
    qtbot.waitUntil(lambda: bool(told), timeout=15_000)
    qtbot.waitUntil(lambda: window.session.state == "idle", timeout=15_000)
    assert recorded.name in told[-1]
    assert "\n" not in told[-1]
    assert "Error" not in told[-1]


@pytest.mark.parametrize("command", [EraseMemories(ids=(999,)), EraseKnowledge(ids=(999,))])
def test_what_is_gone_can_be_erased_in_vain(qtbot, window, told, command):
    window.session.play_or_pause()
    qtbot.waitUntil(lambda: window.session.state == "running", timeout=5_000)
    window.obey(command)
    qtbot.waitUntil(lambda: bool(told), timeout=5_000)
    assert told[-1].startswith("0 ")
