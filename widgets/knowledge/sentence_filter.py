"""What to look for among sentences: words or a meaning, where they are from, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from widgets.knowledge.model import KnowledgeChoice
from widgets.knowledge.text import source_words, state_words
from widgets.style.panel_style import GAP, flat_combo, row
from widgets.style.text_metrics import set_placeholder
from widgets.style.translation import tr

_SEARCH_MS = 150


class KnowledgeFilter(QWidget):
    """A search field with its way of searching, and two lists.

    Signals:
        changed: something else is looked for.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(clearButtonEnabled=True)
        self.by, self.source, self.state = flat_combo(), flat_combo(), flat_combo()
        self._searching = QTimer(self, singleShot=True, interval=_SEARCH_MS)
        self._searching.timeout.connect(self.changed)
        self.search.textChanged.connect(self._searching.start)
        for combo in (self.by, self.source, self.state):
            combo.activated.connect(self.changed)
        self.beside = row(None)
        """Room for what else belongs in the second row."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        searching = row(self.search, self.by)
        searching.setStretchFactor(self.search, 1)
        layout.addLayout(searching)
        lists = row(self.source, self.state)
        lists.addLayout(self.beside, 1)
        layout.addLayout(lists)

    @property
    def choice(self) -> KnowledgeChoice:
        """What is looked for; what is near in meaning is yet to be found."""
        text, means = self.search.text().strip(), self.by.currentIndex() == 1
        return KnowledgeChoice(
            words="" if means else text,
            meaning=text if means else "",
            source=self.source.currentData() or "",
            state=self.state.currentData() or "",
        )

    def retranslate(self) -> None:
        """Write every text again."""
        set_placeholder(self.search, tr("Search sentences"))
        self.search.setAccessibleName(tr("Search sentences"))
        _fill(self.by, {"words": tr("by words"), "meaning": tr("by meaning")})
        self.by.setAccessibleName(tr("How to search"))
        self.by.setToolTip(tr("By words: all of them, in any order. By meaning: as the agent recalls, by embeddings"))
        _fill(self.source, {"": tr("any source"), **source_words()})
        self.source.setAccessibleName(tr("Filter by source"))
        self.source.setToolTip(tr("Show only sentences from there"))
        _fill(self.state, {"": tr("any state"), **state_words()})
        self.state.setAccessibleName(tr("Filter by state"))
        self.state.setToolTip(tr("Confirmed: confidence above 0.7. Refuted: below a third, or another is believed"))


def _fill(combo: QComboBox, texts: Mapping[str, str]) -> None:
    """Write a list's texts again, leaving the choice where it is."""
    chosen = max(combo.currentIndex(), 0)
    with QSignalBlocker(combo):
        combo.clear()
        for key, text in texts.items():
            combo.addItem(text, key)
        combo.setCurrentIndex(chosen)
