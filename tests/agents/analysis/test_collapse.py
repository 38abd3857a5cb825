import pytest

from agents.analysis.collapse import EPISODES, REPEATING, SURE, UPDATES, collapse
from agents.config import RunConfig
from agents.events import EpisodeFinished, Evaluated, RunStarted, StageFinished, StageStarted, Updated
from agents.story import Story
from envs.curriculum import Stage

STAGE = Stage(id="a", task="household/go-to", steps=10_000)


def stage_events(scores, *, entropy=1.0, repetition=0.0, updates=UPDATES, index=0, start=0):
    yield StageStarted(step=start, index=index, task_id=0, stage=STAGE)
    for number, score in enumerate(scores, start=1):
        yield EpisodeFinished(step=start + number, index=index, task_id=0, reward=score, score=score, length=1)
    terms = {"repetition": repetition} if entropy is None else {"entropy": entropy, "repetition": repetition}
    for number in range(1, updates + 1):
        yield Updated(step=start + len(scores) + number, index=index, terms=terms, rate=1.0)


def story(*parts):
    result = Story([RunStarted(step=0, config=RunConfig(stages=(STAGE,)))])
    for part in parts:
        for event in part:
            result.fold(event)
    return result


POOR = [0.1] * EPISODES
GOOD = [0.9] * EPISODES
RISING = [number / (2 * EPISODES) for number in range(EPISODES)]


@pytest.mark.parametrize(
    ("scores", "terms", "kind"),
    [
        (POOR, {"entropy": SURE / 2}, "sure"),
        (POOR, {"entropy": SURE / 2, "repetition": 1.0}, "sure"),
        (POOR, {"repetition": REPEATING}, "repeating"),
        (POOR, {"entropy": None, "repetition": 1.0}, "repeating"),
        (POOR, {}, None),
        (POOR, {"repetition": REPEATING - 0.05}, None),
        (GOOD, {"entropy": 0.0, "repetition": 1.0}, None),
        (RISING, {"entropy": 0.0, "repetition": 1.0}, None),
        (POOR[1:], {"entropy": 0.0}, None),
        (POOR, {"entropy": 0.0, "updates": UPDATES - 1}, None),
    ],
)
def test_a_policy_has_collapsed_if_it_is_deterministic_or_repeating_and_scores_low(scores, terms, kind):
    found = collapse(story(stage_events(scores, **terms)).until())
    assert (found and found.kind) == kind


FAIR = [0.45] * EPISODES


@pytest.mark.parametrize(
    ("untrained", "scores", "alarms"),
    [
        (0.0, FAIR, False),  # perhaps as good as the task allows
        (0.4, FAIR, True),  # hardly better than untrained
        (0.0, [1.0] * EPISODES + FAIR, True),  # the same run did far better
        (0.0, [0.6] * EPISODES + FAIR, False),
        (None, FAIR, True),  # nothing to compare with
    ],
)
def test_a_low_score_is_relative_to_the_untrained_agent_and_to_the_best_of_the_run(untrained, scores, alarms):
    evaluated = Evaluated(step=0, index=-1, scores=(untrained,), final=True)
    assert (collapse(story([evaluated], stage_events(scores, entropy=0.0)).until()) is not None) == alarms


def test_a_collapse_has_the_numbers_that_show_it():
    found = collapse(story(stage_events(POOR, entropy=0.01, repetition=0.5)).until())
    assert (found.score, found.entropy, found.repetition) == pytest.approx((0.1, 0.01, 0.5))


def test_an_earlier_view_shows_no_collapse():
    collected = story(stage_events(POOR, entropy=0.0))
    assert collapse(collected.until(EPISODES)) is None
    assert collapse(collected.until(collected.step)).kind == "sure"


def test_a_new_stage_is_judged_separately():
    collected = story(stage_events(POOR, entropy=0.0))
    end = collected.step
    collected.fold(StageFinished(step=end, index=0, reason="budget"))
    assert collapse(collected.until()).kind == "sure"
    for event in stage_events(GOOD[:5], index=1, start=end):
        collected.fold(event)
    assert collapse(collected.until()) is None


def test_a_run_without_stages_has_nothing_to_collapse():
    assert collapse(Story().until()) is None
