"""The state of the watched agent: the sentence it reads, its action probabilities, and similar memories."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agents.events import Frame, MemoryEntry
from widgets.live.recalled_memories import RecalledMemories, memory_row
from widgets.shell.card import Elided
from widgets.style.numbers import score, signed
from widgets.style.panel_style import BREAK, GAP, quiet_label, row
from widgets.style.scroll_areas import fit_height, vertical_scroll_area
from widgets.style.task_names import TaskName
from widgets.style.translation import tr
from widgets.views.action_bars import ActionBars
from widgets.views.word_flow import WordFlow, flow_line

_MAX_WORDS_SHARE = 0.55
"""Maximum share of the height for the sentence."""
_ROWS, _MAX_MEMORIES = 4, 6
"""Rows of actions that have priority over memories, and the maximum number of memories."""


class AgentStateView(QWidget):
    """Shows sentence, actions and memories; if there is little space, words scroll and unlikely actions are counted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._final_score: float | None = None
        self._recalled: list[MemoryEntry] = []
        self._names: list[TaskName] = []
        self.words, self.bars, self.memories = WordFlow(), ActionBars(), RecalledMemories()
        self._reads, self._will, self._remembered = quiet_label(), quiet_label(), quiet_label()
        # their text changes at every step: elided, so that its width does not move the picture
        self._instruction, self._value = Elided(), Elided()
        for label in (self._instruction, self._value):
            label.setProperty("small", True)
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._words_area = vertical_scroll_area(self.words)
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
        """Show a frame; only what changed is repainted."""
        before, self._frame = self._frame, frame
        has_changed = self.words.show_words(frame.text, frame.attention)
        has_changed |= self.bars.show_actions(frame.actions, frame.probabilities, frame.action)
        if has_changed:
            self._fit()  # at once: the old heights would overlap until the next layout
        if before is None or before.episode != frame.episode:
            self._final_score = None
        if frame.score is not None:
            self._final_score = frame.score
        self._update_texts()

    def show_recollections(self, entries: list[MemoryEntry], names: list[TaskName]) -> None:
        """Show the memories that are most similar to the frame, given the name of every task."""
        self._recalled, self._names = entries, names
        self.memories.show_entries(entries, names, tr("Nothing like this yet."))

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        self._reads.setText(tr("What the agent reads"))
        self._will.setText(tr("What it will do"))
        self._remembered.setText(tr("What it remembered"))
        self.words.setAccessibleName(tr("What the agent reads"))
        self.words.setToolTip(tr("The more a word is shaded, the more the agent looks at it"))
        self._words_area.setAccessibleName(tr("What the agent reads"))
        self.bars.setAccessibleName(tr("What it will do"))
        self.bars.setToolTip(tr("How likely each action is; › marks the one that was taken"))
        self.memories.setAccessibleName(tr("What it remembered"))
        self._remembered.setToolTip(tr("Memories that share most words with this sentence"))
        self._value.set_explanation(
            tr("value: the reward that the agent expects from here on; reward: what this episode has earned so far")
        )
        self.show_recollections(self._recalled, self._names)
        self._update_texts()

    def _update_texts(self) -> None:
        if (frame := self._frame) is None:
            return
        self._instruction.set_full_text(f"“{frame.goal}”" if frame.goal else "")
        parts = [tr("value {value}", value=score(frame.value)), tr("reward {reward}", reward=signed(frame.total))]
        if self._final_score is not None:
            parts.insert(0, tr("score {score}", score=score(self._final_score)))
        self._value.set_full_text(BREAK.join(parts))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Distribute the height again for a new type size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._fit)  # after the labels got the new font

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Distribute the height again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Distribute the height: first to the sentence, then to the likeliest actions, then to memories, if any fit."""
        headings = max(label.sizeHint().height() for label in (self._reads, self._instruction, self._value))
        available = self.height() - 3 * headings - 7 * GAP
        needed = self.words.heightForWidth(self.width())
        words = fit_height(self._words_area, needed, int(available * _MAX_WORDS_SHARE), flow_line())
        free = available - words - memory_row()
        has_memories = free >= self.bars.needed_height(_ROWS)
        for part in (self._remembered, self.memories):
            part.setVisible(has_memories)
        if not has_memories:
            available, free = available + headings, available - words + headings
        left = available - words - self.bars.fit(free)
        self.memories.setFixedHeight(min(max(left // memory_row(), 1), _MAX_MEMORIES) * memory_row())


def _heading(title: QWidget, detail: QWidget) -> QHBoxLayout:
    layout = row(title, detail)
    layout.setStretchFactor(detail, 1)
    return layout
