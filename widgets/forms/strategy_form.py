"""The settings of a strategy against forgetting, or of two that are combined."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.config.strategy_pair import StrategyConfig, tables
from widgets.forms.field_titles import Level
from widgets.forms.model_form import ModelForm
from widgets.forms.part_titles import strategy_title


class StrategyForm(QWidget):
    """A form for the strategy; for a pair, one below the other, each under its name.

    Signals:
        edited: str, object: a path below `strategy`, such as `strength` or `first.strength`, and its new value.
    """

    edited = Signal(str, object)

    def __init__(self, strategy: StrategyConfig, parent: QWidget | None = None, *, level: Level = "expert") -> None:
        super().__init__(parent)
        self._forms: dict[str, ModelForm] = {}
        """By what their fields' paths begin with."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for table, part in tables(strategy).items():
            if table:
                title = QLabel(strategy_title(part.name), self)
                title.setProperty("strong", True)
                layout.addWidget(title)
            form = ModelForm(part, tuple(key for key in type(part).model_fields if key != "name"), self, level=level)
            form.edited.connect(partial(self._tell, table))
            layout.addWidget(form)
            self._forms[table] = form

    def part(self, table: str = "") -> ModelForm:
        """Return the form of a part: `first.` or `second.` of a pair, or the only one."""
        return self._forms[table]

    def show_level(self, level: Level) -> None:
        """Show the settings of this level of detail, and every other one that is not as by default."""
        for form in self._forms.values():
            form.show_level(level)

    @property
    def hidden(self) -> int:
        """How many settings the level of detail leaves out."""
        return sum(form.hidden for form in self._forms.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown."""
        return all(form.is_empty for form in self._forms.values())

    def show_model(self, strategy: StrategyConfig) -> None:
        """Show the settings of a strategy of the same kind."""
        for table, part in tables(strategy).items():
            self._forms[table].show_model(part)

    def blame(self, path: str, problem: str) -> None:
        """Say what is wrong with the value of a setting; an empty text takes it back."""
        table, dot, field = path.rpartition(".")
        self._forms[table + dot].blame(field, problem)

    def _tell(self, table: str, field: str, value: object) -> None:
        self.edited.emit(f"{table}{field}", value)
