"""The dialog to edit name, tags and note of a stored run."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from widgets.style.text_metrics import scaled, set_placeholder
from widgets.style.translation import tr
from widgets.views.run_row import RunRow

WIDTH, NOTE = 460, 110


class LabelDialog(QDialog):
    """Asks for `name`, `tags` and `note` of a run; `exec` returns whether the user confirms."""

    def __init__(self, row: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Name, tags and notes"))
        self._name, self._tags = QLineEdit(row.name, self), QLineEdit(", ".join(row.tags), self)
        self._name.setMaxLength(200)
        set_placeholder(self._tags, tr("words, separated by commas"))
        self._note = QPlainTextEdit(row.note, self, tabChangesFocus=True)
        self._note.setProperty("field", True)
        self._note.setFixedHeight(scaled(NOTE))
        self._lay_out()
        self._name.selectAll()
        self._name.setFocus()

    @property
    def name(self) -> str:
        """The run's name; empty: unchanged."""
        return self._name.text().strip()

    @property
    def tags(self) -> tuple[str, ...]:
        """The run's tags."""
        return tuple(tag.strip() for tag in self._tags.text().replace("，", ",").split(",") if tag.strip())

    @property
    def note(self) -> str:
        """The run's note."""
        return self._note.toPlainText()

    def _lay_out(self) -> None:
        column, rows = QVBoxLayout(self), QFormLayout()
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(8)
        for text, editor in ((tr("Name"), self._name), (tr("Tags"), self._tags), (tr("Notes"), self._note)):
            rows.addRow(text, editor)
            editor.setAccessibleName(text)
        buttons = QDialogButtonBox(self)
        buttons.addButton(tr("Keep"), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addLayout(rows)
        column.addWidget(buttons)
        self.setMinimumWidth(scaled(WIDTH))
