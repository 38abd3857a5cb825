"""The facts about a model that are known before it is loaded, and why it can't be used, if so."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from agents.models import ModelFacts, ModelWarning
from agents.models.descriptions import ModelFact, describe
from widgets.style.panel_style import GAP
from widgets.style.translation import tr


class ModelSheet(QWidget):
    """A table of the facts about a model."""

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
        """Show facts; None while they are being looked up."""
        self.name.setText(title)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()  # else a pending show event would open it as a window once it has no parent
                widget.setParent(None)  # now: `deleteLater` leaves it beside the new ones until the event loop runs
                widget.deleteLater()
        if facts is None:
            self._show_problem(None, None)
            self._grid.addWidget(_quiet(tr("Looking it up…")), 0, 0, 1, 2)
            return
        self._show_problem(facts.problem, facts.warning)
        for row, fact in enumerate(describe(facts)):
            self._add(row, fact)

    def _show_problem(self, problem: ModelWarning | None, warning: ModelWarning | None) -> None:
        """Show why the model can't be used, else a warning about it."""
        if problem is not None:
            self.problem.setText(tr("Can't be used: {reason}", reason=warning_text(problem)))
        elif warning is not None:
            self.problem.setText(warning_text(warning))
        self.problem.setVisible(problem is not None or warning is not None)

    def _add(self, row: int, fact: ModelFact) -> None:
        title, value = _quiet(tr(fact.title)), QLabel(_breakable(fact_text(fact)), wordWrap=True)
        value.setAccessibleName(f"{tr(fact.title)}: {fact_text(fact)}")
        for label in (title, value):
            label.setToolTip(tr(fact.tip) if fact.tip else fact_text(fact))
        self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)


def fact_text(fact: ModelFact) -> str:
    """Return the translated text of a fact."""
    return tr(fact.text, **fact.arguments)


def warning_text(warning: ModelWarning) -> str:
    """Return the translated text of a warning."""
    return tr(warning.text, **warning.arguments)


def _breakable(text: str) -> str:
    """Insert zero-width spaces where a long path or word may wrap."""
    return re.sub(r"([/\\_.-]|\w{20})", "\\1\u200b", text)


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("quiet", True)
    return label
