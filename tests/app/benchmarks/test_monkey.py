import pytest

from app.benchmarks.monkey import MonkeyResult, figures, run_monkey

WELL = MonkeyResult(1, events=10, steps=5, longest=0.2)


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        (MonkeyResult(2, crash="exit code -11"), "crashes"),
        (MonkeyResult(2, crash="Timeout (0:00:10)!", hung=True), "hangs"),
        (MonkeyResult(2, events=10, errors=("ValueError: no",)), "errors in the log"),
    ],
)
def test_one_failure_is_enough(bad, found):
    assert all(figure.holds for figure in figures([WELL]))
    assert [figure.name for figure in figures([WELL, bad]) if not figure.holds] == [found]
    assert "found by seed 2" in figures([WELL, bad])[1].source
    assert bad.summary.startswith("seed 2: ")


BROKEN = """
import sys
from pathlib import Path
from app.benchmarks import one_monkey, random_person

def fail(person, interaction):
    {code}

random_person.KINDS = dict.fromkeys(random_person.KINDS, fail)
one_monkey.TIMEOUT = 2
sys.exit(one_monkey.main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
"""
WAYS = {
    "error": ("raise ValueError('this slot is broken')", lambda found: "this slot is broken" in found.errors[0]),
    "crash": ("import faulthandler; faulthandler._sigsegv()", lambda found: found.crash and not found.hung),
    "hang": ("import time; time.sleep(60)", lambda found: found.hung),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_failure_of_the_lab_is_detected(tmp_path, way):
    code, is_found = WAYS[way]
    script = tmp_path / "broken.py"
    script.write_text(BROKEN.format(code=code))
    found = run_monkey(1, 3, [str(script)])
    assert is_found(found), found.summary
