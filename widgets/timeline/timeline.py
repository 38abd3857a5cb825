"""The timeline panel: it shows the curriculum as tracks of clips, edits it, and moves the playhead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QScrollBar, QToolButton, QVBoxLayout, QWidget

from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.strategy_pair import spelling
from agents.models.catalogue import ModelChoice
from envs.curriculum import Stage
from widgets.curriculum.curriculum_model import CurriculumModel
from widgets.forms.field_titles import Level
from widgets.panel import Panel
from widgets.requests import ForkFrom, ListModels, MovePlayhead, ShowNotice
from widgets.scene import Scene
from widgets.style.icons import icon
from widgets.style.translation import tr
from widgets.timeline.canvas import TimelineCanvas
from widgets.timeline.clip_edits import ClipEdits
from widgets.timeline.clip_gestures import ZOOM_STEP, ClipGestures
from widgets.timeline.clip_menu import ClipMenu
from widgets.timeline.layout import MARGIN, gutter
from widgets.timeline.stage_form import StageForm
from widgets.views.run_row import RunRow

SIDE = 14
"""Margin between the edge of the card and the track names, in pixels."""


class Timeline(Panel):
    """The panel in which the curriculum is edited and its progress is shown.

    Signals:
        level_chosen: str: the user chose the level of detail of a clip's options, one of `LEVELS`.
    """

    level_chosen = Signal(str)

    def __init__(self, model: CurriculumModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._config = RunConfig()
        self._runs: list[tuple[str, Path]] = []
        self._level: Level = "simple"
        self._sources: list[tuple[str, str]] | None = None
        """Title and source of the available pretrained models; None until they are first requested."""
        self.form: StageForm | None = None
        """The open form with a clip's options, if any."""
        self.canvas = TimelineCanvas(model)
        self.canvas.rescaled.connect(self._follow_scale)
        self.edits = ClipEdits(self.canvas)
        self.edits.playhead_moved.connect(self._move_playhead)
        self.edits.opened.connect(self.open_options)
        self.edits.refused.connect(self._show_notice)
        self.gestures = ClipGestures(self.canvas, self.edits)
        self.gestures.menu_wanted.connect(self._show_menu)
        self._bar = QScrollBar(Qt.Orientation.Horizontal)
        self._bar.valueChanged.connect(self.canvas.scroll_to)
        self._make_header()
        self._lay_out()
        self.setFocusProxy(self.canvas)
        model.undo_stack.indexChanged.connect(self._write_undo)
        model.changed.connect(self._write_undo)
        self.retranslate()

    def _make_header(self) -> None:
        self._undo, self._redo, self._less, self._more, self._fit = (self._button() for _ in range(5))
        self._fork, self._return = self._button(), self._button()
        self._past: tuple[QWidget, ...] = (self._fork, self._return)
        """Buttons that are visible only while the playhead is in the past."""
        for button in self._past:
            button.hide()
        self._fork.clicked.connect(self._fork_at_playhead)
        self._return.clicked.connect(self._return_to_now)
        self._zoom = QLabel()
        self._zoom.setProperty("quiet", True)
        self._undo.clicked.connect(self._model.undo)
        self._redo.clicked.connect(self._model.redo)
        self._less.clicked.connect(self.zoom_out)
        self._more.clicked.connect(self.zoom_in)
        self._fit.clicked.connect(self.zoom_fit)

    def _button(self) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("flat", True)
        return button

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addStretch(1)
        for widget in self.header_widgets():
            self._head.addWidget(widget)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.canvas)
        self._below = QHBoxLayout()
        self._below.addWidget(self._bar)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SIDE, 0, 0, 4)
        rows.setSpacing(0)
        rows.addLayout(self._head)
        rows.addWidget(area, 1)
        rows.addLayout(self._below)

    def header_widgets(self) -> list[QWidget]:
        """Return the buttons for undo, redo and zoom and, while the playhead is in the past, to fork and to return."""
        return [*self._past, self._undo, self._redo, self._zoom, self._less, self._more, self._fit]

    def subtitle(self) -> str:
        """Return a hint on what can be done with the mouse."""
        return tr("drag tasks here · cut, move and insert while it runs · drag the playhead to go back in time")

    def draw(self, scene: Scene) -> None:
        """Show the run's progress in the clips."""
        self.canvas.show_scene(scene)
        is_past = scene.playhead is not None and scene.story is not None and scene.playhead < scene.story.step
        for button in self._past:
            if is_past == button.isHidden():
                button.setVisible(is_past)

    def show_config(self, config: RunConfig) -> None:
        """Take the next run's settings: the plan shows its strategy, whose values a clip's options may override."""
        self._config = config
        self.canvas.strategy = spelling(config.strategy)
        self.canvas.refresh()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._zoom.setText(tr("Zoom"))
        self._fit.setText(tr("Fit"))
        self._fork.setText(tr("Fork from here…"))
        self._return.setText(tr("Back to now"))
        self._bar.setAccessibleName(tr("Scroll the timeline"))
        for button, name, tip in (
            (self._less, tr("Zoom out"), tr("Zoom out (Ctrl + wheel)")),
            (self._more, tr("Zoom in"), tr("Zoom in (Ctrl + wheel)")),
            (self._fit, tr("Fit"), tr("Show the whole timeline")),
            (self._fork, tr("Fork from here…"), tr("Begin a new run that is this one up to the playhead")),
            (self._return, tr("Back to now"), tr("Back to now (End, or double-click on the ruler)")),
        ):
            button.setAccessibleName(name)
            button.setToolTip(tip)
        self.restyle()
        self._write_undo()
        self.canvas.refresh()

    def restyle(self) -> None:
        """Apply the theme to the icons, and the type size to the tracks."""
        self._below.setContentsMargins(gutter(), 0, MARGIN, 0)
        self.canvas.refresh()
        for button, name in (
            (self._undo, "ph.arrow-u-up-left"),
            (self._redo, "ph.arrow-u-up-right"),
            (self._less, "ph.minus"),
            (self._more, "ph.plus"),
        ):
            button.setIcon(icon(name))

    def _write_undo(self) -> None:
        stack = self._model.undo_stack
        for button, name, keys, text, possible in (
            (self._undo, tr("Undo"), "Ctrl+Z", stack.undoText(), stack.canUndo()),
            (self._redo, tr("Redo"), "Ctrl+Shift+Z", stack.redoText(), stack.canRedo()),
        ):
            button.setEnabled(possible)
            button.setAccessibleName(name)
            button.setToolTip(f"{name}: {text} ({keys})" if text else f"{name} ({keys})")

    def zoom_in(self) -> None:
        """Show fewer steps."""
        self.canvas.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Show more steps."""
        self.canvas.zoom(1 / ZOOM_STEP)

    def zoom_fit(self) -> None:
        """Show the whole timeline."""
        self.canvas.fit()

    def duplicate_selected(self) -> None:
        """Duplicate the selected clip."""
        self.edits.attempt(self.edits.duplicate_selected)

    def remove_selected(self) -> None:
        """Remove the selected clip, or end the running one."""
        self.edits.attempt(self.edits.remove_selected)

    def open_selected(self) -> None:
        """Open the form with the selected clip's options."""
        self.edits.open_selected()

    def open_options(self, id_: str) -> None:
        """Open the form with a clip's options above the clip."""
        self.edits.attempt(partial(self._open, id_))

    def show_runs(self, rows: Sequence[RunRow]) -> None:
        """Take the list of stored runs, whose agents are offered as teachers."""
        self._runs = [(row.name, row.folder) for row in rows]

    def show_choices(self, choices: Sequence[ModelChoice]) -> None:
        """Take the list of models; the pretrained language models among them are offered as teachers."""
        models = ((choice.title, choice.model) for choice in choices)
        self._sources = [(title, model.source) for title, model in models if isinstance(model, PretrainedConfig)]
        if self.form is not None:
            self.form.offer_models(self._sources)

    def show_level(self, level: Level) -> None:
        """Use this level of detail for forms that are opened later."""
        self._level = level

    def _choose_level(self, level: Level) -> None:
        self._level = level
        self.level_chosen.emit(level)

    def _open(self, id_: str) -> None:
        self.form = StageForm(self._model, id_, self._config.strategy, self, runs=self._runs, level=self._level)
        self.form.level_chosen.connect(self._choose_level)
        self.form.destroyed.connect(self._forget_form)
        if self._sources is None:
            self._sources = []
            self.requested.emit(ListModels())
        self.form.offer_models(self._sources)
        block = self.canvas.layout_shown.block(id_)
        if block is not None:
            box = self.canvas.layout_shown.rect(block)
            self.form.open_above(self.canvas.mapToGlobal(QPoint(int(max(box.left(), gutter())), int(box.top()))))

    def _forget_form(self) -> None:
        self.form = None

    def _show_menu(self, position: QPoint) -> None:
        step = self.canvas.step_at(self.canvas.mapFromGlobal(position).x())
        id_ = self.canvas.selected
        menu = ClipMenu(self._model, id_, self, step=step)
        menu.opened.connect(partial(self._edit_clip, id_, self.open_selected))
        menu.duplicated.connect(partial(self._edit_clip, id_, self.duplicate_selected))
        was_running = self._model.is_running(id_)
        for signal, edit in ((menu.removed, self.remove_selected), (menu.swapped, self.swap_selected)):
            signal.connect(partial(self._edit_clip, id_, partial(self._edit_as_offered, was_running, edit)))
        menu.forked.connect(partial(self._request_fork, step))
        menu.open_at(position)

    def swap_selected(self, key: str) -> None:
        """Replace the selected clip's task, with the same budget and target score."""
        self.edits.attempt(partial(self._swap, key))

    def _swap(self, key: str) -> None:
        old = self._model.stage(self.canvas.selected)
        new = Stage(task=key, steps=old.steps, until=old.until, strategy=old.strategy)
        self.canvas.select(self._model.replace(old.id, new))

    def _edit_clip(self, id_: str, edit: Callable[..., None], *arguments: str) -> None:
        """Call a menu's `edit` for the clip that the menu was opened for, which may have been removed meanwhile."""
        self.edits.attempt(partial(self._select_and_edit, id_, partial(edit, *arguments)))

    def _select_and_edit(self, id_: str, edit: Callable[[], None]) -> None:
        self.canvas.select(self._model.stage(id_).id)  # raises EditConflict if the clip is gone
        edit()

    def _edit_as_offered(self, was_running: bool, edit: Callable[..., None], *arguments: str) -> None:
        """Edit the selected clip, unless its state changed meanwhile: "End it here" must not become "Remove"."""
        is_running, is_open = self._model.is_running(self.canvas.selected), self._model.is_open(self.canvas.selected)
        if (was_running and is_open) or (is_running and not was_running):
            self._show_notice(tr("The run came further while the menu was open; nothing is changed."))
        else:
            edit(*arguments)

    def _show_notice(self, text: str) -> None:
        self.requested.emit(ShowNotice(text))

    def _request_fork(self, step: int | None) -> None:
        self.requested.emit(ForkFrom(step=step))

    def _fork_at_playhead(self) -> None:
        self._request_fork(self.canvas.paint_state().playhead)

    def _return_to_now(self) -> None:
        self.edits.move_playhead(None)

    def _move_playhead(self, step: int | None) -> None:
        self.requested.emit(MovePlayhead(step))

    def _follow_scale(self) -> None:
        span, first, last = self.canvas.span_shown, self.canvas.layout_shown.scale.first, self.canvas.last_first
        self._bar.blockSignals(True)
        self._bar.setRange(0, round(last))
        self._bar.setPageStep(round(span))
        self._bar.setSingleStep(max(round(span / 10), 1))
        self._bar.setValue(round(first))
        self._bar.blockSignals(False)
        self._bar.setVisible(last > 0)
