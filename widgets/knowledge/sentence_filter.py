"""The filter of sentences: by words or meaning, by source and by state."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from widgets.knowledge.model import KnowledgeChoice
from widgets.knowledge.text import source_texts, state_texts
from widgets.style.panel_style import GAP, flat_combo, row
from widgets.style.text_metrics import set_placeholder
from widgets.style.translation import tr

_SEARCH_MS = 150


class KnowledgeFilter(QWidget):
    """A search field with its mode, and combo boxes for source and state.

    Signals:
        changed: the filter has changed.
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
        """Layout for further controls in the second row."""
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
        """The filter, without the similarities of a search by meaning."""
        text, by_meaning = self.search.text().strip(), self.by.currentIndex() == 1
        return KnowledgeChoice(
            words="" if by_meaning else text,
            meaning=text if by_meaning else "",
            source=self.source.currentData() or "",
            state=self.state.currentData() or "",
        )

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        set_placeholder(self.search, tr("Search sentences"))
        self.search.setAccessibleName(tr("Search sentences"))
        _fill(self.by, {"words": tr("by words"), "meaning": tr("by meaning")})
        self.by.setAccessibleName(tr("How to search"))
        self.by.setToolTip(tr("By words: all of them, in any order. By meaning: as the agent recalls, by embeddings"))
        _fill(self.source, {"": tr("any source"), **source_texts()})
        self.source.setAccessibleName(tr("Filter by source"))
        self.source.setToolTip(tr("Show only sentences from there"))
        _fill(self.state, {"": tr("any state"), **state_texts()})
        self.state.setAccessibleName(tr("Filter by state"))
        self.state.setToolTip(tr("Confirmed: confidence above 0.7. Refuted: below a third, or another is believed"))


def _fill(combo: QComboBox, texts: Mapping[str, str]) -> None:
    """Replace a combo box's items; the current index stays."""
    chosen = max(combo.currentIndex(), 0)
    with QSignalBlocker(combo):
        combo.clear()
        for key, text in texts.items():
            combo.addItem(text, key)
        combo.setCurrentIndex(chosen)
