"""How old skills survive new ones: chosen, and tuned, from a button in the header."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QRadioButton, QToolButton, QVBoxLayout, QWidget

from agents.config import RunConfig
from agents.explain import explain
from agents.registry import STRATEGIES, names
from widgets.field_editors import field_title
from widgets.icons import icon
from widgets.model_form import ModelForm
from widgets.words import tr

TITLES = {
    "naive": "Naive",
    "replay": "Replay",
    "clear": "CLEAR",
    "l2": "L2",
    "ewc": "EWC",
    "online_ewc": "Online EWC",
    "si": "SI",
    "lwf": "LwF",
    "agem": "A-GEM",
    "packnet": "PackNet",
    "adapters": "Adapters",
    "progress_compress": "Progress and compress",
    "ppo": "PPO",
    "reinforce": "REINFORCE",
    "a2c": "A2C",
    "grpo": "GRPO",
    "reptile": "Reptile",
    "fomaml": "FOMAML",
    "episodic": "Episodic",
}
"""Names of parts for people; one without a row here is called by its key."""


def strategy_title(name: str) -> str:
    """Return what people call the strategy (or another part) `name`."""
    return tr(TITLES.get(name, name.replace("_", " ").capitalize()))


class StrategyPicker(QToolButton):
    """Shows the strategy and its first setting; pressed, it offers all of them.

    Signals:
        changed: dict: dotted paths and values, as `RunConfig.changed` takes them.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = RunConfig()
        self._popup: StrategyPopup | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands after the text
        self.clicked.connect(self._open)
        self._write()

    def show_config(self, config: RunConfig) -> None:
        """Show the strategy of `config`."""
        self._config = config
        self._write()
        if self._popup is not None:
            self._popup.show_config(config)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._write()
        super().changeEvent(event)

    def _write(self) -> None:
        strategy = self._config.strategy
        settings = [(key, value) for key, value in strategy.model_dump().items() if key != "name"]
        first = f" · {field_title(settings[0][0]).lower()} {settings[0][1]:g}" if settings else ""
        self.setText(strategy_title(strategy.name) + first)
        self.setIcon(icon("ph.caret-down"))
        self.setAccessibleName(tr("Strategy against forgetting"))
        self.setAccessibleDescription(self.text())
        self.setToolTip(tr("How old skills survive new ones. It can be changed while a run goes on."))

    def _open(self) -> None:
        self._popup = StrategyPopup(self._config, self)
        self._popup.changed.connect(self.changed)
        self._popup.destroyed.connect(self._closed)
        self._popup.open_below(self)

    def _closed(self) -> None:
        self._popup = None


class StrategyPopup(QFrame):
    """All strategies, with what the chosen one is and its settings.

    Signals:
        changed: dict: dotted paths and values.
    """

    changed = Signal(object)

    def __init__(self, config: RunConfig, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("Popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._config = config
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 12, 16, 16)
        self._layout.setSpacing(2)
        self._said: dict[str, QLabel] = {}
        self._choices = {name: self._choice(name, kind) for name, kind in names(STRATEGIES).items()}
        self._form: ModelForm | None = None
        self.show_config(config)

    def show_config(self, config: RunConfig) -> None:
        """Show the strategy of `config` and its settings."""
        before, self._config = self._config, config
        self._choices[config.strategy.name].setChecked(True)
        for name, said in self._said.items():
            said.setVisible(name == config.strategy.name)
        if self._form is not None and config.strategy.name == before.strategy.name:
            self._form.show_model(config.strategy)
        else:
            self._rebuild()

    def open_below(self, button: QWidget) -> None:
        """Show under `button`, inside its window."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(0, button.height() + 4))
        edge = button.window().mapToGlobal(QPoint(button.window().width() - self.width() - 8, 0)).x()
        self.move(min(corner.x(), edge), corner.y())
        self.show()
        self._choices[self._config.strategy.name].setFocus()

    def _choice(self, name: str, kind: type) -> QRadioButton:
        choice = QRadioButton(strategy_title(name), self)
        choice.setObjectName(name)
        choice.toggled.connect(self._choose)
        said = QLabel(tr((kind.__doc__ or "").strip().splitlines()[0]), self, wordWrap=True)
        said.setProperty("quiet", True)
        said.setMinimumWidth(300)
        said.setIndent(22)
        choice.setAccessibleDescription(said.text())
        choice.setToolTip(said.text())
        said.setContentsMargins(0, 0, 0, 4)
        said.hide()  # only what the chosen one is stands there: all together they would not fit a small screen
        self._said[name] = said
        self._layout.addWidget(choice)
        self._layout.addWidget(said)
        return choice

    def _choose(self, checked: bool) -> None:
        name = self.sender().objectName()
        if checked and name != self._config.strategy.name:
            self._try({"strategy.name": name})

    def _rebuild(self) -> None:
        if self._form is not None:
            self._layout.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        strategy = self._config.strategy
        self._form = ModelForm(strategy, tuple(key for key in type(strategy).model_fields if key != "name"), self)
        self._form.setContentsMargins(22, 4, 0, 0)
        self._form.edited.connect(self._set)
        self._layout.addWidget(self._form)
        # a layout gives no room to what is not shown yet
        self._form.show()
        self._layout.activate()
        self.adjustSize()

    def _set(self, field: str, value: object) -> None:
        self._try({f"strategy.{field}": value}, field)

    def _try(self, changes: dict[str, Any], field: str = "") -> None:
        try:
            self._config.changed(changes)
        except ValidationError as error:
            if self._form is not None and field:
                self._form.blame(field, explain(error))
            return
        self.changed.emit(changes)
