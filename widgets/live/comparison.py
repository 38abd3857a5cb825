"""The agent at the playhead ("then") and the newest agent ("now"), side by side in the same environment."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from agents.events import Frame
from widgets.live.agent_view import AgentView
from widgets.style.numbers import count, score
from widgets.style.panel_style import BREAK, GAP
from widgets.style.translation import tr


class Comparison(QWidget):
    """Two agent views, filled frame by frame; both episodes started from the same state of the environment."""

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
        """Show a frame of the agent at the playhead."""
        self.then.show_frame(frame)
        self._set_step(0, frame.agent_step)

    def show_now(self, frame: Frame) -> None:
        """Show a frame of the newest agent."""
        self.now.show_frame(frame)
        self._set_step(1, frame.agent_step)

    def show_scores(self, task: str, then: float | None, now: float | None) -> None:
        """Show each agent's evaluation score in the watched task in its caption."""
        if (task, (then, now)) != (self._task, self._scores):
            self._task, self._scores = task, (then, now)
            self._update_captions()

    @property
    def side(self) -> int:
        """Side of each picture, in device-independent pixels."""
        return min(self.then.picture.width(), self.then.picture.height())

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self.then.set_texts(tr("Then"))
        self.now.set_texts(tr("Now"))
        self._update_captions()

    def _set_step(self, side: int, step: int) -> None:
        if step != self._steps[side]:
            self._steps[side] = step
            self._update_captions()

    def _update_captions(self) -> None:
        then, now = map(score, self._scores)
        sides = (self.then, tr("then {score}", score=then)), (self.now, tr("now {score}", score=now))
        for (side, score_text), step in zip(sides, self._steps, strict=True):
            side.show_caption(BREAK.join(filter(None, (score_text, self._task, tr("step {step}", step=count(step))))))
