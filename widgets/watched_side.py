"""One of two agents that live the same episode: whose weights, its picture, what it will do and what it reads."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.events import Frame
from widgets import theme
from widgets.action_bars import ActionBars
from widgets.card import Elided
from widgets.number_words import score, signed
from widgets.picture_view import PictureView
from widgets.scroll_room import scrolling, shown
from widgets.story_style import GAP, font, quiet_label, row
from widgets.word_flow import LINE, WordFlow
from widgets.words import tr

_PICTURE, _LEAST = 0.5, 96
"""Share of the width, and pixels, that a picture takes at most and at least."""
_MOST_LINES, _MOST_FOR_WORDS = 3, 0.34
"""Lines, and share of the height, that the sentence takes at most."""


class WatchedSide(QWidget):
    """The picture with its bars beside it, the sentence below: half of the live view is enough for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._ended: float | None = None
        self.caption, self.value = Elided(), quiet_label()
        self.caption.setFont(font(theme.BODY, QFont.Weight.Medium))
        self.picture, self.bars, self.words = PictureView(), ActionBars(), WordFlow()
        self._words_area = scrolling(self.words)
        heading = row(self.caption, self.value)
        heading.setStretchFactor(self.caption, 1)
        middle = row(self.picture, self.bars, spacing=3 * GAP)
        middle.setAlignment(self.bars, Qt.AlignmentFlag.AlignTop)
        for part in (self.picture, self.bars):
            middle.setStretchFactor(part, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GAP)
        layout.addLayout(heading)
        layout.addLayout(middle)
        layout.addWidget(self._words_area)
        layout.addStretch(1)

    def show_frame(self, frame: Frame, caption: str) -> None:
        """Show one instant; only what changed is painted."""
        before, self._frame = self._frame, frame
        if frame.picture is not None:
            self.picture.show_picture(frame.picture)
        self.caption.write(caption)
        if before is not None and moment(before) == moment(frame):
            return  # only the picture moves, on its way to this moment
        if before is None or before.episode != frame.episode:
            self._ended = None
        if frame.score is not None:
            self._ended = frame.score
        relaid = self.words.show_words(frame.text, frame.attention)
        relaid |= self.bars.show_actions(frame.actions, frame.probabilities, frame.action)
        if relaid:
            self._fit()
        self._tell(frame)

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
        self.words.setToolTip(tr("The more a word is shaded, the more the agent looks at it"))
        self.value.setToolTip(
            tr("value: the reward that the agent expects from here on; reward: what this episode has earned so far")
        )
        self.picture.say(tr("The picture appears with the next step."))
        if self._frame is not None:
            self._tell(self._frame)

    def _tell(self, frame: Frame) -> None:
        end = tr("score {score}", score=score(self._ended)) if self._ended is not None else ""
        text = " · ".join((tr("value {value}", value=score(frame.value)), end or _earned(frame)))
        if text != self.value.text():
            self.value.setText(text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Share the room out again when the type changes its size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the room out again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The sentence takes up to three lines, the picture as much as half the width and the rest allow."""
        needed = self.words.heightForWidth(self.width())
        words = shown(self._words_area, needed, min(_MOST_LINES * LINE, int(_MOST_FOR_WORDS * self.height())), LINE)
        room = self.height() - words - self.value.sizeHint().height() - 4 * GAP
        side = max(min(int(self.width() * _PICTURE), room), _LEAST)
        self.picture.setFixedHeight(side)
        self.picture.setMaximumWidth(side)
        self.bars.fit(side)


def moment(frame: Frame) -> tuple[object, ...]:
    """Return all that is told of an instant in words and numbers; frames on the way to it are alike in that."""
    return frame.episode, frame.time, frame.text, frame.probabilities, frame.action, frame.value, frame.score


def _earned(frame: Frame) -> str:
    return tr("reward {reward}", reward=signed(frame.total))
