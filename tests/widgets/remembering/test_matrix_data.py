import numpy as np
import pytest

from agents.analysis.definitions import FAMILIES
from agents.events import Evaluated, RunFinished, StageFinished, StageStarted, TasksChanged
from agents.metrics import metrics
from agents.story import Story
from widgets.remembering.matrix_data import experts, matrix_data
from widgets.remembering.summary_text import RunComparison, sentences

BY_CHAUDHRY, BY_MAMMOTH, BY_CONTINUAL_WORLD, BY_COOM, BY_CORA = FAMILIES
NAMES = ["Go to", "Balance the pole", "Mirror house", "Put away"]


def test_at_a_stages_end_the_numbers_are_the_papers(story):
    view = story.until(3_000)
    shown = matrix_data(view)
    matrix, own, _ = view.matrix()
    official = metrics(matrix, own)
    assert (shown.learned, shown.average, shown.forward) == (
        official["learned"],
        official["average"],
        official["forward"],
    )
    assert shown.forgetting(BY_CHAUDHRY) == pytest.approx(official["forgetting"]) == pytest.approx((0.6 + 0.1) / 2)
    assert shown.forgetting(BY_MAMMOTH) == pytest.approx((0.6 + 0.1) / 2)
    assert shown.forgetting(BY_CONTINUAL_WORLD) == pytest.approx((0.6 + 0.1 + 0.0) / 3)
    assert shown.forgetting(BY_COOM) == pytest.approx((0.6 + 0.1) / 2)
    assert shown.forgetting(BY_CORA) == pytest.approx((0.1 / 1.0 + 0.5 / 1.0 + 0.1 / 0.8) / 3)
    for family in FAMILIES[:3]:
        assert shown.number(family, "average") == pytest.approx(official["average"])
    assert shown.number(BY_CHAUDHRY, "forward") == pytest.approx(official["forward"])
    assert shown.number(BY_COOM, "average") == pytest.approx((1.0 + 0.9 + 0.4 + 0.8 + 0.7 + 0.95) / 6)


def test_a_run_of_one_task_that_is_laid_over_is_the_expert(story):
    stage = story.clips[0].stage
    alone = Story(
        [
            TasksChanged(step=0, tasks=story.tasks[:1]),
            Evaluated(step=0, index=-1, scores=(0.2,), final=True),
            StageStarted(step=0, index=0, task_id=0, stage=stage),
            Evaluated(step=1_000, index=0, scores=(0.4,), final=True),
            StageFinished(step=1_000, index=0, reason="budget"),
        ]
    )
    shown, known = matrix_data(story.until(3_000)), experts(story, [alone, story])
    assert [expert is not None for expert in known] == [True, False, False, False]
    # from 0.3 to 1.0 where the expert went from 0.2 to 0.4
    assert shown.number(BY_COOM, "forward", known) == pytest.approx((0.65 - 0.3) / (1 - 0.3))
    assert shown.number(BY_COOM, "forward") is None


def test_in_the_middle_of_a_stage_a_row_for_now_is_added(story):
    story.fold(Evaluated(step=3_500, index=3, scores=(0.2, 0.6, 0.5, 0.4), final=False))
    shown = matrix_data(story.until())
    assert shown.live
    np.testing.assert_array_equal(shown.matrix[-1], (0.2, 0.6, 0.5, 0.4))
    assert shown.drops() == pytest.approx({0: 0.8, 1: 0.2, 2: 0.45})
    assert shown.forgetting(BY_CHAUDHRY) == pytest.approx((0.8 + 0.2 + 0.45) / 3)
    assert shown.learned == pytest.approx((1.0 + 0.8 + 0.95) / 3)


def test_stopping_a_run_does_not_change_its_forgetting(story):
    story.fold(Evaluated(step=3_500, index=3, scores=(0.2, 0.6, 0.5, 0.4), final=False))
    before = matrix_data(story.until())
    story.fold(StageFinished(step=3_500, index=3, reason="stopped"))
    after = matrix_data(story.until())
    for family in FAMILIES:
        assert after.forgetting(family) == before.forgetting(family)
    assert after.drops() == before.drops()


def test_the_largest_fall_is_named_first(story):
    texts = sentences(matrix_data(story.until()), NAMES, [], BY_CHAUDHRY)
    assert texts == ["Go to fell 0.60 since it was learned.", "Balance the pole fell 0.10 since it was learned."]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (0, "Nothing is learned yet"),
        (1_000, "Go to is learned to 1.00"),
        (2_000, "Go to fell 0.10"),
    ],
)
def test_every_step_has_a_summary(story, step, words):
    assert sentences(matrix_data(story.until(step)), NAMES, [], BY_CHAUDHRY)[0].startswith(words)


def test_another_run_is_compared_in_words(story):
    other = matrix_data(story.until(2_000))
    compared = [RunComparison("ewc, seed 0", other, {0: 0, 1: 1})]
    texts = sentences(matrix_data(story.until()), NAMES, compared, BY_CHAUDHRY)
    assert texts[-1] == "In ‘ewc, seed 0’ it fell 0.10."
    other_family = [RunComparison("other tasks", other, {})]
    texts = sentences(matrix_data(story.until()), NAMES, other_family, BY_CHAUDHRY)
    assert texts[-1] == "‘other tasks’: learned 0.90, forgetting 0.10."


def test_what_was_hardly_learned_is_not_called_forgotten(story):
    shown = matrix_data(story.until())
    shown.matrix[1, 0] = 0.45
    assert "but was only learned to 0.45" in " ".join(sentences(shown, NAMES, [], BY_CHAUDHRY))


def test_a_finished_run_has_no_row_for_now(story):
    story.fold(RunFinished(step=3_500, reason="stopped"))
    assert not matrix_data(story.until()).live
