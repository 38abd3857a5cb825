"""A section of the settings: a heading, a list of kinds, and a form for the fields of the chosen kind."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from agents.config import RunConfig
from agents.config.strategy_pair import parts_of, spelling
from agents.registry import ALGORITHMS, MEMORIES, META, MODELS, STRATEGIES, names
from widgets.forms.choice_editors import Offers
from widgets.forms.field_editors import field_title
from widgets.forms.field_titles import LabelAndLevel, Level, shows
from widgets.forms.model_form import ModelForm
from widgets.forms.part_titles import part_summary, source_text, strategy_title
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.forms.strategy_form import StrategyForm
from widgets.style.translation import tr
from widgets.style.wheel_controls import ComboBox

VARIANTS: Mapping[str, Mapping[type, str]] = {
    "strategy": STRATEGIES,
    "algorithm": ALGORITHMS,
    "meta": META,
    "memory": MEMORIES,
    "model": MODELS,
}
"""Tables of settings with several kinds, which differ in their `name`."""
KINDS: Mapping[str, LabelAndLevel] = {"meta": LabelAndLevel("Meta", "full"), "memory": LabelAndLevel("Memory", "full")}
"""Tables whose list of kinds is hidden at some levels of detail."""
HIDDEN = ("name", "stages")
"""Fields that other panels edit."""


class Section(QWidget):
    """A heading, a description of the settings, and a form.

    Signals:
        edited: dict: dotted paths and their new values.
    """

    edited = Signal(object)

    def __init__(self, key: str, config: RunConfig, parent: QWidget, *, level: Level = "expert") -> None:
        super().__init__(parent)
        self._key, self._level = key, level
        self._offers: Mapping[str, Offers] = {}
        self._title, self._about = QLabel(self), QLabel(self, wordWrap=True)
        self._title.setProperty("strong", True)
        self._about.setProperty("quiet", True)
        self._about.setProperty("small", True)
        self._kind = ComboBox(self)
        self._kind.activated.connect(self._choose_kind)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 12)
        self._layout.setSpacing(6)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._kind)
        self._layout.addLayout(heading)
        self._layout.addWidget(self._about)
        self._kind_problem = QLabel(self, wordWrap=True)
        self._kind_problem.setProperty("problem", True)
        self._kind_problem.hide()
        self._layout.addWidget(self._kind_problem)
        self._second_strategy = self._make_second_strategy()
        self._form = self._make_form(config)
        self._show_heading(config)
        self._reveal()

    def show_config(self, config: RunConfig) -> None:
        """Show this section of `config`."""
        self._show_kind_problem("")
        if self._kinds(config) != self._shown_kinds:
            self._form.hide()  # now: `deleteLater` leaves it visible beside the new one until the event loop runs
            self._form.deleteLater()
            self._form = self._make_form(config)
            self.offer(self._offers)
            self._show_heading(config)
        if isinstance(self._form, StrategyForm):
            self._form.show_model(config.strategy)
        else:
            self._form.show_model(self._model(config))
        self._reveal()

    def offer(self, offers: Mapping[str, Offers]) -> None:
        """Give fields suggestions, by name, in this form and in those of other kinds."""
        self._offers = offers
        if isinstance(self._form, ModelForm):
            for key, known in offers.items():
                self._form.offer(key, known)

    def show_level(self, level: Level) -> None:
        """Show the settings of this level of detail, and every other one whose value is not the default."""
        self._level = level
        self._form.show_level(level)
        self._reveal()

    @property
    def hidden(self) -> int:
        """Number of settings that the level of detail hides."""
        return self._form.hidden + (self._key in KINDS and self.isHidden())

    def _reveal(self) -> None:
        """Hide the section if none of its settings is shown."""
        has_kinds = self._key in VARIANTS and (
            self._key not in KINDS
            or shows(self._level, KINDS[self._key])
            or self._shown_kinds != [type(RunConfig.model_fields[self._key].default)]
        )
        self.setVisible(has_kinds or not self._form.is_empty)

    def show_problem(self, field: str, problem: str) -> None:
        """Show a problem with a field, or with the kind of the settings; an empty text clears it."""
        if field == "name" and self._key in VARIANTS:
            self._show_kind_problem(problem)
        else:
            self._form.show_problem(field, problem)
            self._reveal()

    def _show_kind_problem(self, problem: str) -> None:
        self._kind_problem.setText(problem)
        self._kind_problem.setVisible(bool(problem))
        self._select_kind()

    def _select_kind(self) -> None:
        """Select the kind of the current settings, also after a refused choice."""
        kinds = list(names(VARIANTS[self._key]).values()) if self._key in VARIANTS else []
        if self._shown_kinds[0] in kinds:
            with QSignalBlocker(self._kind):
                self._kind.setCurrentIndex(kinds.index(self._shown_kinds[0]))

    def _model(self, config: RunConfig) -> BaseModel:
        model: BaseModel = getattr(config, self._key) if self._key else config
        return model

    def _make_second_strategy(self) -> SecondStrategyBox | None:
        """Make the choice of a second strategy; None in other sections, which have no pairs."""
        if self._key != "strategy":
            return None
        box, row = SecondStrategyBox(self), QHBoxLayout()
        box.chosen.connect(self.edited)
        label = QLabel(tr("And also"), self)
        label.setBuddy(box)
        row.addWidget(label, 1)
        row.addWidget(box)
        self._layout.addLayout(row)
        return box

    def _kinds(self, config: RunConfig) -> list[type]:
        """Return the class of the settings; for a pair of strategies, both classes."""
        if self._key == "strategy":
            return [type(part) for part in parts_of(config.strategy)]
        return [type(self._model(config))]

    def _make_form(self, config: RunConfig) -> ModelForm | StrategyForm:
        self._shown_kinds, model = self._kinds(config), self._model(config)
        fields = type(model).model_fields
        plain = tuple(key for key in fields if key not in HIDDEN and not isinstance(getattr(model, key), BaseModel))
        form: ModelForm | StrategyForm
        if self._key == "strategy":
            form = StrategyForm(config.strategy, self, level=self._level)
        else:
            form = ModelForm(model, plain, self, level=self._level)
        form.edited.connect(self._report_edit)
        self._layout.addWidget(form)
        return form

    def _show_heading(self, config: RunConfig) -> None:
        model = self._model(config)
        self._title.setText(field_title(self._key) if self._key else tr("Run"))
        summary, source = self._summary(config), source_text(type(model))
        self._about.setText(summary or source)
        self._about.setToolTip("\n".join(map(source_text, self._shown_kinds)) if summary else "")
        kinds = names(VARIANTS[self._key]) if self._key in VARIANTS else {}
        self._kind.setVisible(bool(kinds))
        with QSignalBlocker(self._kind):
            self._kind.clear()
            for name in kinds:
                self._kind.addItem(strategy_title(name), name)
        self._select_kind()
        if self._second_strategy is not None:
            self._second_strategy.show_strategy(config.strategy)
        self._kind.setAccessibleName(self._title.text())

    def _summary(self, config: RunConfig) -> str:
        """Return what the kind of the settings does in a plain sentence; empty for a table with a single kind."""
        if self._key == "strategy":
            return part_summary(spelling(config.strategy))
        return part_summary(getattr(self._model(config), "name", "")) if self._key in VARIANTS else ""

    def _choose_kind(self) -> None:
        self.edited.emit({f"{self._key}.name": self._kind.currentData()})

    def _report_edit(self, field: str, value: object) -> None:
        self.edited.emit({f"{self._key}.{field}" if self._key else field: value})
