"""Every setting of the next run, on one page; those that a live run can change take effect at once."""

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
from widgets.forms.error_text import validation_error_text
from widgets.forms.field_titles import LEVELS, Level, hidden_settings_text
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
"""Sections from top to bottom; the first has the fields outside of tables."""
LIVE = ("strategy", "algorithm", "learning", "evaluation")
"""Sections whose changes a live run takes."""


class SettingsPanel(Panel):
    """All settings, by section. An invalid value is explained below its field and changes nothing.

    Signals:
        level_chosen: str: a person chose a level of detail, one of `LEVELS`.
    """

    level_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config, self._is_live = RunConfig(), False
        self._sections: dict[str, Section] = {}
        self._sources: Offers = ()
        self._layers: dict[str, Offers] = {}
        """Layers of each examined pretrained model, by source."""
        self._has_requested_models = False
        self._level: Level = "simple"
        self._level_box = flat_combo()
        self._level_box.setParent(self)
        self._level_box.addItems([""] * len(LEVELS))
        self._level_box.activated.connect(self._choose_level)
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
        """Return the level of detail, and the buttons to copy and to reset the settings."""
        return [self._level_box, self._copy, self._defaults]

    def subtitle(self) -> str:
        """Return which settings can be changed now."""
        return tr("greyed-out settings wait for the next run") if self._is_live else tr("of the next run")

    def show_config(self, config: RunConfig) -> None:
        """Show these settings."""
        self._config = config
        for section in self._sections.values():
            section.show_config(config)
        self._count_hidden()
        self._request_suggestions()

    def show_choices(self, choices: tuple[ModelChoice, ...]) -> None:
        """Suggest the pretrained models of this machine as source."""
        models = ((choice.title, choice.model) for choice in choices)
        self._sources = [(title, model.source) for title, model in models if isinstance(model, PretrainedConfig)]
        self._offer()

    def show_facts(self, model: AnyModelConfig, facts: ModelFacts) -> None:
        """Suggest the linear layers of the model as those that get an adapter."""
        if isinstance(model, PretrainedConfig):
            self._layers[model.source] = [(name, name) for name in facts.linear]
            self._offer()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Request the suggestions once the panel is visible."""
        super().showEvent(event)
        self._request_suggestions()

    def _request_suggestions(self) -> None:
        """Request the models of this machine, and the layers of the chosen one, unless they are known."""
        model = self._config.model
        if not isinstance(model, PretrainedConfig) or not self.isVisible():
            return
        if not self._has_requested_models:
            self._has_requested_models = True
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
        """Show the settings of this level of detail, and every other one whose value is not the default."""
        self._level = level
        self._level_box.setCurrentIndex(list(LEVELS).index(level))
        for section in self._sections.values():
            section.show_level(level)
        self._count_hidden()

    def _choose_level(self, index: int) -> None:
        self.show_level(list(LEVELS)[index])
        self.level_chosen.emit(self._level)

    def _count_hidden(self) -> None:
        count = sum(section.hidden for section in self._sections.values())
        self._hidden.setText(hidden_settings_text(count, self._level))
        self._hidden.setVisible(count > 0)

    def draw(self, scene: Scene) -> None:
        """Disable the sections that a live run can't change."""
        self._is_live = scene.state in ("preparing", "running", "paused")
        self._defaults.setEnabled(not self._is_live)  # a live run can't take most of them
        for key, section in self._sections.items():
            section.setEnabled(key in LIVE or not self._is_live)

    def retranslate(self) -> None:
        """Translate every text."""
        for button, text in ((self._copy, tr("Copy as TOML")), (self._defaults, tr("Back to the defaults"))):
            button.setToolTip(text)
            button.setAccessibleName(text)
        relabel(self._level_box, [tr(name) for name in LEVELS.values()])
        self._level_box.setAccessibleName(tr("Level of detail"))
        self._level_box.setToolTip(tr("How many settings are shown. One that is not as by default is always shown."))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 10, 0)
        self._sections = {key: Section(key, self._config, content, level=self._level) for key in ORDER}
        for key, section in self._sections.items():
            section.edited.connect(self._apply)
            section.setEnabled(key in LIVE or not self._is_live)
            column.addWidget(section)
        column.addStretch(1)
        self._offer()
        self._area.setWidget(content)
        self._count_hidden()

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme."""
        self._copy.setIcon(icon("ph.copy"))
        self._defaults.setIcon(icon("ph.arrow-counter-clockwise"))

    def _apply(self, changes: dict[str, Any]) -> None:
        try:
            # a live run can't change other parts, as `repaired` does, to make a new one valid
            config, changes = (
                (self._config.changed(changes), changes) if self._is_live else repaired(self._config, changes)
            )
        except ValidationError as error:
            table, dot, field = next(iter(changes)).partition(".")
            self._sections[table if dot else ""].show_problem(field or table, validation_error_text(error))
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
