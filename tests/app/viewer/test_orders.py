from pathlib import Path

import pytest

from agents.store.run import Run
from app.viewer.orders import LoadFromRun, LoadUntrained, Reset, StepOnce, without_outdated_loads


def load_at(step):
    return LoadFromRun(Run(Path()), step)


FIRST, SECOND, LAST = load_at(100), load_at(200), load_at(300)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        ([StepOnce(), Reset()], [StepOnce(), Reset()]),
        ([FIRST], [FIRST]),
        ([FIRST, SECOND, LAST], [LAST]),
        ([LoadUntrained(), FIRST, Reset(), SECOND, LAST, StepOnce()], [LoadUntrained(), LAST, Reset(), StepOnce()]),
        ([FIRST, Reset(), FIRST], [FIRST, Reset()]),
    ],
)
def test_of_several_loads_the_last_replaces_the_first(given, expected):
    assert without_outdated_loads(given) == expected
