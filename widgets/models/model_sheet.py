"""What is known of one model before it is loaded, a line each, and why it can't be used if it can't."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from agents.models import ModelFacts, ModelWarning
from agents.models.descriptions import ModelFact, describe
from widgets.style.panel_style import GAP
from widgets.style.translation import tr


class ModelSheet(QWidget):
    """The facts about a model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLabel(wordWrap=True)
        self.name.setProperty("strong", True)
        self.problem = QLabel(wordWrap=True)
        self.problem.setProperty("problem", True)
        self.problem.hide()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(3 * GAP)
        self._grid.setVerticalSpacing(GAP)
        self._grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GAP)
        layout.addWidget(self.name)
        layout.addWidget(self.problem)
        layout.addLayout(self._grid)

    def show_facts(self, title: str, facts: ModelFacts | None) -> None:
        """Show these facts; None: they are being looked up."""
        self.name.setText(title)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()  # or Qt, which shows what was just laid out a moment later, makes a window of it
                widget.setParent(None)  # at once: what is deleted later would stand beside the new ones until then
                widget.deleteLater()
        if facts is None:
            self._say(None, None)
            self._grid.addWidget(_quiet(tr("Looking it up…")), 0, 0, 1, 2)
            return
        self._say(facts.problem, facts.warning)
        for row, fact in enumerate(describe(facts)):
            self._add(row, fact)

    def _say(self, problem: ModelWarning | None, warning: ModelWarning | None) -> None:
        """Show what speaks against it, or what to think of."""
        if problem is not None:
            self.problem.setText(tr("Can't be used: {reason}", reason=remark_words(problem)))
        elif warning is not None:
            self.problem.setText(remark_words(warning))
        self.problem.setVisible(problem is not None or warning is not None)

    def _add(self, row: int, fact: ModelFact) -> None:
        title, value = _quiet(tr(fact.title)), QLabel(_breakable(fact_words(fact)), wordWrap=True)
        value.setAccessibleName(f"{tr(fact.title)}: {fact_words(fact)}")
        for label in (title, value):
            label.setToolTip(tr(fact.tip) if fact.tip else fact_words(fact))
        self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)


def fact_words(fact: ModelFact) -> str:
    """Return a fact in the language now chosen."""
    return tr(fact.text, **fact.arguments)


def remark_words(remark: ModelWarning) -> str:
    """Return a remark in the language now chosen."""
    return tr(remark.text, **remark.arguments)


def _breakable(text: str) -> str:
    """Let a long path wrap where a part of it ends, and what is longer than a line anywhere."""
    return re.sub(r"([/\\_.-]|\w{20})", "\\1\u200b", text)


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("quiet", True)
    return label
