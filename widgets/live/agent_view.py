"""One of two agents that live the same episode: its picture, its score, what it will do and what it reads."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.events import Frame
from widgets.shell.card import Elided
from widgets.style import theme
from widgets.style.numbers import score, signed
from widgets.style.panel_style import BREAK, GAP, font
from widgets.style.scroll_areas import scrolling, shown
from widgets.style.translation import tr
from widgets.views.action_bars import ActionBars
from widgets.views.action_selection import MIN_ROWS
from widgets.views.picture_view import PictureView
from widgets.views.word_flow import WordFlow, flow_line

_LEAST, _COMFORTABLE = 96, 280
"""Pixels along a side of the picture: at least, and so many that other things may have the rest of the room."""
_MOST_LINES = 3


class AgentView(QWidget):
    """The picture takes the room; below it the caption, then bars and the sentence where there is room for them.

    Where there is none for the bars, one line says what the agent does.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._ended: float | None = None
        self._about = ""
        self.caption, self.deed = Elided(), Elided()
        self.caption.setFont(font(theme.BODY, QFont.Weight.Medium))
        for label in (self.caption, self.deed):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.picture, self.bars, self.words = PictureView(), ActionBars(), WordFlow()
        self._words_area = scrolling(self.words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        for part in (self.picture, self.caption, self.deed, self.bars, self._words_area):
            layout.addWidget(part)
        layout.addStretch(1)

    def show_frame(self, frame: Frame) -> None:
        """Show one instant; only what changed is painted."""
        before, self._frame = self._frame, frame
        if frame.picture is not None:
            self.picture.show_picture(frame.picture)
        if before is not None and moment(before) == moment(frame):
            return  # only the picture moves, on its way to this moment
        if before is None or before.episode != frame.episode:
            self._ended = None
        if frame.score is not None:
            self._ended = frame.score
        relaid = self.words.show_words(frame.text, frame.attention)
        relaid |= self.bars.show_actions(frame.actions, frame.probabilities, frame.action)
        if relaid:
            self.picture.setAccessibleDescription(frame.text)
            self._fit()
        self._tell(frame)

    def show_caption(self, about: str) -> None:
        """Say whose picture this is, and how good that agent is."""
        self._about = about
        if self._frame is not None:
            self._tell(self._frame)

    def say(self, name: str) -> None:
        """Name everything for a screen reader; `name` says which of the two this is."""
        for part, what in (
            (self.picture, tr("Picture of the world")),
            (self.bars, tr("What it will do")),
            (self.words, tr("What the agent reads")),
            (self._words_area, tr("What the agent reads")),
        ):
            part.setAccessibleName(f"{name}: {what}")
        self.bars.setToolTip(tr("How likely each action is; › marks the one that was taken"))
        self.deed.explain(tr("How likely each action is; › marks the one that was taken"))
        self.words.setToolTip(tr("The more a word is shaded, the more the agent looks at it"))
        self.caption.explain(
            tr(
                "then and now: the task's score in the last evaluation by that time; value: the reward that the agent"
                " expects from here on; reward: what this episode has earned so far"
            )
        )
        self.picture.set_placeholder(tr("The picture appears with the next step."))
        if self._frame is not None:
            self._tell(self._frame)

    def _tell(self, frame: Frame) -> None:
        ended = "" if self._ended is None else tr("this episode {score}", score=score(self._ended))
        earned = tr("reward {reward}", reward=signed(frame.total))
        self.caption.write(BREAK.join((self._about, ended or earned, tr("value {value}", value=score(frame.value)))))
        self.deed.write(BREAK.join(_deeds(frame)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Share the room out again when the type changes its size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.caption.setFont(font(theme.BODY, QFont.Weight.Medium))
            QTimer.singleShot(0, self, self._fit)  # once the labels have the new type, too

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the room out again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The picture is as large as the room allows; what it leaves, or does not need, goes to bars and words."""
        room = self.height() - self.caption.sizeHint().height() - 2 * GAP
        line, least = self.deed.sizeHint().height(), self.bars.needed_height(MIN_ROWS)
        needed = min(self.words.heightForWidth(self.width()), _MOST_LINES * flow_line())
        # the more is left out the larger is the picture; the first that makes it large enough is taken
        side, bars, words = next(
            (
                (side, bars, words)
                for bars, words in ((self.bars.needed_height(), needed), (least, needed), (least, 0))
                if (side := min(self.width(), room - bars - words - GAP * bool(words))) >= _COMFORTABLE
            ),
            (max(min(self.width(), room - line), _LEAST), 0, 0),
        )
        left = room - side
        if not bars and left >= least:  # the picture is as wide as the room, and something is left below it
            bars, words = left, 0
        self._share(side, min(bars, left), words)

    def _share(self, side: int, bars: int, words: int) -> None:
        self.picture.setFixedHeight(side)
        self.deed.setVisible(not bars)
        self.bars.setVisible(bool(bars))
        self._words_area.setVisible(bool(words))
        if bars:
            self.bars.fit(bars)
        if words:
            shown(self._words_area, words, words, flow_line())


def moment(frame: Frame) -> tuple[object, ...]:
    """Return all that is told of an instant in words and numbers; frames on the way to it are alike in that."""
    return frame.episode, frame.time, frame.text, frame.probabilities, frame.action, frame.value, frame.score


def _deeds(frame: Frame) -> list[str]:
    """Return what the agent does, and what it most likely would have done where that is something else."""
    likeliest = max(range(len(frame.actions)), key=frame.probabilities.__getitem__)
    said = [] if frame.action is None else [f"› {_probabilities(frame, frame.action)}"]
    if frame.action is None:
        return [tr("likeliest: {action}", action=_probabilities(frame, likeliest))]
    return (
        said
        if likeliest == frame.action
        else [*said, tr("likeliest: {action}", action=_probabilities(frame, likeliest))]
    )


def _probabilities(frame: Frame, place: int) -> str:
    return f"{frame.actions[place]} {score(frame.probabilities[place])}"
