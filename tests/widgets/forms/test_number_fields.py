import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from widgets.forms.number_fields import RealField, WholeField


@pytest.fixture
def field(request, qtbot):
    """A field that shows 64, and the problems that it reported."""
    if request.param == "whole":
        field = WholeField(1, 4096)
        field.show_number(64)
        field.line = field.lineEdit()
    else:
        field = RealField()
        field.setText("64")
        field.line = field
    qtbot.addWidget(field)
    field.show()
    field.problems = []
    field.problem_changed.connect(field.problems.append)
    return field


both = pytest.mark.parametrize("field", ["whole", "real"], indirect=True)
whole = pytest.mark.parametrize("field", ["whole"], indirect=True)


def type_over(qtbot, field, text, end=Qt.Key.Key_Return):
    field.line.selectAll()
    qtbot.keyClicks(field, text)
    if end:
        qtbot.keyClick(field, end)


def paste(qtbot, field, text):
    QGuiApplication.clipboard().setText(text)
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


@whole
@pytest.mark.parametrize("text", ["-5abc99999999999999", "0", "4097", "1.5", "1e3", "abc", "-1", "12,34"])
def test_an_invalid_typed_text_is_reported_and_does_not_change_the_value(qtbot, field, text):
    type_over(qtbot, field, text)
    assert field.problems[-1] == f"‘{text}’ is refused. Allowed: whole numbers from 1 to 4,096."
    assert field.text() == text
    assert field.entered() == text
    assert field.value() == 64


@whole
def test_an_empty_field_is_reported(qtbot, field):
    field.line.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.problems == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.problems == ["Nothing is entered. Allowed: whole numbers from 1 to 4,096."]
    assert field.value() == 64


@pytest.mark.parametrize(
    ("field", "text"), [("whole", "6x"), ("whole", "-"), ("real", "0,"), ("real", "x")], indirect=["field"]
)
def test_an_invalid_character_is_reported_at_once(qtbot, field, text):
    type_over(qtbot, field, text, end=None)
    assert f"‘{text}’ is refused" in field.problems[-1]
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.problems[-1] == ""


@pytest.mark.parametrize(
    ("field", "text"), [("whole", "128"), ("real", "-1.5e-3"), ("real", ".25"), ("whole", "1,024")], indirect=["field"]
)
def test_typing_a_number_reports_nothing(qtbot, field, text):
    type_over(qtbot, field, text)
    assert field.problems == []
    assert field.entered() == float(text.replace(",", ""))


@both
@pytest.mark.parametrize("text", ["-5abc99999999999999", "abc", "0,5", "1e400", "1 000", "nan", "12,34"])
@pytest.mark.parametrize("over", [False, True], ids=["into it", "over it"])
def test_an_invalid_paste_is_rejected_and_reported(qtbot, field, text, over):
    field.line.selectAll()
    if not over:
        field.line.end(False)
    paste(qtbot, field, text)
    assert field.line.text() == "64"
    assert "is refused" in field.problems[-1]
    assert text in field.problems[-1]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.entered() == 64


@both
def test_a_valid_paste_is_accepted(qtbot, field):
    field.line.selectAll()
    paste(qtbot, field, "256")
    assert field.entered() == 256
    assert field.problems == []


@whole
@pytest.mark.parametrize("value", [0, 3_000_000_000, -(2**40), 10**18])
def test_a_number_beyond_the_range_is_shown_unchanged(qtbot, field, value):
    field.show_number(value)
    assert field.text() == f"{value:,}"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == f"{value:,}"
    field.show_number(5)
    assert field.text() == "5"


@whole
def test_the_arrows_work_and_a_number_clears_a_problem(qtbot, field):
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.entered() == 65
    type_over(qtbot, field, "x")
    type_over(qtbot, field, "70")
    assert field.problems[-1] == ""
    assert (field.entered(), field.value()) == (70, 70)
    paste(qtbot, field, "zzz")
    assert field.line.text() == "70"
