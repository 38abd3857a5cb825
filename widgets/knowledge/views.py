"""The four views of an agent's knowledge: table, map, contradictions, and counts over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QToolButton, QWidget

from agents.events import KnowledgeEntry
from widgets.knowledge.contradictions import ContradictionList
from widgets.knowledge.curves import KnowledgeCurves
from widgets.knowledge.sentence_map import KnowledgeMap
from widgets.knowledge.table import KnowledgeTable
from widgets.style.icons import icon
from widgets.style.translation import tr

VIEWS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "table": ("ph.list-bullets", lambda: tr("Table of sentences")),
    "map": ("ph.map-trifold", lambda: tr("Map of what is known")),
    "pairs": ("ph.scales", lambda: tr("Contradictions")),
    "curves": ("ph.chart-line", lambda: tr("What was known over the run")),
}
"""Icon and title of every page, by key, in the order of the pages."""


class KnowledgeViews(QStackedWidget):
    """A stack of the four views; the buttons in `switch` select one.

    Signals:
        turned: another view is shown.
        picked: the selection or the current sentence has changed.
        erase_pressed: the Delete key was pressed.
    """

    turned = Signal()
    picked = Signal()
    erase_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self.map, self.pairs, self.curves = (
            KnowledgeTable(),
            KnowledgeMap(),
            ContradictionList(),
            KnowledgeCurves(),
        )
        for page in (self.table, self.map, self.pairs, self.curves):
            self.addWidget(page)
        for table in (self.table, self.pairs):
            table.picked.connect(self.picked)
            table.erase_pressed.connect(self.erase_pressed)
        self.map.picked.connect(self.table.choose)
        self.switch = QHBoxLayout()
        self.switch.setSpacing(0)
        self._group = QButtonGroup(self)
        for index in range(len(VIEWS)):
            button = QToolButton()
            button.setCheckable(True)
            button.setChecked(index == 0)
            button.setProperty("flat", True)
            button.setIconSize(QSize(16, 16))
            self._group.addButton(button, index)
            self.switch.addWidget(button)
        self._group.idClicked.connect(self._turn)

    @property
    def key(self) -> str:
        """Key of the visible view."""
        return list(VIEWS)[self.currentIndex()]

    @property
    def chosen(self) -> list[KnowledgeEntry]:
        """The selected sentences; of a contradiction, the refuted one."""
        if self.key == "pairs":
            return [pair.refuted for pair in self.pairs.chosen]
        return self.table.chosen

    @property
    def current(self) -> KnowledgeEntry | None:
        """The sentence whose details are shown."""
        if self.key != "pairs":
            return self.table.current
        pair = self.pairs.current
        return None if pair is None else pair.refuted

    def turn(self, key: str) -> None:
        """Show a view."""
        self._group.buttons()[list(VIEWS).index(key)].click()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        for button, (_, name) in zip(self._group.buttons(), VIEWS.values(), strict=True):
            button.setAccessibleName(name())
            button.setToolTip(name())
        self.table.setAccessibleName(tr("Sentences"))
        self.pairs.setAccessibleName(tr("Contradictions"))
        self.map.retranslate()
        self.curves.retranslate()

    def restyle(self) -> None:
        """Apply the theme's colours."""
        for button, (name, _) in zip(self._group.buttons(), VIEWS.values(), strict=True):
            button.setIcon(icon(name))
        self.map.restyle()
        self.curves.restyle()

    def _turn(self, index: int) -> None:
        self.setCurrentIndex(index)
        self.turned.emit()
