import pytest

from widgets.style.numbers import clock, count, score, short_count, signed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (score(0.944), "0.94"),
        (score(None), "–"),
        (score(float("nan")), "–"),
        (signed(1), "+1.00"),
        (signed(-0.104), "-0.10"),
        (count(41_208), "41,208"),
        (short_count(0), "0"),
        (short_count(800), "800"),
        (short_count(8_000), "8k"),
        (short_count(1_500_000), "1.5M"),
        (clock(5), "0:05"),
        (clock(150.4), "2:30"),
        (clock(3_750), "1:02:30"),
    ],
)
def test_numbers_read_as_people_write_them(text, expected):
    assert text == expected
