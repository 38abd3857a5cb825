"""What else guards old skills: nothing, or a second strategy beside the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from agents.config.strategy_pair import StrategyConfig, choice, clash, parts_of
from agents.registry import STRATEGIES, names
from widgets.forms.part_titles import part_says, source_words, strategy_title
from widgets.style.translation import tr
from widgets.style.wheel_controls import ComboBox


def clash_words(one: str, other: str) -> str:
    """Return for people why two strategies can't be combined; empty if they can."""
    if (found := clash(one, other)) is None:
        return ""
    reason, first, second = found
    return tr(reason, one=strategy_title(first), other=strategy_title(second))


class SecondStrategyBox(ComboBox):
    """Offers every strategy as a second one; those that can't be combined are grey and say why.

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
        """Show what is combined with the first part of `strategy`, and what could be."""
        self._strategy = strategy
        main, *others = parts_of(strategy)
        with QSignalBlocker(self):
            self.clear()
            self.addItem(tr("nothing else"), "")
            for name, kind in names(STRATEGIES).items():
                why = clash_words(main.name, name)
                about = part_says(name) or source_words(kind)
                self.addItem(strategy_title(name), name)
                self.setItemData(self.count() - 1, why or about, Qt.ItemDataRole.ToolTipRole)
                self._enable(self.count() - 1, enabled=not why)
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
