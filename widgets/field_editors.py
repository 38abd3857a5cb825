"""An editor for every kind of setting: a form is a loop over the fields of a pydantic model."""

from __future__ import annotations

from abc import abstractmethod
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QHBoxLayout, QLineEdit, QWidget

from widgets.controls import ComboBox, SpinBox
from widgets.words import tr

BOUNDLESS = 1_000_000_000
"""The greatest whole number where a field names none."""


class FieldEditor(QWidget):
    """Edits one value. What it holds may still be wrong: the model that owns the field says so.

    Signals:
        edited: a person changed the value.
    """

    edited = Signal()

    def __init__(self, control: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = control
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(control)
        self.setFocusProxy(control)

    @abstractmethod
    def value(self) -> Any:
        """Return what is entered."""

    @abstractmethod
    def show_value(self, value: Any) -> None:
        """Show a value."""

    def describe(self, name: str, field: FieldInfo) -> None:
        """Take the field's docstring as tooltip, and its name for screen readers."""
        says = tr(field.description or "")
        self.setToolTip(says)
        self.control.setToolTip(says)
        self.control.setAccessibleName(field_title(name))
        self.control.setAccessibleDescription(says)

    def mark_wrong(self, wrong: bool) -> None:
        """Show that the value can't be used, or that it can."""
        self.control.setProperty("wrong", wrong)
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)


class SwitchEditor(FieldEditor):
    """Yes or no."""

    def __init__(self, field: FieldInfo | None = None, parent: QWidget | None = None) -> None:
        self._box = QCheckBox()
        super().__init__(self._box, parent)
        self._box.toggled.connect(self.edited)

    def value(self) -> bool:
        """Return whether it is on."""
        return self._box.isChecked()

    def show_value(self, value: Any) -> None:
        """Switch it."""
        self._box.setChecked(bool(value))


class WholeEditor(FieldEditor):
    """A whole number within the field's limits."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._box = SpinBox()
        super().__init__(self._box, parent)
        # the style sheet's padding does not reach the text of a spin box
        self._box.lineEdit().setTextMargins(7, 0, 0, 0)
        self._box.setRange(*limits(field))
        self._box.setKeyboardTracking(False)  # half a number is no value
        self._box.setGroupSeparatorShown(True)
        self._box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self._box.valueChanged.connect(self.edited)

    def value(self) -> int:
        """Return the number."""
        self._box.interpretText()
        return self._box.value()

    def show_value(self, value: Any) -> None:
        """Show a number."""
        self._box.setValue(int(value))


class WordsEditor(FieldEditor):
    """A line of text; left empty it means None where the field allows that."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._line = QLineEdit()
        super().__init__(self._line, parent)
        self._may_be_none = NoneType in get_args(field.annotation)
        if self._may_be_none:
            self._line.setPlaceholderText(tr("left out"))
        self._told = ""
        self._line.editingFinished.connect(self._tell)

    def value(self) -> Any:
        """Return the text."""
        text = self._line.text().strip()
        return None if not text and self._may_be_none else text

    def show_value(self, value: Any) -> None:
        """Show a text."""
        self._told = "" if value is None else str(value)
        self._line.setText(self._told)

    def _tell(self) -> None:
        if self._line.text() != self._told:
            self._told = self._line.text()
            self.edited.emit()

    def hint(self, text: str) -> None:
        """Say what holds while the line is empty."""
        self._line.setPlaceholderText(text)


class RealEditor(WordsEditor):
    """A number with a fraction; 1e-3 is one, too."""

    def value(self) -> Any:
        """Return the number, or the text where it is none."""
        text = super().value()
        try:
            return float(text) if isinstance(text, str) and text else text
        except ValueError:
            return text

    def show_value(self, value: Any) -> None:
        """Show a number."""
        super().show_value(f"{value:g}" if isinstance(value, (int, float)) else value)


class ChoiceEditor(FieldEditor):
    """One of a few words."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._box = ComboBox()
        super().__init__(self._box, parent)
        for choice in get_args(field.annotation):
            self._box.addItem(tr(str(choice)), choice)
        self._box.currentIndexChanged.connect(self.edited)

    def value(self) -> Any:
        """Return the choice."""
        return self._box.currentData()

    def show_value(self, value: Any) -> None:
        """Choose."""
        self._box.setCurrentIndex(self._box.findData(value))


EDITORS: dict[Any, type[FieldEditor]] = {bool: SwitchEditor, int: WholeEditor, float: RealEditor, str: WordsEditor}
"""Which editor suits which type."""
OPTIONAL: dict[Any, type[FieldEditor]] = {int: RealEditor, float: RealEditor}
"""Which editor suits a type that can be left out; any other is a line of text."""


def field_editor(field: FieldInfo, name: str = "") -> FieldEditor:
    """Return an editor for a field of a model, showing its default; its docstring is the tooltip."""
    kind, table = field.annotation, EDITORS
    if get_origin(kind) in (Union, UnionType):
        kind, table = next(part for part in get_args(kind) if part is not NoneType), OPTIONAL
    editor_class = ChoiceEditor if get_origin(kind) is Literal else table.get(kind, WordsEditor)
    editor: FieldEditor = editor_class(field)  # type: ignore[arg-type]
    if not field.is_required():
        editor.show_value(field.get_default(call_default_factory=True))
    editor.describe(name, field)
    return editor


def field_title(name: str) -> str:
    """Return a field's name for people."""
    return tr(name.replace("_", " ").capitalize())


def limits(field: FieldInfo) -> tuple[int, int]:
    """Return the least and the greatest whole number that a field allows."""
    low, high = -BOUNDLESS, BOUNDLESS
    for bound in field.metadata:
        match bound:
            case Ge(ge=int() as value):
                low = value
            case Gt(gt=int() as value):
                low = value + 1
            case Le(le=int() as value):
                high = value
            case Lt(lt=int() as value):
                high = value - 1
    return low, high
