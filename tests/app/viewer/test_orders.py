from pathlib import Path

import pytest

from agents.store.run import Run
from app.viewer.orders import ActOnce, LoadFromRun, Renew, Reset, without_outdated_recalls


def recall(step):
    return LoadFromRun(Run(Path()), step)


FIRST, SECOND, LAST = recall(100), recall(200), recall(300)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([], []),
        ([ActOnce(), Reset()], [ActOnce(), Reset()]),
        ([FIRST], [FIRST]),
        ([FIRST, SECOND, LAST], [LAST]),
        ([Renew(), FIRST, Reset(), SECOND, LAST, ActOnce()], [Renew(), LAST, Reset(), ActOnce()]),
        ([FIRST, Reset(), FIRST], [FIRST, Reset()]),
    ],
)
def test_of_several_recalls_the_last_takes_the_place_of_the_first(given, kept):
    assert without_outdated_recalls(given) == kept
