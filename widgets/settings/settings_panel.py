"""Every setting of the next run, on one page; what a live run can change, it changes at once."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QScrollArea, QToolButton, QVBoxLayout, QWidget

from agents.config import RunConfig
from agents.config.agent import AnyModelConfig, PretrainedConfig
from agents.config.config_file import dump
from agents.config.repair import repaired
from agents.models import ModelFacts
from agents.models.catalogue import ModelChoice
from widgets.forms.choice_editors import Offers
from widgets.forms.error_text import fault_words
from widgets.forms.field_titles import LEVELS, Level, hidden_words
from widgets.panel import Panel
from widgets.requests import ConfigChanged, ExamineModel, ListModels
from widgets.scene import Scene
from widgets.settings.config_section import VARIANTS, Section
from widgets.style.icons import icon
from widgets.style.panel_style import flat_combo, quiet_label, relabel
from widgets.style.translation import tr

ORDER = (
    *("", "strategy", "algorithm", "meta", "learning", "evaluation"),
    *("memory", "knowledge", "instructions", "model", "checkpoint"),
)
"""The sections from top to bottom; the first holds what belongs to no table."""
LIVE = ("strategy", "algorithm", "learning", "evaluation")
"""Sections that a run takes while it goes on."""


class SettingsPanel(Panel):
    """All settings, by section. A value that can't be used is explained under it and changes nothing.

    Signals:
        level_chosen: str: a person chose how much is shown, one of `LEVELS`.
    """

    level_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config, self._live = RunConfig(), False
        self._sections: dict[str, Section] = {}
        self._sources: Offers = ()
        self._layers: dict[str, Offers] = {}
        """Layers of each pretrained model that was looked at, by its source."""
        self._has_listed = False
        self._level: Level = "simple"
        self._detail = flat_combo()
        self._detail.setParent(self)
        self._detail.addItems([""] * len(LEVELS))
        self._detail.activated.connect(self._choose_level)
        self._hidden = quiet_label(wraps=True)
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
        layout.addWidget(self._hidden)
        self.retranslate()
        self.restyle()

    def header_widgets(self) -> list[QWidget]:
        """How much is shown, copy, and back to the defaults."""
        return [self._detail, self._copy, self._defaults]

    def subtitle(self) -> str:
        """What can be changed now."""
        return tr("what is greyed out waits for the next run") if self._live else tr("of the next run")

    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self._config = config
        for section in self._sections.values():
            section.show_config(config)
        self._say_hidden()
        self._look_up()

    def show_choices(self, choices: tuple[ModelChoice, ...]) -> None:
        """Let the source be picked among the pretrained models that there are."""
        models = ((choice.title, choice.model) for choice in choices)
        self._sources = [(title, model.source) for title, model in models if isinstance(model, PretrainedConfig)]
        self._offer()

    def show_facts(self, model: AnyModelConfig, facts: ModelFacts) -> None:
        """Let the layers that get an adapter be picked among those that the model has."""
        if isinstance(model, PretrainedConfig):
            self._layers[model.source] = [(name, name) for name in facts.linear]
            self._offer()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look up what there is to pick."""
        super().showEvent(event)
        self._look_up()

    def _look_up(self) -> None:
        """Ask which models there are, and which layers the chosen one has, where that is not known yet."""
        model = self._config.model
        if not isinstance(model, PretrainedConfig) or not self.isVisible():
            return
        if not self._has_listed:
            self._has_listed = True
            self.requested.emit(ListModels())
        if model.source and model.source not in self._layers:
            self._layers[model.source] = ()
            self.requested.emit(ExamineModel(model))
        self._offer()

    def _offer(self) -> None:
        model = self._config.model
        source = model.source if isinstance(model, PretrainedConfig) else ""
        self._sections["model"].offer({"source": self._sources, "target_modules": self._layers.get(source, ())})

    def show_level(self, level: Level) -> None:
        """Show the settings of this level of detail, and every other one that is not as by default."""
        self._level = level
        self._detail.setCurrentIndex(list(LEVELS).index(level))
        for section in self._sections.values():
            section.show_level(level)
        self._say_hidden()

    def _choose_level(self, place: int) -> None:
        self.show_level(list(LEVELS)[place])
        self.level_chosen.emit(self._level)

    def _say_hidden(self) -> None:
        count = sum(section.hidden for section in self._sections.values())
        self._hidden.setText(hidden_words(count, self._level))
        self._hidden.setVisible(count > 0)

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
        relabel(self._detail, [tr(name) for name in LEVELS.values()])
        self._detail.setAccessibleName(tr("Level of detail"))
        self._detail.setToolTip(tr("How many settings are shown. One that is not as by default is always shown."))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 10, 0)
        self._sections = {key: Section(key, self._config, content, level=self._level) for key in ORDER}
        for key, section in self._sections.items():
            section.edited.connect(self._try)
            section.setEnabled(key in LIVE or not self._live)
            column.addWidget(section)
        column.addStretch(1)
        self._offer()
        self._area.setWidget(content)
        self._say_hidden()

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme."""
        self._copy.setIcon(icon("ph.copy"))
        self._defaults.setIcon(icon("ph.arrow-counter-clockwise"))

    def _try(self, changes: dict[str, Any]) -> None:
        try:
            # a run that goes on can't change its other parts to make one fit
            config, changes = (
                (self._config.changed(changes), changes) if self._live else repaired(self._config, changes)
            )
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
