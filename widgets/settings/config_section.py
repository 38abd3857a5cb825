"""One part of a run's settings as a form: a heading, which kind it is of, and its fields."""

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
from widgets.forms.field_titles import FieldWords, Level, shows
from widgets.forms.model_form import ModelForm
from widgets.forms.part_titles import part_says, source_words, strategy_title
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
"""Tables of settings that come in several kinds, told apart by their name."""
KINDS: Mapping[str, FieldWords] = {"meta": FieldWords("Meta", "full"), "memory": FieldWords("Memory", "full")}
"""Tables whose kind not every level of detail shows."""
HIDDEN = ("name", "stages")
"""What the curriculum's own panel edits."""


class Section(QWidget):
    """A heading, what the settings are for, and a form.

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
        self._kind.activated.connect(self._switch)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 12)
        self._layout.setSpacing(6)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._kind)
        self._layout.addLayout(heading)
        self._layout.addWidget(self._about)
        self._unfit = QLabel(self, wordWrap=True)
        self._unfit.setProperty("problem", True)
        self._unfit.hide()
        self._layout.addWidget(self._unfit)
        self._companion = self._make_companion()
        self._form = self._make_form(config)
        self._head(config)
        self._reveal()

    def show_config(self, config: RunConfig) -> None:
        """Show this section of `config`."""
        self._blame_kind("")
        if self._kinds(config) != self._of:
            self._form.hide()  # at once: what is deleted later would stand beside the new one until then
            self._form.deleteLater()
            self._form = self._make_form(config)
            self.offer(self._offers)
            self._head(config)
        if isinstance(self._form, StrategyForm):
            self._form.show_model(config.strategy)
        else:
            self._form.show_model(self._model(config))
        self._reveal()

    def offer(self, offers: Mapping[str, Offers]) -> None:
        """Let fields be picked from what there is, by their names, in this form and those of other kinds."""
        self._offers = offers
        if isinstance(self._form, ModelForm):
            for key, known in offers.items():
                self._form.offer(key, known)

    def show_level(self, level: Level) -> None:
        """Show the settings of this level of detail, and what is not as by default."""
        self._level = level
        self._form.show_level(level)
        self._reveal()

    @property
    def hidden(self) -> int:
        """How many settings the level of detail leaves out."""
        return self._form.hidden + (self._key in KINDS and self.isHidden())

    def _reveal(self) -> None:
        """Hide the section where nothing of it is shown."""
        chooses = self._key in VARIANTS and (
            self._key not in KINDS
            or shows(self._level, KINDS[self._key])
            or self._of != [type(RunConfig.model_fields[self._key].default)]
        )
        self.setVisible(chooses or not self._form.is_empty)

    def blame(self, field: str, problem: str) -> None:
        """Say what is wrong with a field, or with the kind of the settings."""
        if field == "name" and self._key in VARIANTS:
            self._blame_kind(problem)
        else:
            self._form.blame(field, problem)
            self._reveal()

    def _blame_kind(self, problem: str) -> None:
        self._unfit.setText(problem)
        self._unfit.setVisible(bool(problem))
        self._point_at_kind()

    def _point_at_kind(self) -> None:
        """Let the list of kinds say what the settings are, whatever was tried."""
        kinds = list(names(VARIANTS[self._key]).values()) if self._key in VARIANTS else []
        if self._of[0] in kinds:
            with QSignalBlocker(self._kind):
                self._kind.setCurrentIndex(kinds.index(self._of[0]))

    def _model(self, config: RunConfig) -> BaseModel:
        model: BaseModel = getattr(config, self._key) if self._key else config
        return model

    def _make_companion(self) -> SecondStrategyBox | None:
        """Let a second strategy be chosen beside the first; nothing else comes in pairs."""
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
        """Return what a form is made for: the kind of the settings, of both where two strategies are combined."""
        if self._key == "strategy":
            return [type(part) for part in parts_of(config.strategy)]
        return [type(self._model(config))]

    def _make_form(self, config: RunConfig) -> ModelForm | StrategyForm:
        self._of, model = self._kinds(config), self._model(config)
        fields = type(model).model_fields
        plain = tuple(key for key in fields if key not in HIDDEN and not isinstance(getattr(model, key), BaseModel))
        form: ModelForm | StrategyForm
        if self._key == "strategy":
            form = StrategyForm(config.strategy, self, level=self._level)
        else:
            form = ModelForm(model, plain, self, level=self._level)
        form.edited.connect(self._tell)
        self._layout.addWidget(form)
        return form

    def _head(self, config: RunConfig) -> None:
        model = self._model(config)
        self._title.setText(field_title(self._key) if self._key else tr("Run"))
        said, source = self._says(config), source_words(type(model))
        self._about.setText(said or source)
        self._about.setToolTip("\n".join(map(source_words, self._of)) if said else "")
        kinds = names(VARIANTS[self._key]) if self._key in VARIANTS else {}
        self._kind.setVisible(bool(kinds))
        with QSignalBlocker(self._kind):
            self._kind.clear()
            for name in kinds:
                self._kind.addItem(strategy_title(name), name)
        self._point_at_kind()
        if self._companion is not None:
            self._companion.show_strategy(config.strategy)
        self._kind.setAccessibleName(self._title.text())

    def _says(self, config: RunConfig) -> str:
        """Say plainly what the kind of the settings does; empty where they come in one kind only."""
        if self._key == "strategy":
            return part_says(spelling(config.strategy))
        return part_says(getattr(self._model(config), "name", "")) if self._key in VARIANTS else ""

    def _switch(self) -> None:
        self.edited.emit({f"{self._key}.name": self._kind.currentData()})

    def _tell(self, field: str, value: object) -> None:
        self.edited.emit({f"{self._key}.{field}" if self._key else field: value})
