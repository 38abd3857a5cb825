"""The table model of stored runs."""

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
    """A column: its title, its text, and its sort key."""

    title: str
    text: Callable[[RunRow], str]
    sort_key: Callable[[RunRow], Any]
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
    """Return the content of all columns in one line, for the tooltip: some may be hidden."""
    return BREAK.join(f"{tr(column.title)}: {column.text(row)}" for column in COLUMNS[1:-1])


class RunTable(QAbstractTableModel):
    """A table model with one row per run."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: tuple[RunRow, ...] = ()
        self._key: tuple[Story | None, int, int, bool] = (None, 0, 0, False)
        self._names: Mapping[str, str] = {}
        self._scores: Mapping[str, Any] = {}
        """Result of `_scores_of` for `_key`."""

    def show_rows(self, rows: tuple[RunRow, ...]) -> None:
        """Show these runs."""
        if rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def show_names(self, names: Mapping[str, str]) -> None:
        """Set the names that panels use for the runs they show, by run id."""
        self._names = names

    def _panel_name(self, row: RunRow) -> str:
        name = self._names.get(row.folder.name, row.name)
        return "" if name == row.name else tr("named ‘{name}’ in the panels that show it", name=name)

    def update_run(self, folder: Path, story: Story, state: str) -> None:
        """Update the state, steps and scores of the active run in `folder`."""
        for number, row in enumerate(self.rows):
            if row.folder == folder and (updated := row.updated(state, story.step, self._scores_of(story))) != row:
                self.rows = (*self.rows[:number], updated, *self.rows[number + 1 :])
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))

    def _scores_of(self, story: Story) -> Mapping[str, Any]:
        """Return scores, strategy and algorithm of a run; computed again after an evaluation or a command only."""
        # a fork that still repeats its parent has not yet applied its changed settings
        has_forked = story.parent is None or story.step > story.parent[1]
        key = (story, len(story.evaluations), len(story.marks), has_forked)
        if key != self._key:
            metrics, config = story.until().metrics(), live_config(story)
            scores = {key: metrics.get(key) for key in ("learned", "average", "forgetting")}
            parts = {"strategy": spelling(config.strategy), "algorithm": config.algorithm.name}
            self._key, self._scores = key, {**scores, **(parts if has_forked else {})}
        return self._scores

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of runs."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of columns."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, tooltip, alignment or sort key."""
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                lines = (column.text(row), self._panel_name(row), _facts(row), row.labels, row.note)
                return "\n".join(part for part in dict.fromkeys(lines) if part)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case _ if role == SORT_ROLE:
                return column.sort_key(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        """Return a column's title or alignment."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section].title)
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if COLUMNS[section].is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def retranslate(self) -> None:
        """Notify views that all titles and cells have changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))
