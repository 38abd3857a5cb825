import pytest

from app.benchmarks.startup import BARE_WINDOW, _figures, _launch

SECONDS = {"lab painted": 1.2, "lab stepped": 6.5, "window painted": 0.5, "torch loaded": 1.1}


def test_the_medians_are_compared_with_the_goals():
    assert {figure.name: figure.holds for figure in _figures(SECONDS, "") if figure.goal} == {
        "first paint": True,
        "first step with --start": False,
    }


def test_times_count_from_the_launch(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    marks = _launch(("-c", BARE_WINDOW), "painted")
    assert list(marks) == ["painted"]
    assert 0.05 < marks["painted"] < 30


def test_the_lab_reports_when_it_is_painted(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert 0.1 < _launch(("-m", "app"), "painted")["painted"] < 30


def test_a_launch_that_fails_raises_with_its_message():
    with pytest.raises(RuntimeError, match="ended before it painted: no luck"):
        _launch(("-c", "import sys; sys.exit('no luck')"), "painted")
