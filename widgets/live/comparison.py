"""The agent of then and the agent of now, side by side in the same world: what was learned since, or forgotten."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from agents.events import Frame
from widgets.live.agent_view import AgentView
from widgets.style.numbers import count, score
from widgets.style.panel_style import BREAK, GAP
from widgets.style.translation import tr


class Comparison(QWidget):
    """Two sides that are filled frame by frame; both began this episode in the same world."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.then, self.now = AgentView(), AgentView()
        self._scores: tuple[float | None, float | None] = (None, None)
        self._task = ""
        self._steps = [0, 0]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5 * GAP)
        layout.addWidget(self.then, 1)
        layout.addWidget(self.now, 1)

    def show_then(self, frame: Frame) -> None:
        """Show the agent of the moment that is looked at."""
        self.then.show_frame(frame)
        self._step(0, frame.agent_step)

    def show_now(self, frame: Frame) -> None:
        """Show the newest agent."""
        self.now.show_frame(frame)
        self._step(1, frame.agent_step)

    def show_scores(self, task: str, then: float | None, now: float | None) -> None:
        """Say under the pictures how well each of them does in the task that is watched."""
        if (task, (then, now)) != (self._task, self._scores):
            self._task, self._scores = task, (then, now)
            self._caption()

    @property
    def side(self) -> int:
        """Pixels, of the screen's own scale, along a side of each picture."""
        return min(self.then.picture.width(), self.then.picture.height())

    def retranslate(self) -> None:
        """Write every text again."""
        self.then.say(tr("Then"))
        self.now.say(tr("Now"))
        self._caption()

    def _step(self, place: int, step: int) -> None:
        if step != self._steps[place]:
            self._steps[place] = step
            self._caption()

    def _caption(self) -> None:
        then, now = map(score, self._scores)
        said = (self.then, tr("then {score}", score=then)), (self.now, tr("now {score}", score=now))
        for (side, how_good), step in zip(said, self._steps, strict=True):
            side.show_caption(BREAK.join(filter(None, (how_good, self._task, tr("step {step}", step=count(step))))))
