"""After New or Open every panel shows the new curriculum only."""

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from agents.config.config_file import save
from agents.events import (
    EpisodeFinished,
    Evaluated,
    Frame,
    KnowledgeChanged,
    KnowledgeEntry,
    MemoryChanged,
    MemoryEntry,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    TasksChanged,
    Updated,
)
from agents.infer.explanation_data import Reasons
from agents.story import Story
from envs.curriculum import Stage
from widgets.shell.empty_note import EmptyNote

OLD = ("OLD", "Mirror", "Go to")
LAB = ("tasks", "log", "runs", "settings", "models", "proof")
"""Panels that do not show the displayed run."""


def story_of(config):
    story = Story()
    memories = tuple(MemoryEntry(id=i, task_id=0, text="OLD text", action="OLD", reward=1.0, step=5) for i in range(5))
    knowledge = tuple(KnowledgeEntry(id=i, sentence=f"OLD {i}", source="environment") for i in range(4))
    for event in (
        RunStarted(step=0, config=config),
        TasksChanged(step=0, tasks=tuple(stage.configured_task for stage in config.stages)),
        Evaluated(step=0, index=-1, scores=(0.1, 0.1), final=True),
        StageStarted(step=0, index=0, task_id=0, stage=config.stages[0]),
        *(EpisodeFinished(step=step, index=0, task_id=0, reward=1.0, score=1.0, length=4) for step in range(5, 50)),
        MemoryChanged(step=51, added=memories),
        KnowledgeChanged(step=52, added=knowledge),
        Updated(step=60, index=0, rate=1e-3, terms={"agreement": 0.4, "teacher_kl": 0.3}),
        StageFinished(step=60, index=0, reason="done"),
        Evaluated(step=60, index=0, scores=(1.0, 0.2), final=True),
        RunFinished(step=60, reason="done"),
    ):
        story.fold(event)
    return story


def frame_of(task):
    return Frame(
        task_id=0,
        task=task,
        picture=np.full((64, 64, 3), 200, np.uint8),
        text="OLD frame",
        goal="",
        actions=("OLD action", "b"),
        probabilities=(0.5, 0.5),
        value=0.1,
        action=0,
    )


def texts(card):
    """Everything that can be read on a card."""
    yield card.panel.subtitle()
    yield card.row.subtitle.toolTip()
    shown = [part for part in card.findChildren(QWidget) if part.isVisibleTo(card)]
    yield from (part.text() for part in shown if isinstance(part, QLabel | QLineEdit))
    yield from (part.toPlainText() for part in shown if isinstance(part, QPlainTextEdit))
    for box in card.findChildren(QComboBox):
        yield from (box.itemText(index) for index in range(box.count()))
    for view in (part for part in shown if isinstance(part, QAbstractItemView)):
        model = view.model()
        cells = product(range(model.rowCount()), range(model.columnCount()))
        yield from (str(model.index(*index).data(Qt.ItemDataRole.DisplayRole)) for index in cells)


def notes(window):
    """The panels that say what will appear there, for they have nothing to show."""
    panels = {key: card.panel for key, card in window.docks.cards.items() if key not in LAB}
    return {key for key, panel in panels.items() if panel.findChild(EmptyNote) and not panel._note.currentIndex()}


def old_texts(qtbot, window):
    """The texts of the previous run that the panels show."""
    for key, card in window.docks.cards.items():
        if key not in LAB:
            window.docks.show_panel(key)
            qtbot.wait(30)
            yield from ((key, text) for text in texts(card) if any(old in text for old in OLD))


@pytest.fixture
def used(qtbot, window, config):
    """A window in which a run with everything was looked at, another one laid over it, and a task chosen to watch."""
    session, task = window.session, config.stages[0].configured_task
    story = story_of(config)
    session.story, session.name, session.folder = story, "OLD run", session.run_library.root / "old"
    session.run_library.overlays, session.run_library.overlay_folders = (
        (("OLD other", story),),
        (session.run_library.root / "other",),
    )
    session.set_state("stored")
    session.watching.choose(task)
    session.watching.viewer.framed.emit(frame_of(task))
    session.watching.viewer.reasoned.emit(Reasons(frame=frame_of(task), action=0))
    window.obey_late = lambda: (
        session.watching.viewer.framed.emit(frame_of(task)),
        session.watching.viewer.reasoned.emit(Reasons(frame=frame_of(task), action=0)),
    )
    keys = {key for key, _ in old_texts(qtbot, window)}
    assert keys >= {"now", "why", "memory", "knowledge"}  # the others paint their texts themselves
    assert notes(window) == set()
    return window


def new(window, tmp_path):
    window.documents.new()


def open_(window, tmp_path):
    path = tmp_path / "pole.toml"
    stages = (Stage(task="gym:CartPole-v1", steps=512),)
    save(path, window.session.config.model_copy(update={"name": "Pole", "stages": stages}))
    window.documents.open_path(path)


@pytest.mark.parametrize("leave", [new, open_])
def test_no_panel_shows_the_previous_run(qtbot, used, tmp_path, leave):
    leave(used, tmp_path)
    used.obey_late()  # what the viewer had on its way
    qtbot.waitUntil(lambda: used.docks.is_drawn)
    assert list(old_texts(qtbot, used)) == []
    assert notes(used) == {"now", "remembering", "reward", "why", "memory", "knowledge", "teacher"}
    assert [used.docks.panel(key).subtitle() for key in notes(used) - {"reward"}] == [""] * 6
    assert used.docks.panel("memory").table.memories.total == 0
    assert used.session.scene.overlays == ()
    assert used.session.watching._chosen is None


def test_a_run_that_is_still_being_read_does_not_replace_a_new_curriculum(qtbot, window, config):
    from agents.store.run_store import RunStore

    run = RunStore(window.session.run_library.root).create(config)
    list(run.record((RunStarted(step=0, config=config), RunFinished(step=9, reason="stopped"))))
    window.session.open_run(run.folder)
    window.session.run_library.overlay((run.folder,))
    window.documents.new()
    read = []
    window.session.run_library.send(lambda: read.append(True))
    qtbot.waitUntil(lambda: bool(read), timeout=10_000)
    qtbot.wait(50)
    assert window.session.state == "idle"
    assert window.session.curriculum.title == "Untitled"
    assert window.session.run_library.overlays == ()
