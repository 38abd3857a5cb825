"""What the agent does now: its world, the sentence it reads, and what it is about to do.

Where the past is looked at, the agent of then stands beside the agent of now.
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
from widgets.live.agent_view import moment
from widgets.live.comparison import Comparison
from widgets.live.instruction_box import InstructionBox
from widgets.live.nearest_memories import NearestMemories
from widgets.live.watch_controls import WatchControls
from widgets.panel import Panel
from widgets.requests import InstructAgent
from widgets.scene import Scene
from widgets.shell.empty_note import EmptyNote
from widgets.style.numbers import count
from widgets.style.panel_style import GAP, MARGIN, adopt
from widgets.style.task_names import task_name, task_names
from widgets.style.translation import tr
from widgets.views.picture_view import PictureView

_RECALL_MS, _HOLD_MS = 300, 3_000
_MOST_OF_WIDTH = 0.5
_LEAST = 160
"""Pixels of height in which there is something to see of the agent's mind."""


class LiveView(Panel):
    """The world at the left, the agent's mind at the right.

    Signals:
        moved: another task, episode or agent is watched from now on.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._scene = Scene()
        self._tasks: tuple[Task, ...] = ()
        self._plan: tuple[object, int, int] = (None, 0, 0)
        self._held: tuple[object, int] = (None, 0)
        self._recall = NearestMemories()
        self.controls = WatchControls(self)
        self.controls.requested.connect(self.requested)
        self.picture, self.mind, self.pair = PictureView(), AgentStateView(), Comparison()
        self.pair.hide()
        self.box = InstructionBox()
        self.box.told.connect(self._tell)
        self.box.writing.connect(self.controls.hold)
        self._recalling = QTimer(self, singleShot=True, interval=_RECALL_MS)
        self._recalling.timeout.connect(self._remember)
        self._holding = QTimer(self, singleShot=True, interval=_HOLD_MS)
        self._holding.timeout.connect(self._hold)
        content = QWidget()
        self._layout = self._lay_out(content)
        self._note = EmptyNote(content, self)
        adopt(self.header_widgets(), self)
        self.retranslate()

    def _lay_out(self, content: QWidget) -> QGridLayout:
        layout = QGridLayout(content)
        layout.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        layout.setHorizontalSpacing(5 * GAP)
        layout.setVerticalSpacing(GAP)
        layout.setRowStretch(0, 1)
        for part in (self.mind, self.pair):
            # they fit themselves into any room; what they once had may not push the window apart
            part.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            part.setMinimumHeight(_LEAST)
        layout.addWidget(self.picture, 0, 0, 2, 1)
        layout.addWidget(self.mind, 0, 1)
        layout.addWidget(self.pair, 0, 0, 1, 2)
        layout.addWidget(self.box, 1, 1)
        return layout

    def header_widgets(self) -> list[QWidget]:
        """What is watched, and how."""
        return self.controls.widgets()

    def subtitle(self) -> str:
        """Where the watched agent stands."""
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
        """Pixels of the screen that there are for a side of the picture."""
        alone = min(self.picture.width(), self.picture.height())
        return round((self.pair.side if self.is_comparing else alone) * self.devicePixelRatioF())

    @property
    def is_comparing(self) -> bool:
        """Whether the agent of now stands beside the one of then."""
        return not self.pair.isHidden()

    def show_compared(self, frame: Frame | None) -> None:
        """Show the agent of now beside the one that is watched; None shows that one alone."""
        if (frame is not None) != self.is_comparing:
            self.picture.setVisible(frame is None)
            self.mind.setVisible(frame is None)
            self.pair.setVisible(frame is not None)
            self._layout.addWidget(self.box, 1, *((0, 1, 2) if frame is not None else (1,)))
            if self._frame is not None:
                self._show_main(self._frame)
        self.box.show_beside(frame)
        if frame is not None:
            self.pair.show_now(frame)
            self._score()

    def show_frame(self, frame: Frame) -> None:
        """Show one instant; a frame without a picture leaves the last one standing."""
        before, self._frame = self._frame, frame
        if before is None:
            self._note.reveal(content=True)
            self._fit()
        self.box.show_frame(frame)
        moves_only = before is not None and moment(before) == moment(frame)
        if self.is_comparing:
            self.pair.show_then(frame)
        elif frame.picture is not None:
            self.picture.show_picture(frame.picture)
        if moves_only:
            return  # only the picture moves, on its way to this moment
        if not self.is_comparing:
            self.mind.show_frame(frame)
        if (before is None or frame.text != before.text) and not self._recalling.isActive():
            self._recalling.start()
        if before is None or _place(before) != _place(frame):
            self.moved.emit()

    def forget(self) -> None:
        """Watch nobody until the next frame comes."""
        self.show_compared(None)
        self._frame, self._tasks, self._plan, self._held = None, (), (None, 0, 0), (None, 0)
        self._recall.hold(())
        self.picture.show_picture(None)
        self.controls.look(past=False)
        self.controls.offer(())
        self._note.reveal(content=False)

    def begin_to_tell(self) -> bool:
        """Put the cursor where one tells the agent what to do; return whether its world can check anything."""
        return self.box.begin()

    def refuse(self, refusal: NotUnderstood) -> None:
        """Say what the agent was told that its world can't check."""
        self.box.refuse(refusal)

    def draw(self, scene: Scene) -> None:
        """Offer the scene's tasks, and hold its memories at hand."""
        self._scene = scene
        if scene.story is None:
            return
        view = scene.story.until(scene.playhead)
        self.controls.look(past=scene.playhead is not None and view.step < scene.story.step)
        plan = (scene.story, len(scene.story.curricula), len(scene.story.tasks))
        if plan != self._plan:
            self._plan, self._tasks = plan, distinct_tasks(scene.story.until().stages, scene.story.tasks)
            self.controls.offer(self._tasks)
        self._score()
        if self._held != (scene.story, view.memory_version) and not self._holding.isActive():
            self._holding.start(_HOLD_MS if scene.story is self._held[0] else 0)

    def _score(self) -> None:
        """Say of the task that is watched how it scored at the moment looked at, and how it scores now."""
        story, frame = self._scene.story, self._frame
        if not self.is_comparing or story is None or frame is None:
            return
        places = [place for place, task in enumerate(story.tasks) if task.identity == frame.task.identity]
        scores = then_and_now(story.until(self._scene.playhead), places[0]) if places else (None, None)
        self.pair.show_scores(task_name(frame.task, self._tasks), *scores)

    def _show_main(self, frame: Frame) -> None:
        """Show an instant again, where it is shown now."""
        if self.is_comparing:
            self.pair.show_then(frame)
        else:
            self.picture.show_picture(frame.picture)
            self.mind.show_frame(frame)

    def retranslate(self) -> None:
        """Write every text again."""
        self._note.say(
            tr("Here you will see the agent in its world, what it reads and what it does. Press Space to start.")
        )
        self.picture.setAccessibleName(tr("Picture of the world"))
        self.picture.set_placeholder(tr("The picture appears with the next step."))
        self.controls.retranslate()
        self.pair.retranslate()
        self.mind.retranslate()
        self.box.retranslate()

    def restyle(self) -> None:
        """Draw the icons again."""
        self.controls.restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the picture a square, and the mind what is left."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.height() - GAP - MARGIN
        self.picture.setMaximumWidth(max(min(room, int(self.width() * _MOST_OF_WIDTH) - MARGIN), 96))

    def _tell(self, text: str) -> None:
        self.requested.emit(InstructAgent(text))

    def _hold(self) -> None:
        """Bring the index of memories up to date: every three seconds at most, it costs some milliseconds."""
        if self._scene.story is not None:
            view = self._scene.story.until(self._scene.playhead)
            self._held = (self._scene.story, view.memory_version)
            self._recall.hold(view.memory())
            self._remember()

    def _remember(self) -> None:
        if self._frame is not None:
            found = self._recall.closest(self._frame.text, limit=6)
            tasks = self._scene.story.tasks if self._scene.story else ()
            self.mind.show_recollections(found, task_names(tasks, self._scene.colours))


def _place(frame: Frame) -> tuple[Task, int, int]:
    return frame.task, frame.episode, frame.agent_step
