"""One of two agents that are watched in the same environment: picture, score, actions and sentence."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.events import Frame
from widgets.shell.card import Elided
from widgets.style import theme
from widgets.style.numbers import score, signed
from widgets.style.panel_style import BREAK, GAP, font
from widgets.style.scroll_areas import fit_height, vertical_scroll_area
from widgets.style.translation import tr
from widgets.views.action_bars import ActionBars
from widgets.views.action_selection import MIN_ROWS
from widgets.views.picture_view import PictureView
from widgets.views.word_flow import WordFlow, flow_line

_MIN_SIDE, _PREFERRED_SIDE = 96, 280
"""Side of the picture in pixels: the minimum, and the size above which other widgets get the remaining space."""
_MAX_LINES = 3
"""Maximum lines of the sentence."""


class AgentView(QWidget):
    """Shows a picture as large as possible, its caption and, if they fit, action bars and the sentence.

    If the bars do not fit, one line of text shows the agent's action.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._final_score: float | None = None
        self._about = ""
        self.caption, self.action_line = Elided(), Elided()
        self.caption.setFont(font(theme.BODY, QFont.Weight.Medium))
        for label in (self.caption, self.action_line):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.picture, self.bars, self.words = PictureView(), ActionBars(), WordFlow()
        self._words_area = vertical_scroll_area(self.words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        for part in (self.picture, self.caption, self.action_line, self.bars, self._words_area):
            layout.addWidget(part)
        layout.addStretch(1)

    def show_frame(self, frame: Frame) -> None:
        """Show a frame; only what changed is repainted."""
        before, self._frame = self._frame, frame
        if frame.picture is not None:
            self.picture.show_picture(frame.picture)
        if before is not None and decision_key(before) == decision_key(frame):
            return  # an intermediate picture on the way to the same decision
        if before is None or before.episode != frame.episode:
            self._final_score = None
        if frame.score is not None:
            self._final_score = frame.score
        has_changed = self.words.show_words(frame.text, frame.attention)
        has_changed |= self.bars.show_actions(frame.actions, frame.probabilities, frame.action)
        if has_changed:
            self.picture.setAccessibleDescription(frame.text)
            self._fit()
        self._update_texts(frame)

    def show_caption(self, about: str) -> None:
        """Set the part of the caption that names the agent and its score."""
        self._about = about
        if self._frame is not None:
            self._update_texts(self._frame)

    def set_texts(self, name: str) -> None:
        """Set accessible names and tooltips; `name` is which of the two agents this is."""
        for part, content in (
            (self.picture, tr("Picture of the world")),
            (self.bars, tr("What it will do")),
            (self.words, tr("What the agent reads")),
            (self._words_area, tr("What the agent reads")),
        ):
            part.setAccessibleName(f"{name}: {content}")
        self.bars.setToolTip(tr("How likely each action is; › marks the one that was taken"))
        self.action_line.set_explanation(tr("How likely each action is; › marks the one that was taken"))
        self.words.setToolTip(tr("The more a word is shaded, the more the agent looks at it"))
        self.caption.set_explanation(
            tr(
                "then and now: the task's score in the last evaluation by that time; value: the reward that the agent"
                " expects from here on; reward: what this episode has earned so far"
            )
        )
        self.picture.set_placeholder(tr("The picture appears with the next step."))
        if self._frame is not None:
            self._update_texts(self._frame)

    def _update_texts(self, frame: Frame) -> None:
        final = "" if self._final_score is None else tr("this episode {score}", score=score(self._final_score))
        earned = tr("reward {reward}", reward=signed(frame.total))
        self.caption.set_full_text(
            BREAK.join((self._about, final or earned, tr("value {value}", value=score(frame.value))))
        )
        self.action_line.set_full_text(BREAK.join(_action_texts(frame)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Distribute the space again for a new type size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.caption.setFont(font(theme.BODY, QFont.Weight.Medium))
            QTimer.singleShot(0, self, self._fit)  # after the labels got the new font

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Distribute the space again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Choose the side of the picture and the heights of bars and sentence."""
        available = self.height() - self.caption.sizeHint().height() - 2 * GAP
        line, min_bars = self.action_line.sizeHint().height(), self.bars.needed_height(MIN_ROWS)
        needed = min(self.words.heightForWidth(self.width()), _MAX_LINES * flow_line())
        # take the first of three combinations, with less and less beside the picture, that makes it large enough
        side, bars, words = next(
            (
                (side, bars, words)
                for bars, words in ((self.bars.needed_height(), needed), (min_bars, needed), (min_bars, 0))
                if (side := min(self.width(), available - bars - words - GAP * bool(words))) >= _PREFERRED_SIDE
            ),
            (max(min(self.width(), available - line), _MIN_SIDE), 0, 0),
        )
        left = available - side
        if not bars and left >= min_bars:  # the picture is as wide as the widget, with space left below it
            bars, words = left, 0
        self._share(side, min(bars, left), words)

    def _share(self, side: int, bars: int, words: int) -> None:
        self.picture.setFixedHeight(side)
        self.action_line.setVisible(not bars)
        self.bars.setVisible(bool(bars))
        self._words_area.setVisible(bool(words))
        if bars:
            self.bars.fit(bars)
        if words:
            fit_height(self._words_area, words, words, flow_line())


def decision_key(frame: Frame) -> tuple[object, ...]:
    """Return everything of a frame except its picture; equal for the intermediate frames of one decision."""
    return frame.episode, frame.time, frame.text, frame.probabilities, frame.action, frame.value, frame.score


def _action_texts(frame: Frame) -> list[str]:
    """Return the chosen action and, if it is another one, the likeliest."""
    likeliest = max(range(len(frame.actions)), key=frame.probabilities.__getitem__)
    texts = [] if frame.action is None else [f"› {_with_probability(frame, frame.action)}"]
    if likeliest != frame.action:
        texts.append(tr("likeliest: {action}", action=_with_probability(frame, likeliest)))
    return texts


def _with_probability(frame: Frame, index: int) -> str:
    return f"{frame.actions[index]} {score(frame.probabilities[index])}"
