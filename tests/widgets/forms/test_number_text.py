import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.forms.number_text import number_text, real, real_problem, whole, whole_problem


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60))
def test_a_number_is_formatted_with_all_its_digits(value):
    assert type(value)(number_text(value)) == value
    assert isinstance(value, int) or real(number_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.5, "0.5"), (0.9123456, "0.9123456"), (1e-5, "1e-05"), (123456.789, "123456.789")]
)
def test_a_number_is_formatted_as_short_as_possible(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize("text", ["5", "0.5", ".5", "5.", "1e-3", "-2.5E+4", " 7 "])
def test_usual_formats_of_a_number_are_parsed(text):
    assert real(text) == float(text)
    assert real_problem(text) == ""


@pytest.mark.parametrize("text", ["0,5", "20,000", "1,2e3"])
def test_a_comma_is_refused_with_a_hint_to_use_a_point(text):
    assert real(text) is None
    assert f"‘{text}’ is refused: write a point" in real_problem(text)


@pytest.mark.parametrize("text", ["abc", "1e400", "nan", "inf", "1_000", "５", "0x10", "1 2", "--1", "1e", "½"])
def test_a_text_that_is_no_number_is_refused_and_quoted(text):
    assert real(text) is None
    assert f"‘{text}’ is refused" in real_problem(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("-5", -5), ("20,000", 20_000), ("20000", 20_000), (" 7 ", 7), ("1,234,567", 1_234_567)],
)
def test_a_whole_number_may_have_separators_of_thousands(text, value):
    assert whole(text, ",") == value


@pytest.mark.parametrize("text", ["", "0,5", "1.5", "1e3", "-5abc99999999999999", "12,34", "５", "1" * 5_000])
def test_a_text_that_is_no_whole_number_is_none(text):
    assert whole(text, ",") is None


def test_the_message_has_the_text_and_the_allowed_range():
    message = whole_problem("-5abc99999999999999", 0, 2**31 - 1)
    assert message == "‘-5abc99999999999999’ is refused. Allowed: whole numbers from 0 to 2,147,483,647."
