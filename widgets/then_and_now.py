"""The agent of then and the agent of now, side by side in the same world: what was learned since, or forgotten."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from agents.events import Frame
from widgets.number_words import count
from widgets.story_style import GAP
from widgets.watched_side import WatchedSide
from widgets.words import tr


class ThenAndNow(QWidget):
    """Two sides that are filled frame by frame; both began this episode in the same world."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.then, self.now = WatchedSide(), WatchedSide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5 * GAP)
        layout.addWidget(self.then, 1)
        layout.addWidget(self.now, 1)

    def show_then(self, frame: Frame) -> None:
        """Show the agent of the moment that is looked at."""
        self.then.show_frame(frame, tr("then: step {step}", step=count(frame.agent_step)))

    def show_now(self, frame: Frame) -> None:
        """Show the newest agent."""
        self.now.show_frame(frame, tr("now: step {step}", step=count(frame.agent_step)))

    @property
    def side(self) -> int:
        """Pixels, of the screen's own scale, along a side of each picture."""
        return min(self.then.picture.width(), self.then.picture.height())

    def retranslate(self) -> None:
        """Write every text again."""
        self.then.say(tr("Then"))
        self.now.say(tr("Now"))
