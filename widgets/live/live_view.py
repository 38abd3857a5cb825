"""The live view panel: the environment's picture, the sentence the agent reads, and its action probabilities.

While the playhead is in the past, the agent of that step can be shown beside the newest one.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from agents.analysis.score_changes import then_and_now
from agents.events import Frame
from envs.curriculum import distinct_tasks
from envs.requests import NotUnderstood
from envs.task import Task
from widgets.live.agent_state import AgentStateView
from widgets.live.agent_view import decision_key
from widgets.live.comparison import Comparison
from widgets.live.instruction_box import InstructionBox
from widgets.live.nearest_memories import NearestMemories
from widgets.live.watch_controls import WatchControls
from widgets.panel import Panel
from widgets.requests import InstructAgent
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.numbers import count
from widgets.style.panel_style import GAP, MARGIN, reparent
from widgets.style.task_names import task_name, task_names
from widgets.style.translation import tr
from widgets.views.picture_view import PictureView

_RECALL_MS, _INDEX_MS = 300, 3_000
"""Minimum times between updates of the recalled memories, and of their index, in milliseconds."""
_MAX_WIDTH_SHARE = 0.5
"""Maximum share of the width for the picture."""
_MIN_HEIGHT = 160
"""Minimum height of the agent's state, in pixels."""


class LiveView(Panel):
    """Shows the environment at the left and the agent's state at the right.

    Signals:
        moved: another task, episode or agent is watched.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._scene = Scene()
        self._tasks: tuple[Task, ...] = ()
        self._plan: tuple[object, int, int] = (None, 0, 0)
        self._indexed: tuple[object, int] = (None, 0)
        """Story and memory version that `_recall` was built from."""
        self._recall = NearestMemories()
        self.controls = WatchControls(self)
        self.controls.requested.connect(self.requested)
        self.picture, self.mind, self.pair = PictureView(), AgentStateView(), Comparison()
        self.pair.hide()
        self.box = InstructionBox()
        self.box.instructed.connect(self._instruct)
        self.box.writing.connect(self.controls.pause)
        self._recalling = QTimer(self, singleShot=True, interval=_RECALL_MS)
        self._recalling.timeout.connect(self._show_recalled)
        self._indexing = QTimer(self, singleShot=True, interval=_INDEX_MS)
        self._indexing.timeout.connect(self._index_memories)
        content = QWidget()
        self._layout = self._lay_out(content)
        self._note = EmptyNote(content, self)
        reparent(self.header_widgets(), self)
        self.retranslate()

    def _lay_out(self, content: QWidget) -> QGridLayout:
        layout = QGridLayout(content)
        layout.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        layout.setHorizontalSpacing(5 * GAP)
        layout.setVerticalSpacing(GAP)
        layout.setRowStretch(0, 1)
        for part in (self.mind, self.pair):
            # they adapt to any size, so their size hints must not enlarge the window
            part.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            part.setMinimumHeight(_MIN_HEIGHT)
        layout.addWidget(self.picture, 0, 0, 2, 1)
        layout.addWidget(self.mind, 0, 1)
        layout.addWidget(self.pair, 0, 0, 1, 2)
        layout.addWidget(self.box, 1, 1)
        return layout

    def header_widgets(self) -> list[QWidget]:
        """Return the controls of the live view."""
        return self.controls.widgets()

    def subtitle(self) -> str:
        """Return task, step and episode of the watched agent."""
        if (frame := self._frame) is None:
            return ""
        return tr(
            "{task} · step {step} · episode {episode}",
            task=task_name(frame.task, self._tasks),
            step=count(frame.agent_step),
            episode=count(frame.episode),
        )

    @property
    def side(self) -> int:
        """Side of the picture, in physical pixels."""
        single = min(self.picture.width(), self.picture.height())
        return round((self.pair.side if self.is_comparing else single) * self.devicePixelRatioF())

    @property
    def is_comparing(self) -> bool:
        """Whether two agents are shown side by side."""
        return not self.pair.isHidden()

    def show_compared(self, frame: Frame | None) -> None:
        """Show a frame of the newest agent beside the watched one; None shows the watched one alone."""
        if (frame is not None) != self.is_comparing:
            self.picture.setVisible(frame is None)
            self.mind.setVisible(frame is None)
            self.pair.setVisible(frame is not None)
            self._layout.addWidget(self.box, 1, *((0, 1, 2) if frame is not None else (1,)))
            if self._frame is not None:
                self._show_main(self._frame)
        self.box.show_compared(frame)
        if frame is not None:
            self.pair.show_now(frame)
            self._update_scores()

    def show_frame(self, frame: Frame) -> None:
        """Show a frame; without a picture, the last picture stays."""
        before, self._frame = self._frame, frame
        if before is None:
            self._note.reveal(content=True)
            self._fit()
        self.box.show_frame(frame)
        is_intermediate = before is not None and decision_key(before) == decision_key(frame)
        if self.is_comparing:
            self.pair.show_then(frame)
        elif frame.picture is not None:
            self.picture.show_picture(frame.picture)
        if is_intermediate:
            return  # only the picture changes until the next decision
        if not self.is_comparing:
            self.mind.show_frame(frame)
        if (before is None or frame.text != before.text) and not self._recalling.isActive():
            self._recalling.start()
        if before is None or _subject(before) != _subject(frame):
            self.moved.emit()

    def clear(self) -> None:
        """Clear the view until the next frame comes."""
        self.show_compared(None)
        self._frame, self._tasks, self._plan, self._indexed = None, (), (None, 0, 0), (None, 0)
        self._recall.update(())
        self.picture.show_picture(None)
        self.controls.set_past(False)
        self.controls.set_tasks(())
        self._note.reveal(content=False)

    def focus_instruction(self) -> bool:
        """Set the focus to the instruction field; return whether the environment can check instructions."""
        return self.box.focus_field()

    def refuse(self, refusal: NotUnderstood) -> None:
        """Show why an instruction was not understood."""
        self.box.refuse(refusal)

    def draw(self, scene: Scene) -> None:
        """Take the scene's tasks and scores, and schedule the indexing of its memories."""
        self._scene = scene
        if scene.story is None:
            return
        view = scene.story.until(scene.playhead)
        self.controls.set_past(scene.playhead is not None and view.step < scene.story.step)
        plan = (scene.story, len(scene.story.curricula), len(scene.story.tasks))
        if plan != self._plan:
            self._plan, self._tasks = plan, distinct_tasks(scene.story.until().stages, scene.story.tasks)
            self.controls.set_tasks(self._tasks)
        self._update_scores()
        if self._indexed != (scene.story, view.memory_version) and not self._indexing.isActive():
            self._indexing.start(_INDEX_MS if scene.story is self._indexed[0] else 0)

    def _update_scores(self) -> None:
        """Show the evaluation scores of the watched task, at the playhead and now."""
        story, frame = self._scene.story, self._frame
        if not self.is_comparing or story is None or frame is None:
            return
        task_ids = [task_id for task_id, task in enumerate(story.tasks) if task.identity == frame.task.identity]
        scores = then_and_now(story.until(self._scene.playhead), task_ids[0]) if task_ids else (None, None)
        self.pair.show_scores(task_name(frame.task, self._tasks), *scores)

    def _show_main(self, frame: Frame) -> None:
        """Show the last frame of the watched agent again, after switching between one and two agents."""
        if self.is_comparing:
            self.pair.show_then(frame)
        else:
            self.picture.show_picture(frame.picture)
            self.mind.show_frame(frame)

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._note.set_text(
            tr("Here you will see the agent in its world, what it reads and what it does. Press Space to start.")
        )
        self.picture.setAccessibleName(tr("Picture of the world"))
        self.picture.set_placeholder(tr("The picture appears with the next step."))
        self.controls.retranslate()
        self.pair.retranslate()
        self.mind.retranslate()
        self.box.retranslate()

    def restyle(self) -> None:
        """Draw the icons in the theme's colours."""
        self.controls.restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the picture to the new size."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.height() - GAP - MARGIN
        self.picture.setMaximumWidth(max(min(room, int(self.width() * _MAX_WIDTH_SHARE) - MARGIN), 96))

    def _instruct(self, text: str) -> None:
        self.requested.emit(InstructAgent(text))

    def _index_memories(self) -> None:
        """Bring the index of memories up to date: every three seconds at most, it costs some milliseconds."""
        if self._scene.story is not None:
            view = self._scene.story.until(self._scene.playhead)
            self._indexed = (self._scene.story, view.memory_version)
            self._recall.update(view.memory())
            self._show_recalled()

    def _show_recalled(self) -> None:
        if self._frame is not None:
            found = self._recall.closest(self._frame.text, limit=6)
            tasks = self._scene.story.tasks if self._scene.story else ()
            self.mind.show_recollections(found, task_names(tasks, self._scene.colours))


def _subject(frame: Frame) -> tuple[Task, int, int]:
    return frame.task, frame.episode, frame.agent_step
