"""An editor for every kind of setting: a form is a loop over the fields of a pydantic model."""

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
"""The greatest whole number where a field names none."""


class FieldEditor(QWidget):
    """Edits one value. What it holds may still be wrong: the model that owns the field says so.

    What nobody edited is given back as it was shown, whatever the control could show of it.

    Signals:
        edited: a person changed the value.
        refused: str: what was entered can't be used, and why; empty: that is mended.
    """

    edited = Signal()
    refused = Signal(str)

    def __init__(self, control: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = control
        self._value: Any = None
        self._standing: Any = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(control)
        self.setFocusProxy(control)

    @property
    def is_edited(self) -> bool:
        """Whether something else stands there than was shown."""
        return bool(self._stands() != self._standing)

    def value(self) -> Any:
        """Return what is entered; unedited, exactly what was shown."""
        return self._entered() if self.is_edited else self._value

    def show_value(self, value: Any) -> None:
        """Show a value."""
        self._value = value
        self._show(value)
        self._standing = self._stands()

    def problem(self) -> str:
        """Return why what is entered is no value of this kind; empty if it is one."""
        return ""

    @abstractmethod
    def _show(self, value: Any) -> None:
        """Let the control show a value as well as it can."""

    @abstractmethod
    def _stands(self) -> Any:
        """Return what the control shows now, to be compared with what it showed."""

    @abstractmethod
    def _entered(self) -> Any:
        """Return what a person entered."""

    def describe(self, name: str, field: FieldInfo, label: str) -> None:
        """Take the field's name and docstring as tooltip, and what it is called for screen readers."""
        says = tr(field.description or "")
        tip = f"{name}: {says}" if name and says else says
        self.setToolTip(tip)
        self.control.setToolTip(tip)
        self.control.setAccessibleName(label)
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

    def _show(self, value: Any) -> None:
        self._box.setChecked(bool(value))

    def _stands(self) -> bool:
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
        self._box.told.connect(self.refused)

    def problem(self) -> str:
        """Return why what is entered is no whole number within the limits."""
        return self._box.problem() if self.is_edited else ""

    def _show(self, value: Any) -> None:
        self._box.show_number(int(value))

    def _stands(self) -> str:
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
        self._told = ""
        self._line.editingFinished.connect(self._tell)

    def _make_line(self) -> QLineEdit:
        return QLineEdit()

    def _show(self, value: Any) -> None:
        self._line.setText("" if value is None else str(value))
        self._told = self._line.text()

    def _stands(self) -> str:
        return self._line.text()

    def _entered(self) -> Any:
        text = self._line.text().strip()
        return None if not text and self._may_be_none else text

    def _tell(self) -> None:
        if self._line.text() != self._told:
            self._told = self._line.text()
            if not self.problem():
                self.edited.emit()

    def hint(self, text: str) -> None:
        """Say what holds while the line is empty."""
        self._line.setPlaceholderText(text)


class RealEditor(WordsEditor):
    """A number with a fraction; 1e-3 is one, too."""

    def __init__(self, field: FieldInfo, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._number.told.connect(self.refused)

    def _make_line(self) -> QLineEdit:
        self._number = RealField()
        return self._number

    def problem(self) -> str:
        """Return why what is entered is no number."""
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

    def _stands(self) -> int:
        return self._box.currentIndex()

    def _entered(self) -> Any:
        return self._box.currentData()


EDITORS: dict[Any, type[FieldEditor]] = {bool: SwitchEditor, int: WholeEditor, float: RealEditor, str: WordsEditor}
"""Which editor suits which type."""
OPTIONAL: dict[Any, type[FieldEditor]] = {int: RealEditor, float: RealEditor}
"""Which editor suits a type that can be left out; any other is a line of text."""


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
