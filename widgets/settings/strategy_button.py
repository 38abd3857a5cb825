"""The button in the header that shows the strategy against forgetting, and opens its settings."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from agents.config import RunConfig
from agents.config.strategy_pair import choice, conflict, parts_of, spelling
from agents.registry import STRATEGIES, names
from widgets.forms.error_text import validation_error_text
from widgets.forms.field_editors import field_title
from widgets.forms.part_titles import part_summary, source_text, strategy_title
from widgets.forms.second_strategy import SecondStrategyBox
from widgets.forms.strategy_form import StrategyForm
from widgets.style import theme
from widgets.style.icons import icon
from widgets.style.panel_style import BREAK, shorten
from widgets.style.scroll_areas import fit_window
from widgets.style.text_metrics import line_height
from widgets.style.translation import tr

CHOICE = 24
"""Least height of a strategy's row, in pixels."""
SETTINGS = 280
"""Largest height of the settings before they scroll, in pixels."""
MIN_WIDTH = 80
"""Least width of the button in pixels, where its text is elided."""
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}
"""Keys that move the focus among the strategies, and by how many rows."""


class StrategyPicker(QToolButton):
    """Shows the strategy and its first setting; a click opens a popup with all strategies.

    Signals:
        changed: dict: dotted paths and values, as `RunConfig.changed` takes them.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config, self._full_text = RunConfig(), ""
        self._popup: StrategyPopup | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # puts the icon, an arrow, after the text
        self.clicked.connect(self._open)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._update_text()

    def show_config(self, config: RunConfig) -> None:
        """Show the strategy of `config`."""
        self._config = config
        self._update_text()
        if self._popup is not None:
            self._popup.show_config(config)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Update the text and the icon for another language or theme."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._update_text()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the width of the whole text."""
        return QSize(
            self._frame_width() + self.fontMetrics().horizontalAdvance(self._full_text), super().sizeHint().height()
        )

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Allow the button to shrink in a full header."""
        return QSize(MIN_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Elide the text to the width."""
        super().resizeEvent(event)
        self._fit()

    def _frame_width(self) -> int:
        """Return the width of everything but the text."""
        return super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())

    def _fit(self) -> None:
        self.setText(shorten(self._full_text, self.fontMetrics(), self.width() - self._frame_width()))

    def _update_text(self) -> None:
        strategy = self._config.strategy
        values = parts_of(strategy)[0].model_dump()
        settings = [(key, value) for key, value in values.items() if type(value) in (int, float)]
        first = f"{BREAK}{field_title(settings[0][0]).lower()} {settings[0][1]:g}" if settings else ""
        self._full_text = strategy_title(spelling(strategy)) + first
        self.setIcon(icon("ph.caret-down"))
        self.setAccessibleName(tr("Strategy against forgetting"))
        self.setAccessibleDescription(self._full_text)
        self.setToolTip(f"{self._full_text}\n" + tr("How old skills survive new ones. It can be changed during a run."))
        self._fit()
        self.updateGeometry()

    def _open(self) -> None:
        self._popup = StrategyPopup(self._config, self)
        self._popup.changed.connect(self.changed)
        self._popup.destroyed.connect(self._closed)
        self._popup.open_below(self)

    def _closed(self) -> None:
        self._popup = None


class StrategyChoice(QRadioButton):
    """A radio button that Enter, Space or a click chooses; unlike Qt's own, arrow keys only move the focus."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move the focus, or choose."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            others = self.window().findChildren(StrategyChoice)
            others[(others.index(self) + _STEPS[key]) % len(others)].setFocus(Qt.FocusReason.TabFocusReason)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class StrategyPopup(QFrame):
    """All strategies with descriptions, and the settings of the chosen one.

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
        self._radios = QGridLayout()
        self._layout.addLayout(self._radios)
        self._radios.setHorizontalSpacing(16)
        self._problem = self._make_problem()
        self._choices = {name: self._choice(name, kind) for name, kind in names(STRATEGIES).items()}
        self._layout.addWidget(self._problem)
        self._second_strategy = SecondStrategyBox(self)
        self._second_strategy.chosen.connect(self._apply)
        also = QHBoxLayout()
        also.setContentsMargins(22, 6, 0, 0)
        label = QLabel(tr("And also"), self)
        label.setBuddy(self._second_strategy)
        also.addWidget(label, 1)
        also.addWidget(self._second_strategy)
        self._layout.addLayout(also)
        self._form: StrategyForm | None = None
        self._area = QScrollArea(self, widgetResizable=True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout.addWidget(self._area)
        self.show_config(config)

    def _make_problem(self) -> QLabel:
        """Make the label for the reason why a choice was refused."""
        label = QLabel(self, wordWrap=True)
        label.setProperty("problem", True)
        label.hide()
        return label

    def show_config(self, config: RunConfig) -> None:
        """Show the strategy of `config` and its settings."""
        before, self._config = self._config, config
        self._problem.hide()
        self._choices[parts_of(config.strategy)[0].name].setChecked(True)
        self._second_strategy.show_strategy(config.strategy)
        if self._form is not None and spelling(config.strategy) == spelling(before.strategy):
            self._form.show_model(config.strategy)
        else:
            self._rebuild()

    def open_below(self, button: QWidget) -> None:
        """Show under `button`, inside its window."""
        self._fit()
        corner = button.mapToGlobal(QPoint(0, button.height() + 4))
        edge = button.window().mapToGlobal(QPoint(button.window().width() - self.width() - 8, 0)).x()
        self.move(min(corner.x(), edge), corner.y())
        self.show()
        self._choices[parts_of(self._config.strategy)[0].name].setFocus()

    def _fit(self) -> None:
        """Resize the popup to its contents."""
        fit_window(self)

    def _choice(self, name: str, kind: type) -> QRadioButton:
        radio = StrategyChoice(strategy_title(name), self)
        radio.setObjectName(name)
        radio.setMinimumHeight(max(CHOICE, line_height(theme.BODY) + 4))
        radio.clicked.connect(self._choose)
        about = source_text(kind)
        summary = QLabel(part_summary(name) or about, self)
        summary.setProperty("quiet", True)
        summary.setToolTip(about)
        radio.setAccessibleDescription(summary.text())
        radio.setToolTip(about)
        row = self._radios.rowCount()
        self._radios.addWidget(radio, row, 0)
        self._radios.addWidget(summary, row, 1)
        return radio

    def _choose(self) -> None:
        name = self.sender().objectName()
        main, *others = parts_of(self._config.strategy)
        if name != main.name:
            compatible = [other for other in others if conflict(name, other.name) is None]
            self._apply(choice(names(STRATEGIES)[name](), *compatible))

    def _rebuild(self) -> None:
        self._form = StrategyForm(self._config.strategy, self)
        self._form.setContentsMargins(22, 4, 8, 0)
        self._form.edited.connect(self._set)
        self._area.setWidget(self._form)  # which deletes the previous form
        self._area.setFixedHeight(min(self._form.sizeHint().height(), SETTINGS))
        self._layout.activate()
        self._fit()

    def _set(self, field: str, value: object) -> None:
        self._apply({f"strategy.{field}": value}, field)

    def _apply(self, changes: dict[str, Any], field: str = "") -> None:
        try:
            self._config.changed(changes)
        except ValidationError as error:
            if self._form is not None and field:
                self._form.show_problem(field, validation_error_text(error))
            else:
                self._refuse(validation_error_text(error))
            return
        self.changed.emit(changes)

    def _refuse(self, reason: str) -> None:
        """Select the current strategy again, and show why the choice was refused."""
        self.show_config(self._config)
        self._problem.setText(reason)
        self._problem.setVisible(True)
        self._layout.activate()
        self._fit()
