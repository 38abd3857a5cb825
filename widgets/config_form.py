"""Every setting of the next run, on one page; what a live run can change, it changes at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from agents.config import RunConfig
from agents.config_file import dump
from agents.misfit import fitted
from agents.registry import ALGORITHMS, MEMORIES, META, MODELS, STRATEGIES, names
from agents.strategy_pair import parts_of
from widgets.companion_box import CompanionBox
from widgets.controls import ComboBox
from widgets.fault_words import fault_words
from widgets.field_editors import field_title
from widgets.icons import icon
from widgets.model_form import ModelForm
from widgets.panel import Panel
from widgets.part_titles import strategy_title
from widgets.requests import ConfigChanged
from widgets.scene import Scene
from widgets.strategy_form import StrategyForm
from widgets.words import tr

VARIANTS: Mapping[str, Mapping[type, str]] = {
    "strategy": STRATEGIES,
    "algorithm": ALGORITHMS,
    "meta": META,
    "memory": MEMORIES,
    "model": MODELS,
}
"""Tables of settings that come in several kinds, told apart by their name."""
ORDER = (
    *("", "strategy", "algorithm", "meta", "learning", "evaluation"),
    *("memory", "knowledge", "instructions", "model", "checkpoint"),
)
"""The sections from top to bottom; the first holds what belongs to no table."""
LIVE = ("strategy", "algorithm", "learning", "evaluation")
"""Sections that a run takes while it goes on."""
HIDDEN = ("name", "stages")
"""What the curriculum's own panel edits."""


class Section(QWidget):
    """A heading, what the settings are for, and a form.

    Signals:
        edited: dict: dotted paths and their new values.
    """

    edited = Signal(object)

    def __init__(self, key: str, config: RunConfig, parent: QWidget) -> None:
        super().__init__(parent)
        self._key = key
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

    def show_config(self, config: RunConfig) -> None:
        """Show this section of `config`."""
        self._blame_kind("")
        if self._kinds(config) != self._of:
            self._form.hide()  # at once: what is deleted later would stand beside the new one until then
            self._form.deleteLater()
            self._form = self._make_form(config)
            self._head(config)
        if isinstance(self._form, StrategyForm):
            self._form.show_model(config.strategy)
        else:
            self._form.show_model(self._model(config))

    def blame(self, field: str, problem: str) -> None:
        """Say what is wrong with a field, or with the kind of the settings."""
        if field == "name" and self._key in VARIANTS:
            self._blame_kind(problem)
        else:
            self._form.blame(field, problem)

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

    def _make_companion(self) -> CompanionBox | None:
        """Let a second strategy be chosen beside the first; nothing else comes in pairs."""
        if self._key != "strategy":
            return None
        box, row = CompanionBox(self), QHBoxLayout()
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
        form = StrategyForm(config.strategy, self) if self._key == "strategy" else ModelForm(model, plain, self)
        form.edited.connect(self._tell)
        self._layout.addWidget(form)
        return form

    def _head(self, config: RunConfig) -> None:
        model = self._model(config)
        self._title.setText(field_title(self._key) if self._key else tr("Run"))
        self._about.setText(tr((type(model).__doc__ or "").strip().splitlines()[0]))
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

    def _switch(self) -> None:
        self.edited.emit({f"{self._key}.name": self._kind.currentData()})

    def _tell(self, field: str, value: object) -> None:
        self.edited.emit({f"{self._key}.{field}" if self._key else field: value})


class ConfigForm(Panel):
    """All settings, by section. A value that can't be used is explained under it and changes nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config, self._live = RunConfig(), False
        self._sections: dict[str, Section] = {}
        self._copy, self._defaults = QToolButton(self), QToolButton(self)
        for button in (self._copy, self._defaults):
            button.setProperty("flat", True)
        self._copy.clicked.connect(self._copy_toml)
        self._defaults.clicked.connect(self._reset)
        self._area = QScrollArea(self, widgetResizable=True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 0, 4, 8)
        layout.addWidget(self._area)
        self.retranslate()
        self.restyle()

    def header_widgets(self) -> list[QWidget]:
        """Copy, and back to the defaults."""
        return [self._copy, self._defaults]

    def subtitle(self) -> str:
        """What can be changed now."""
        return tr("what is greyed out waits for the next run") if self._live else tr("of the next run")

    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self._config = config
        for section in self._sections.values():
            section.show_config(config)

    def draw(self, scene: Scene) -> None:
        """Grey out what a run that goes on can't change."""
        self._live = scene.state in ("preparing", "running", "paused")
        self._defaults.setEnabled(not self._live)  # most of them a run that goes on can't take
        for key, section in self._sections.items():
            section.setEnabled(key in LIVE or not self._live)

    def retranslate(self) -> None:
        """Write every text again."""
        for button, said in ((self._copy, tr("Copy as TOML")), (self._defaults, tr("Back to the defaults"))):
            button.setToolTip(said)
            button.setAccessibleName(said)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 10, 0)
        self._sections = {key: Section(key, self._config, content) for key in ORDER}
        for key, section in self._sections.items():
            section.edited.connect(self._try)
            section.setEnabled(key in LIVE or not self._live)
            column.addWidget(section)
        column.addStretch(1)
        self._area.setWidget(content)

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme."""
        self._copy.setIcon(icon("ph.copy"))
        self._defaults.setIcon(icon("ph.arrow-counter-clockwise"))

    def _try(self, changes: dict[str, Any]) -> None:
        try:
            # a run that goes on can't change its other parts to make one fit
            config, changes = (self._config.changed(changes), changes) if self._live else fitted(self._config, changes)
        except ValidationError as error:
            table, dot, field = next(iter(changes)).partition(".")
            self._sections[table if dot else ""].blame(field or table, fault_words(error))
            return
        self.show_config(config)
        self.requested.emit(ConfigChanged(config, changes))

    def _copy_toml(self) -> None:
        QGuiApplication.clipboard().setText(dump(self._config))

    def _reset(self) -> None:
        changes = {f"{key}.name": RunConfig.model_fields[key].default.name for key in VARIANTS}
        defaults = RunConfig(name=self._config.name, seed=self._config.seed)
        self.show_config(defaults)
        self.requested.emit(ConfigChanged(defaults, changes))
