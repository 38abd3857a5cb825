"""The dialog to fork a run: step, strategy, remaining curriculum and name of the fork."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from agents.config import RunConfig
from agents.config.strategy_pair import choice, conflict, parts_of, spelling, tables
from agents.registry import STRATEGIES, names
from widgets.forms.error_text import validation_error_text
from widgets.forms.number_fields import WholeField
from widgets.forms.part_titles import strategy_title
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.forms.strategy_form import StrategyForm
from widgets.plots.run_names import FORKED
from widgets.style.scroll_areas import fit_window
from widgets.style.text_metrics import scaled, set_placeholder
from widgets.style.translation import tr
from widgets.style.wheel_controls import ComboBox

WIDTH = 460


@dataclass(frozen=True, slots=True)
class Parting:
    """The run that is to be forked."""

    name: str
    step: int
    """The suggested step of the fork."""
    last: int
    """The run's last step."""
    config: RunConfig
    """The run's settings at that step."""
    replanned: bool = False
    """Whether the timeline's plan differs from the run's remaining curriculum."""
    is_live: bool = False
    """Whether an active run has to be stopped first."""
    is_done: bool = False
    """Whether the run has finished, so that it cannot be forked at its end."""


class ForkDialog(QDialog):
    """Asks for `step`, `changes`, `takes_plan` and `name` of a fork; `exec` returns whether the user confirms."""

    def __init__(self, parting: Parting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Fork ‘{run}’", run=parting.name))
        self._parting = parting
        self._config = parting.config
        self._step = WholeField(0, parting.last, self)
        self._step.setSingleStep(1_000)
        self._step.show_number(parting.step)
        self._fault = QLabel(self, wordWrap=True)
        self._fault.setProperty("problem", True)
        self._fault.hide()
        self._step.problem_changed.connect(self._judge)
        self._strategy = ComboBox(self)
        for key in names(STRATEGIES):
            self._strategy.addItem(strategy_title(key), key)
        self._strategy.setCurrentIndex(self._strategy.findData(parts_of(self._config.strategy)[0].name))
        self._strategy.currentIndexChanged.connect(self._choose)
        self._companion = SecondStrategyBox(self)
        self._companion.chosen.connect(self._take)
        self._plan = QCheckBox(tr("the rest of the curriculum as it is on the timeline now"), self)
        self._plan.setChecked(parting.replanned)
        self._plan.setVisible(parting.replanned)
        self._plan.toggled.connect(self._judge)
        self._name = QLineEdit(self)
        self._name.setMaxLength(200)
        self._form: StrategyForm | None = None
        self._column, self._holder = QVBoxLayout(self), QVBoxLayout()
        self._lay_out()
        self._rebuild()
        self._step.valueChanged.connect(self._suggest)
        self._suggest()

    @property
    def step(self) -> int:
        """The step of the fork."""
        return self._step.value()

    @property
    def changes(self) -> dict[str, Any]:
        """The changed settings, by dotted path; empty if nothing changes."""
        before, now = self._parting.config.strategy, self._config.strategy
        if spelling(now) != spelling(before):
            return choice(*parts_of(now))
        return {
            f"strategy.{table}{key}": value
            for (table, part), original in zip(tables(now).items(), parts_of(before), strict=True)
            for key, value in part
            if getattr(original, key) != value
        }

    @property
    def takes_plan(self) -> bool:
        """Whether the fork continues with the timeline's plan."""
        return self._parting.replanned and self._plan.isChecked()

    @property
    def name(self) -> str:
        """Name of the fork."""
        return self._name.text().strip() or self._name.placeholderText()

    def accept(self) -> None:
        """Close the dialog, unless the entered step is invalid."""
        self._judge()
        if self._problem():
            self._step.setFocus()
        else:
            super().accept()

    def _problem(self) -> str:
        """Return why the run cannot be forked at the entered step; empty if it can."""
        if problem := self._step.problem():
            return problem
        ends = self._parting.is_done and self.step >= self._parting.last and not self.takes_plan
        return tr("This run is finished: after its end nothing would follow. Choose an earlier step.") if ends else ""

    def _judge(self) -> None:
        problem = self._problem()
        self._fault.setText(problem)
        self._fault.setVisible(bool(problem))

    def _lay_out(self) -> None:
        column, rows = self._column, QFormLayout()
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._explanation())
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(8)
        for text, editor in (
            (tr("Fork at step"), self._step),
            (tr("Strategy from then on"), self._strategy),
            (tr("And also"), self._companion),
            (tr("Name of the new run"), self._name),
        ):
            rows.addRow(text, editor)
            editor.setAccessibleName(text)
            if editor is self._step:
                rows.addRow("", self._fault)
        column.addLayout(rows)
        column.addLayout(self._holder)
        column.addWidget(self._plan)
        column.addStretch(1)
        buttons = QDialogButtonBox(self)
        fork = buttons.addButton(tr("Fork"), QDialogButtonBox.ButtonRole.AcceptRole)
        fork.setDefault(True)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.setMinimumWidth(scaled(WIDTH))

    def _explanation(self) -> QLabel:
        text = tr("A new run that repeats this one exactly up to that step, and differs from there on.")
        if self._parting.is_live:
            text += " " + tr("The active run is stopped first; you can resume it later.")
        label = QLabel(text, self, wordWrap=True)
        label.setProperty("quiet", True)
        return label

    def _choose(self) -> None:
        name = self._strategy.currentData()
        companions = [other for other in parts_of(self._config.strategy)[1:] if conflict(name, other.name) is None]
        self._take(choice(names(STRATEGIES)[name](), *companions))

    def _take(self, changes: dict[str, Any]) -> None:
        """Use another strategy; the run's own strategy is used with the run's settings."""
        self._config = self._parting.config.changed(changes)
        if spelling(self._config.strategy) == spelling(self._parting.config.strategy):
            self._config = self._parting.config
        self._rebuild()
        self._suggest()

    def _rebuild(self) -> None:
        if self._form is not None:
            self._holder.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._companion.show_strategy(self._config.strategy)
        self._form = StrategyForm(self._config.strategy, self)
        self._form.edited.connect(self._set)
        self._holder.addWidget(self._form)
        # a layout ignores hidden widgets
        self._form.show()
        self._column.activate()
        fit_window(self)

    def _set(self, field: str, value: object) -> None:
        assert self._form is not None, "edits come from the form"
        try:
            self._config = self._config.changed({f"strategy.{field}": value})
        except ValidationError as error:
            self._form.show_problem(field, validation_error_text(error))
        else:
            self._form.show_model(self._config.strategy)
            self._suggest()

    def _suggest(self) -> None:
        """Suggest a name with the step and the new strategy."""
        self._judge()
        other = strategy_title(spelling(self._config.strategy)) if self.changes else ""
        step = f"{self.step:,}"
        name = tr(FORKED, run=self._parting.name, step=step)
        set_placeholder(self._name, f"{name}, {other}" if other else name)
