"""Fields for numbers in which nothing that is entered is refused in silence.

What is typed stays, and what can't be used of it is told while it is typed. What is pasted and can't be used leaves the
field as it was, and is told.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from widgets.forms.number_text import may_become_real, may_become_whole, real, real_problem, whole, whole_problem
from widgets.style.wheel_controls import SpinBox


class EntryJudge(QObject):
    """Reads along in a line of text.

    Signals:
        told: str: what is wrong with the text; empty: nothing, or nothing yet.
    """

    told = Signal(str)

    def __init__(self, line: QLineEdit, problem: Callable[[str], str], may_become: Callable[[str], bool]) -> None:
        super().__init__(line)
        self._line, self._problem, self._may_become = line, problem, may_become
        self._before = self._said = ""
        self._is_edited = False
        line.textEdited.connect(self._read)
        line.textChanged.connect(self.expect)

    def begin(self) -> None:
        """Know that what stands there was shown, not entered."""
        self._is_edited = False
        self.expect()

    def expect(self) -> None:
        """Take what stands in the line for what it is to be again after a paste that can't be used."""
        self._before = self._line.text()

    def finish(self) -> None:
        """Say what is wrong with the text that a person entered, now that it is done."""
        self.expect()
        if self._is_edited:
            self._tell(self._problem(self._line.text()))

    def _read(self, text: str) -> None:
        self._is_edited = True
        problem = self._problem(text)
        if problem and _inserted(self._before, text) > 1:
            self._line.setText(self._before)
            self._tell(problem)
        else:
            self._tell("" if problem and self._may_become(text) else problem)

    def _tell(self, problem: str) -> None:
        """Say a problem; take back only what was said here."""
        if problem or self._said:
            self._said = problem
            self.told.emit(problem)


def _inserted(before: str, after: str) -> int:
    """Return how many characters an edit put in: one by a key, more by a paste or a drop."""
    start = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), None)
    if start is None:
        return max(len(after) - len(before), 0)
    kept = min(len(before), len(after)) - start
    ends = zip(reversed(before), reversed(after), strict=False)
    end = next((at for at, (one, other) in enumerate(ends) if one != other), kept)
    return len(after) - start - min(end, kept)


class WholeField(SpinBox):
    """A whole number, with arrows. What is no number in its range stays as text while `value` is the last that was.

    Signals:
        told: str: what is wrong with what stands there; empty: nothing.
    """

    told = Signal(str)

    def __init__(self, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held: str | None = None
        """What stands there, if it is no number that the box counts."""
        self.setRange(low, high)
        self.setKeyboardTracking(False)  # half a number is no value
        self.setGroupSeparatorShown(True)
        self._judge = EntryJudge(self.lineEdit(), self._problem_of, self._may_become)
        self._judge.told.connect(self.told)
        self.textChanged.connect(self._judge.expect)  # what the arrows write, the line does not tell
        self.editingFinished.connect(self._judge.finish)

    def entered(self) -> int | str:
        """Return the number that stands there, or the text that is none."""
        text = self.text()
        number = whole(text, self.locale().groupSeparator())
        return text if number is None or self._problem_of(text) else number

    def problem(self) -> str:
        """Return what is wrong with what stands there; empty: nothing."""
        return self._problem_of(self.text())

    def show_number(self, value: int) -> None:
        """Show a number, also one beyond the range of the box."""
        within = self.minimum() <= value <= self.maximum()
        self._held = None if within else self._parted(value)
        self.setValue(min(max(value, self.minimum()), self.maximum()))
        self._judge.begin()

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Let everything be typed."""
        usable = self._problem_of(text) == ""
        return (QValidator.State.Acceptable if usable else QValidator.State.Intermediate), text, place

    def fixup(self, text: str) -> str:
        """Let what can't be used stand."""
        self._held = text
        return text

    def textFromValue(self, value: int) -> str:  # noqa: N802
        """Return what stands there."""
        return self._parted(value) if self._held is None else self._held

    def valueFromText(self, text: str) -> int:  # noqa: N802
        """Read a number; only what can be used is asked for."""
        self._held = None
        return whole(text, self.locale().groupSeparator()) or 0

    def _parted(self, value: int) -> str:
        return f"{value:,}".replace(",", self.locale().groupSeparator())

    def _problem_of(self, text: str) -> str:
        number = whole(text, self.locale().groupSeparator())
        usable = number is not None and self.minimum() <= number <= self.maximum()
        return "" if usable else whole_problem(text, self.minimum(), self.maximum())

    def _may_become(self, text: str) -> bool:
        number = whole(text, self.locale().groupSeparator())
        is_small = number is not None and 0 <= number < self.minimum()
        return is_small or may_become_whole(text, self.locale().groupSeparator(), signed=self.minimum() < 0)


class RealField(QLineEdit):
    """A line for a number with a fraction; 1e-3 is one, too. Left empty it is none.

    Signals:
        told: str: what is wrong with what stands there; empty: nothing.
    """

    told = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._judge = EntryJudge(self, self._problem_of, may_become_real)
        self._judge.told.connect(self.told)
        self.editingFinished.connect(self._judge.finish)

    def entered(self) -> float | str:
        """Return the number that stands there, or the text that is none."""
        text = self.text().strip()
        number = real(text)
        return text if number is None else number

    def problem(self) -> str:
        """Return what is wrong with what stands there; empty: nothing."""
        return self._problem_of(self.text())

    def _problem_of(self, text: str) -> str:
        return real_problem(text) if text.strip() else ""
