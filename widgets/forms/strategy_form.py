"""The settings of a strategy against forgetting, or of a pair."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.config.strategy_pair import StrategyConfig, tables
from widgets.forms.field_titles import Level
from widgets.forms.model_form import ModelForm
from widgets.forms.part_titles import strategy_title


class StrategyForm(QWidget):
    """A form for a strategy; for a pair two forms, each under a title.

    Signals:
        edited: str, object: a path below `strategy`, such as `strength` or `first.strength`, and its new value.
    """

    edited = Signal(str, object)

    def __init__(self, strategy: StrategyConfig, parent: QWidget | None = None, *, level: Level = "expert") -> None:
        super().__init__(parent)
        self._forms: dict[str, ModelForm] = {}
        """Forms by the prefix of their fields' paths."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for table, part in tables(strategy).items():
            if table:
                title = QLabel(strategy_title(part.name), self)
                title.setProperty("strong", True)
                layout.addWidget(title)
            form = ModelForm(part, tuple(key for key in type(part).model_fields if key != "name"), self, level=level)
            form.edited.connect(partial(self._report_edit, table))
            layout.addWidget(form)
            self._forms[table] = form

    def part(self, table: str = "") -> ModelForm:
        """Return the form of a part: `first.` or `second.` of a pair, or the only one."""
        return self._forms[table]

    def show_level(self, level: Level) -> None:
        """Show the settings of this level of detail, and every other one whose value is not the default."""
        for form in self._forms.values():
            form.show_level(level)

    @property
    def hidden(self) -> int:
        """Number of settings that the level of detail hides."""
        return sum(form.hidden for form in self._forms.values())

    @property
    def is_empty(self) -> bool:
        """Whether no setting is shown."""
        return all(form.is_empty for form in self._forms.values())

    def show_model(self, strategy: StrategyConfig) -> None:
        """Show the settings of a strategy of the same kind."""
        for table, part in tables(strategy).items():
            self._forms[table].show_model(part)

    def show_problem(self, path: str, problem: str) -> None:
        """Show a problem below a setting; an empty text clears it."""
        table, dot, field = path.rpartition(".")
        self._forms[table + dot].show_problem(field, problem)

    def _report_edit(self, table: str, field: str, value: object) -> None:
        self.edited.emit(f"{table}{field}", value)
