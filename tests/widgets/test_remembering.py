import numpy as np
import pytest

from agents.events import Evaluated, RunFinished, StageFinished
from agents.metrics import metrics
from widgets.forgetting_words import Compared, sentences
from widgets.remembering import DEFINITIONS, remembering

BY_CHAUDHRY, BY_LOPEZ_PAZ, BY_WOLCZYK = DEFINITIONS
NAMES = ["Go to", "Balance the pole", "Mirror house", "Put away"]


def test_at_a_stages_end_the_numbers_are_the_papers(story):
    view = story.until(3_000)
    shown = remembering(view)
    matrix, own, _ = view.matrix()
    official = metrics(matrix, own)
    assert (shown.learned, shown.average, shown.forward) == (
        official["learned"],
        official["average"],
        official["forward"],
    )
    assert shown.forgetting(BY_CHAUDHRY) == pytest.approx(official["forgetting"]) == pytest.approx((0.6 + 0.1) / 2)
    assert shown.forgetting(BY_LOPEZ_PAZ) == pytest.approx(-official["backward"])
    assert shown.forgetting(BY_WOLCZYK) == pytest.approx((0.6 + 0.1 + 0.0) / 3)


def test_in_the_middle_of_a_stage_a_row_for_now_is_added(story):
    story.tell(Evaluated(step=3_500, index=3, scores=(0.2, 0.6, 0.5, 0.4), final=False))
    shown = remembering(story.until())
    assert shown.live
    np.testing.assert_array_equal(shown.matrix[-1], (0.2, 0.6, 0.5, 0.4))
    assert shown.drops() == pytest.approx({0: 0.8, 1: 0.2, 2: 0.45})
    assert shown.forgetting(BY_CHAUDHRY) == pytest.approx((0.8 + 0.2 + 0.45) / 3)
    assert shown.learned == pytest.approx((1.0 + 0.8 + 0.95) / 3)


def test_a_run_that_is_stopped_forgets_as_much_as_a_moment_before(story):
    story.tell(Evaluated(step=3_500, index=3, scores=(0.2, 0.6, 0.5, 0.4), final=False))
    before = remembering(story.until())
    story.tell(StageFinished(step=3_500, index=3, reason="stopped"))
    after = remembering(story.until())
    for definition in DEFINITIONS:
        assert after.forgetting(definition) == before.forgetting(definition)
    assert after.drops() == before.drops()


def test_what_fell_most_is_said_first(story):
    said = sentences(remembering(story.until()), NAMES, [], BY_CHAUDHRY)
    assert said == ["Go to fell 0.60 since it was learned.", "Balance the pole fell 0.10 since it was learned."]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (0, "Nothing is learned yet"),
        (1_000, "Go to is learned to 1.00"),
        (2_000, "Go to fell 0.10"),
    ],
)
def test_every_moment_has_its_sentence(story, step, words):
    assert sentences(remembering(story.until(step)), NAMES, [], BY_CHAUDHRY)[0].startswith(words)


def test_another_run_is_compared_in_words(story):
    other = remembering(story.until(2_000))
    compared = [Compared("ewc, seed 0", other, {0: 0, 1: 1})]
    said = sentences(remembering(story.until()), NAMES, compared, BY_CHAUDHRY)
    assert said[-1] == "In ‘ewc, seed 0’ it fell 0.10."
    stranger = [Compared("other tasks", other, {})]
    said = sentences(remembering(story.until()), NAMES, stranger, BY_CHAUDHRY)
    assert said[-1] == "‘other tasks’: learned 0.90, forgetting 0.10."


def test_what_was_hardly_learned_is_not_called_forgotten(story):
    shown = remembering(story.until())
    shown.matrix[1, 0] = 0.45
    assert "but was only learned to 0.45" in " ".join(sentences(shown, NAMES, [], BY_CHAUDHRY))


def test_a_finished_run_has_no_row_for_now(story):
    story.tell(RunFinished(step=3_500, reason="stopped"))
    assert not remembering(story.until()).live
