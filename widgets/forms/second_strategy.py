"""The choice of a second strategy against forgetting, to be combined with the first."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from agents.config.strategy_pair import StrategyConfig, choice, conflict, parts_of
from agents.registry import STRATEGIES, names
from widgets.forms.part_titles import part_summary, source_text, strategy_title
from widgets.style.translation import tr
from widgets.style.wheel_controls import ComboBox


def conflict_text(first_name: str, second_name: str) -> str:
    """Return the translated reason why two strategies, by name, can't be combined; empty if they can."""
    if (found := conflict(first_name, second_name)) is None:
        return ""
    reason, first, second = found
    return tr(reason, one=strategy_title(first), other=strategy_title(second))


class SecondStrategyBox(ComboBox):
    """Offers every strategy as a second one; those that can't be combined are disabled, with the reason as tooltip.

    Signals:
        chosen: dict: dotted paths and values, as `RunConfig.changed` takes them.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strategy: StrategyConfig | None = None
        self.setAccessibleName(tr("And also"))
        self.activated.connect(self._choose)

    def show_strategy(self, strategy: StrategyConfig) -> None:
        """Show the second part of `strategy`, and the strategies that could be combined with the first."""
        self._strategy = strategy
        main, *others = parts_of(strategy)
        with QSignalBlocker(self):
            self.clear()
            self.addItem(tr("nothing else"), "")
            for name, kind in names(STRATEGIES).items():
                reason = conflict_text(main.name, name)
                about = part_summary(name) or source_text(kind)
                self.addItem(strategy_title(name), name)
                self.setItemData(self.count() - 1, reason or about, Qt.ItemDataRole.ToolTipRole)
                self._enable(self.count() - 1, enabled=not reason)
            self.setCurrentIndex(self.findData(others[0].name if others else ""))
        self.setToolTip(tr("A second strategy that guards old skills at the same time."))

    def _enable(self, row: int, *, enabled: bool) -> None:
        model = self.model()
        assert isinstance(model, QStandardItemModel), "a combo box makes its own"
        model.item(row).setEnabled(enabled)

    def _choose(self) -> None:
        if self._strategy is None:
            return
        main, *others = parts_of(self._strategy)
        name = self.currentData()
        if name != (others[0].name if others else ""):
            self.chosen.emit(choice(main, *([names(STRATEGIES)[name]()] if name else [])))
