"""Stored runs as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from agents.config.strategy_pair import spelling
from agents.story import Story
from agents.story.live_config import live_config
from widgets.forms.part_titles import strategy_title
from widgets.style.panel_style import BREAK
from widgets.style.translation import tr
from widgets.views.run_row import RunRow

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class RunColumn:
    """A column: its title, what it says, and what it is sorted by."""

    title: str
    say: Callable[[RunRow], str]
    order: Callable[[RunRow], Any]
    is_number: bool = True


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


COLUMNS: tuple[RunColumn, ...] = (
    RunColumn("Name", lambda row: row.name, lambda row: row.name.lower(), is_number=False),
    RunColumn("When", lambda row: row.created[:16].replace("T", " "), lambda row: row.created, is_number=False),
    RunColumn("Strategy", lambda row: strategy_title(row.strategy), lambda row: row.strategy, is_number=False),
    RunColumn("Model", lambda row: strategy_title(row.model), lambda row: row.model, is_number=False),
    RunColumn("Seed", lambda row: str(row.seed), lambda row: row.seed),
    RunColumn("Steps", lambda row: f"{row.steps:,}", lambda row: row.steps),
    RunColumn("Learned", lambda row: _score(row.learned), lambda row: row.learned or 0.0),
    RunColumn("Average now", lambda row: _score(row.average), lambda row: row.average or 0.0),
    RunColumn("Forgetting", lambda row: _score(row.forgetting), lambda row: row.forgetting or 0.0),
    RunColumn("State", lambda row: tr(row.state), lambda row: row.state, is_number=False),
    RunColumn("Notes", lambda row: row.labels, lambda row: row.labels.lower(), is_number=False),
)


def _facts(row: RunRow) -> str:
    """Say in a line what may have no column of its own."""
    return BREAK.join(f"{tr(column.title)}: {column.say(row)}" for column in COLUMNS[1:-1])


class RunTable(QAbstractTableModel):
    """The rows of the run browser."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: tuple[RunRow, ...] = ()
        self._stand: tuple[Story | None, int, int, bool] = (None, 0, 0, False)
        self._names: Mapping[str, str] = {}
        self._known: Mapping[str, Any] = {}
        """What the story said of a run when it stood so."""

    def show_rows(self, rows: tuple[RunRow, ...]) -> None:
        """Show these runs."""
        if rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def show_names(self, names: Mapping[str, str]) -> None:
        """Know what panels call the runs that they show, by the ids under which they are stored."""
        self._names = names

    def _called(self, row: RunRow) -> str:
        name = self._names.get(row.folder.name, row.name)
        return "" if name == row.name else tr("called ‘{name}’ in the panels that show it", name=name)

    def show_live(self, folder: Path, story: Story, state: str) -> None:
        """Show how far the run in `folder` has come, which is being lived, and what it scores."""
        for place, row in enumerate(self.rows):
            if row.folder == folder and (now := row.updated(state, story.step, self._told(story))) != row:
                self.rows = (*self.rows[:place], now, *self.rows[place + 1 :])
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    def _told(self, story: Story) -> Mapping[str, Any]:
        """Return what the story says besides its steps; worked out anew after an evaluation or a command only."""
        has_left = story.parent is None or story.step > story.parent[1]  # before, what a fork changes is not told
        stand = (story, len(story.evaluations), len(story.marks), has_left)
        if stand != self._stand:
            metrics, config = story.until().metrics(), live_config(story)
            scores = {key: metrics.get(key) for key in ("learned", "average", "forgetting")}
            parts = {"strategy": spelling(config.strategy), "algorithm": config.algorithm.name}
            self._stand, self._known = stand, {**scores, **(parts if has_left else {})}
        return self._known

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """How many runs there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """How much is told about each."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell."""
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.say(row)
            case Qt.ItemDataRole.ToolTipRole:
                said = (column.say(row), self._called(row), _facts(row), row.labels, row.note)
                return "\n".join(part for part in dict.fromkeys(said) if part)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case _ if role == SORT_ROLE:
                return column.order(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        """The titles."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section].title)
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if COLUMNS[section].is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def retranslate(self) -> None:
        """Ask for every title and cell again."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))
