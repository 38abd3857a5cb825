"""Editors for the fields of pydantic models, by type: a form is a loop over the fields."""

from __future__ import annotations

from abc import abstractmethod
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QHBoxLayout, QLineEdit, QWidget

from widgets.forms.number_fields import RealField, WholeField
from widgets.forms.number_text import number_text
from widgets.style.translation import tr
from widgets.style.wheel_controls import ComboBox

BOUNDLESS = 2**31 - 1
"""Largest whole number of a field without an upper bound."""


class FieldEditor(QWidget):
    """Edits one value. The value may be invalid: the model that owns the field validates it.

    Without an edit, `value` returns exactly the value shown, even if the control displays it rounded.

    Signals:
        edited: a person changed the value.
        refused: str: why the entered text is invalid; empty once it is valid again.
    """

    edited = Signal()
    refused = Signal(str)

    def __init__(self, control: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = control
        self._value: Any = None
        self._displayed_at_first: Any = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(control)
        self.setFocusProxy(control)

    @property
    def is_edited(self) -> bool:
        """Whether the control displays something else than right after `show_value`."""
        return bool(self._displayed() != self._displayed_at_first)

    def value(self) -> Any:
        """Return the entered value; without an edit, exactly the value shown."""
        return self._entered() if self.is_edited else self._value

    def show_value(self, value: Any) -> None:
        """Show a value."""
        self._value = value
        self._show(value)
        self._displayed_at_first = self._displayed()

    def problem(self) -> str:
        """Return why the entered text is no value of this type; empty if it is one."""
        return ""

    @abstractmethod
    def _show(self, value: Any) -> None:
        """Display a value in the control."""

    @abstractmethod
    def _displayed(self) -> Any:
        """Return what the control displays, for comparison."""

    @abstractmethod
    def _entered(self) -> Any:
        """Return the value that a person entered."""

    def describe(self, name: str, field: FieldInfo, label: str) -> None:
        """Take the field's name and docstring as tooltip, and its label as name for screen readers."""
        description = tr(field.description or "")
        tip = f"{name}: {description}" if name and description else description
        self.setToolTip(tip)
        self.control.setToolTip(tip)
        self.control.setAccessibleName(label)
        self.control.setAccessibleDescription(description)

    def mark_wrong(self, is_wrong: bool) -> None:
        """Style the control as invalid or valid."""
        self.control.setProperty("wrong", is_wrong)
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)


class SwitchEditor(FieldEditor):
    """A check box."""

    def __init__(self, field: FieldInfo | None = None, parent: QWidget | None = None) -> None:
        self._box = QCheckBox()
        super().__init__(self._box, parent)
        self._box.toggled.connect(self.edited)

    def _show(self, value: Any) -> None:
        self._box.setChecked(bool(value))

    def _displayed(self) -> bool:
        return self._box.isChecked()

    def _entered(self) -> bool:
        return self._box.isChecked()


class WholeEditor(FieldEditor):
    """A whole number within the field's limits."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._box = WholeField(*limits(field))
        super().__init__(self._box, parent)
        self._box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self._box.valueChanged.connect(self.edited)
        self._box.problem_changed.connect(self.refused)

    def problem(self) -> str:
        """Return why the entered text is no whole number within the limits."""
        return self._box.problem() if self.is_edited else ""

    def _show(self, value: Any) -> None:
        self._box.show_number(int(value))

    def _displayed(self) -> str:
        return self._box.text()

    def _entered(self) -> int | str:
        return self._box.entered()


class WordsEditor(FieldEditor):
    """A line of text; left empty it means None where the field allows that."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._line = self._make_line()
        super().__init__(self._line, parent)
        self._may_be_none = NoneType in get_args(field.annotation)
        if self._may_be_none:
            self._line.setPlaceholderText(tr("left out"))
        self._reported = ""
        self._line.editingFinished.connect(self._report_edit)

    def _make_line(self) -> QLineEdit:
        return QLineEdit()

    def _show(self, value: Any) -> None:
        self._line.setText("" if value is None else str(value))
        self._reported = self._line.text()

    def _displayed(self) -> str:
        return self._line.text()

    def _entered(self) -> Any:
        text = self._line.text().strip()
        return None if not text and self._may_be_none else text

    def _report_edit(self) -> None:
        if self._line.text() != self._reported:
            self._reported = self._line.text()
            if not self.problem():
                self.edited.emit()

    def hint(self, text: str) -> None:
        """Show a placeholder: the value that an empty line stands for."""
        self._line.setPlaceholderText(text)


class RealEditor(WordsEditor):
    """A number with a fraction; 1e-3 is one, too."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._number.problem_changed.connect(self.refused)

    def _make_line(self) -> QLineEdit:
        self._number = RealField()
        return self._number

    def problem(self) -> str:
        """Return why the entered text is no number."""
        return self._number.problem() if self.is_edited else ""

    def _show(self, value: Any) -> None:
        super()._show(number_text(value) if isinstance(value, (int, float)) else value)

    def _entered(self) -> Any:
        text = super()._entered()
        return self._number.entered() if text else text


class ChoiceEditor(FieldEditor):
    """One of a few words."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        self._box = ComboBox()
        super().__init__(self._box, parent)
        for choice in get_args(field.annotation):
            self._box.addItem(tr(str(choice)), choice)
        self._box.currentIndexChanged.connect(self.edited)

    def _show(self, value: Any) -> None:
        self._box.setCurrentIndex(self._box.findData(value))

    def _displayed(self) -> int:
        return self._box.currentIndex()

    def _entered(self) -> Any:
        return self._box.currentData()


EDITORS: dict[Any, type[FieldEditor]] = {bool: SwitchEditor, int: WholeEditor, float: RealEditor, str: WordsEditor}
"""Editor by type."""
OPTIONAL: dict[Any, type[FieldEditor]] = {int: RealEditor, float: RealEditor}
"""Editor by type of an optional field; any other gets a line of text."""


def field_editor(field: FieldInfo, name: str = "", label: str = "") -> FieldEditor:
    """Return an editor for a field of a model, called `label` and showing its default."""
    kind, table = field.annotation, EDITORS
    if get_origin(kind) in (Union, UnionType):
        kind, table = next(part for part in get_args(kind) if part is not NoneType), OPTIONAL
    editor_class = ChoiceEditor if get_origin(kind) is Literal else table.get(kind, WordsEditor)
    editor: FieldEditor = editor_class(field)  # type: ignore[arg-type]
    if not field.is_required():
        editor.show_value(field.get_default(call_default_factory=True))
    editor.describe(name, field, label or field_title(name))
    return editor


def field_title(name: str) -> str:
    """Return a field's name as a title."""
    return tr(name.replace("_", " ").capitalize())


def limits(field: FieldInfo) -> tuple[int, int]:
    """Return the smallest and the largest whole number that a field allows."""
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
