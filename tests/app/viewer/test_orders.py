from pathlib import Path

import pytest

from agents.store.run import Run
from app.viewer.orders import Recall, Renew, Reset, Step, without_outdated_recalls


def recall(step):
    return Recall(Run(Path()), step)


FIRST, SECOND, LAST = recall(100), recall(200), recall(300)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([], []),
        ([Step(), Reset()], [Step(), Reset()]),
        ([FIRST], [FIRST]),
        ([FIRST, SECOND, LAST], [LAST]),
        ([Renew(), FIRST, Reset(), SECOND, LAST, Step()], [Renew(), LAST, Reset(), Step()]),
        ([FIRST, Reset(), FIRST], [FIRST, Reset()]),
    ],
)
def test_of_several_recalls_the_last_takes_the_place_of_the_first(given, kept):
    assert without_outdated_recalls(given) == kept
