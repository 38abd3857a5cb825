"""What goes on in the agent: what it reads, what it will do, and what it remembered."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agents.events import Frame, MemoryEntry
from widgets.live.recalled_memories import RecalledMemories, memory_row
from widgets.shell.card import Elided
from widgets.style.numbers import score, signed
from widgets.style.panel_style import BREAK, GAP, quiet_label, row
from widgets.style.scroll_areas import scrolling, shown
from widgets.style.task_names import TaskName
from widgets.style.translation import tr
from widgets.views.action_bars import ActionBars
from widgets.views.word_flow import WordFlow, flow_line

_MOST_FOR_WORDS = 0.55
_ROWS, _MOST_MEMORIES = 4, 6
"""Rows of actions that come before memories; and memories at most."""


class AgentStateView(QWidget):
    """Three sections, each as high as it needs; where room is short, words scroll and unlikely actions are counted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._ended: float | None = None
        self._found: list[MemoryEntry] = []
        self._names: list[TaskName] = []
        self.words, self.bars, self.memories = WordFlow(), ActionBars(), RecalledMemories()
        self._reads, self._will, self._remembered = quiet_label(), quiet_label(), quiet_label()
        # what changes with every step must not push the picture: it gives way
        self._instruction, self._value = Elided(), Elided()
        for label in (self._instruction, self._value):
            label.setProperty("small", True)
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._words_area = scrolling(self.words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(_heading(self._reads, self._instruction))
        layout.addWidget(self._words_area)
        layout.addSpacing(GAP)
        layout.addLayout(_heading(self._will, self._value))
        layout.addWidget(self.bars)
        layout.addSpacing(GAP)
        layout.addWidget(self._remembered)
        layout.addWidget(self.memories)
        layout.addStretch(1)

    def show_frame(self, frame: Frame) -> None:
        """Show one instant; only what changed is painted."""
        before, self._frame = self._frame, frame
        relaid = self.words.show_words(frame.text, frame.attention)
        relaid |= self.bars.show_actions(frame.actions, frame.probabilities, frame.action)
        if relaid:
            self._fit()  # now: what is painted before would lie over what stands below
        if before is None or before.episode != frame.episode:
            self._ended = None
        if frame.score is not None:
            self._ended = frame.score
        self._tell()

    def show_recollections(self, entries: list[MemoryEntry], names: list[TaskName]) -> None:
        """Show the memories that are most like this moment, given the name of every task."""
        self._found, self._names = entries, names
        self.memories.show_entries(entries, names, tr("Nothing like this yet."))

    def retranslate(self) -> None:
        """Write every text again."""
        self._reads.setText(tr("What the agent reads"))
        self._will.setText(tr("What it will do"))
        self._remembered.setText(tr("What it remembered"))
        self.words.setAccessibleName(tr("What the agent reads"))
        self.words.setToolTip(tr("The more a word is shaded, the more the agent looks at it"))
        self._words_area.setAccessibleName(tr("What the agent reads"))
        self.bars.setAccessibleName(tr("What it will do"))
        self.bars.setToolTip(tr("How likely each action is; › marks the one that was taken"))
        self.memories.setAccessibleName(tr("What it remembered"))
        self._remembered.setToolTip(tr("Moments of its memory that share most words with this one"))
        self._value.explain(
            tr("value: the reward that the agent expects from here on; reward: what this episode has earned so far")
        )
        self.show_recollections(self._found, self._names)
        self._tell()

    def _tell(self) -> None:
        if (frame := self._frame) is None:
            return
        self._instruction.write(f"“{frame.goal}”" if frame.goal else "")
        said = [tr("value {value}", value=score(frame.value)), tr("reward {reward}", reward=signed(frame.total))]
        if self._ended is not None:
            said.insert(0, tr("score {score}", score=score(self._ended)))
        self._value.write(BREAK.join(said))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Share the room out again when the type changes its size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._fit)  # once the labels have the new type, too

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the height out again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Words come first, then the likeliest actions, then as many memories as there is room for, perhaps none."""
        headings = max(label.sizeHint().height() for label in (self._reads, self._instruction, self._value))
        room = self.height() - 3 * headings - 7 * GAP
        needed = self.words.heightForWidth(self.width())
        words = shown(self._words_area, needed, int(room * _MOST_FOR_WORDS), flow_line())
        free = room - words - memory_row()
        remembers = free >= self.bars.needed_height(_ROWS)
        for part in (self._remembered, self.memories):
            part.setVisible(remembers)
        if not remembers:
            room, free = room + headings, room - words + headings
        left = room - words - self.bars.fit(free)
        self.memories.setFixedHeight(min(max(left // memory_row(), 1), _MOST_MEMORIES) * memory_row())


def _heading(title: QWidget, detail: QWidget) -> QHBoxLayout:
    made = row(title, detail)
    made.setStretchFactor(detail, 1)
    return made
