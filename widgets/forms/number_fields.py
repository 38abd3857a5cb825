"""Fields for numbers that report every invalid entry.

Invalid typed text stays in the field and is reported at once. Invalid pasted text is reported and rejected: the field
keeps its text.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from widgets.forms.number_text import may_become_real, may_become_whole, real, real_problem, whole, whole_problem
from widgets.style.wheel_controls import SpinBox


class EntryValidator(QObject):
    """Validates a line of text while a person edits it.

    Signals:
        problem_changed: str: why the text is invalid; empty if it is valid, or the beginning of a valid text.
    """

    problem_changed = Signal(str)

    def __init__(self, line: QLineEdit, problem: Callable[[str], str], may_become: Callable[[str], bool]) -> None:
        super().__init__(line)
        self._line, self._problem, self._may_become = line, problem, may_become
        self._before = self._reported = ""
        self._is_edited = False
        line.textEdited.connect(self._validate)
        line.textChanged.connect(self.remember_text)

    def mark_shown(self) -> None:
        """Note that the text was shown by the program, not entered."""
        self._is_edited = False
        self.remember_text()

    def remember_text(self) -> None:
        """Remember the text, to restore it after an invalid paste."""
        self._before = self._line.text()

    def finish(self) -> None:
        """Report the problem with the entered text now that editing is finished, even if it could become valid."""
        self.remember_text()
        if self._is_edited:
            self._report(self._problem(self._line.text()))

    def _validate(self, text: str) -> None:
        self._is_edited = True
        problem = self._problem(text)
        if problem and _inserted(self._before, text) > 1:
            self._line.setText(self._before)
            self._report(problem)
        else:
            self._report("" if problem and self._may_become(text) else problem)

    def _report(self, problem: str) -> None:
        """Report a problem, or that the last reported one is gone."""
        if problem or self._reported:
            self._reported = problem
            self.problem_changed.emit(problem)


def _inserted(before: str, after: str) -> int:
    """Return the number of characters that an edit inserted: one by a key, more by a paste or a drop."""
    start = next((index for index, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), None)
    if start is None:
        return max(len(after) - len(before), 0)
    shared = min(len(before), len(after)) - start
    ends = zip(reversed(before), reversed(after), strict=False)
    end = next((index for index, (old, new) in enumerate(ends) if old != new), shared)
    return len(after) - start - min(end, shared)


class WholeField(SpinBox):
    """A spin box for a whole number. Invalid text stays in the box, while `value` keeps the last valid number.

    Signals:
        problem_changed: str: why the text is invalid; empty if it is valid.
    """

    problem_changed = Signal(str)

    def __init__(self, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._invalid_text: str | None = None
        """The displayed text if it is no number in the range of the box."""
        self.setRange(low, high)
        self.setKeyboardTracking(False)  # no `valueChanged` for each digit
        self.setGroupSeparatorShown(True)
        self._validator = EntryValidator(self.lineEdit(), self._problem_of, self._may_become)
        self._validator.problem_changed.connect(self.problem_changed)
        # the line edit emits no signal for text that the arrows write
        self.textChanged.connect(self._validator.remember_text)
        self.editingFinished.connect(self._validator.finish)

    def entered(self) -> int | str:
        """Return the number, or the text if it is invalid."""
        text = self.text()
        number = whole(text, self.locale().groupSeparator())
        return text if number is None or self._problem_of(text) else number

    def problem(self) -> str:
        """Return why the text is invalid; empty if it is valid."""
        return self._problem_of(self.text())

    def show_number(self, value: int) -> None:
        """Show a number, which may be beyond the range of the box."""
        is_in_range = self.minimum() <= value <= self.maximum()
        self._invalid_text = None if is_in_range else self._grouped(value)
        self.setValue(min(max(value, self.minimum()), self.maximum()))
        self._validator.mark_shown()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed: Qt would swallow invalid characters without a message."""
        is_valid = self._problem_of(text) == ""
        return (QValidator.State.Acceptable if is_valid else QValidator.State.Intermediate), text, position

    def fixup(self, text: str) -> str:
        """Keep invalid text: Qt would replace it by the last valid number."""
        self._invalid_text = text
        return text

    def textFromValue(self, value: int) -> str:  # noqa: N802
        """Return the invalid text if there is one, else the number with separators of thousands."""
        return self._grouped(value) if self._invalid_text is None else self._invalid_text

    def valueFromText(self, text: str) -> int:  # noqa: N802
        """Return the number of a valid text; Qt calls it for no other."""
        self._invalid_text = None
        return whole(text, self.locale().groupSeparator()) or 0

    def _grouped(self, value: int) -> str:
        return f"{value:,}".replace(",", self.locale().groupSeparator())

    def _problem_of(self, text: str) -> str:
        number = whole(text, self.locale().groupSeparator())
        is_valid = number is not None and self.minimum() <= number <= self.maximum()
        return "" if is_valid else whole_problem(text, self.minimum(), self.maximum())

    def _may_become(self, text: str) -> bool:
        number = whole(text, self.locale().groupSeparator())
        is_small = number is not None and 0 <= number < self.minimum()
        return is_small or may_become_whole(text, self.locale().groupSeparator(), signed=self.minimum() < 0)


class RealField(QLineEdit):
    """A line for a number with a fraction; 1e-3 is one, too. Left empty it is none.

    Signals:
        problem_changed: str: why the text is invalid; empty if it is valid.
    """

    problem_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._validator = EntryValidator(self, self._problem_of, may_become_real)
        self._validator.problem_changed.connect(self.problem_changed)
        self.editingFinished.connect(self._validator.finish)

    def entered(self) -> float | str:
        """Return the number, or the text if it is invalid."""
        text = self.text().strip()
        number = real(text)
        return text if number is None else number

    def problem(self) -> str:
        """Return why the text is invalid; empty if it is valid."""
        return self._problem_of(self.text())

    def _problem_of(self, text: str) -> str:
        return real_problem(text) if text.strip() else ""
