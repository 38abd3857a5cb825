import pytest

from agents.analysis.collapse import ALIKE, EPISODES, SURE, UPDATES, collapse
from agents.config import RunConfig
from agents.events import EpisodeFinished, Evaluated, RunStarted, StageFinished, StageStarted, Updated
from agents.story import Story
from envs.curriculum import Stage

STAGE = Stage(id="a", task="household/go-to", steps=10_000)


def told(scores, *, entropy=1.0, repetition=0.0, updates=UPDATES, index=0, start=0):
    yield StageStarted(step=start, index=index, task_id=0, stage=STAGE)
    for place, score in enumerate(scores, start=1):
        yield EpisodeFinished(step=start + place, index=index, task_id=0, reward=score, score=score, length=1)
    terms = {"repetition": repetition} if entropy is None else {"entropy": entropy, "repetition": repetition}
    for place in range(1, updates + 1):
        yield Updated(step=start + len(scores) + place, index=index, terms=terms, rate=1.0)


def story(*parts):
    made = Story([RunStarted(step=0, config=RunConfig(stages=(STAGE,)))])
    for part in parts:
        for event in part:
            made.fold(event)
    return made


POOR = [0.1] * EPISODES
GOOD = [0.9] * EPISODES
RISING = [place / (2 * EPISODES) for place in range(EPISODES)]


@pytest.mark.parametrize(
    ("scores", "terms", "kind"),
    [
        (POOR, {"entropy": SURE / 2}, "sure"),
        (POOR, {"entropy": SURE / 2, "repetition": 1.0}, "sure"),
        (POOR, {"repetition": ALIKE}, "repeating"),
        (POOR, {"entropy": None, "repetition": 1.0}, "repeating"),
        (POOR, {}, None),
        (POOR, {"repetition": ALIKE - 0.05}, None),
        (GOOD, {"entropy": 0.0, "repetition": 1.0}, None),
        (RISING, {"entropy": 0.0, "repetition": 1.0}, None),
        (POOR[1:], {"entropy": 0.0}, None),
        (POOR, {"entropy": 0.0, "updates": UPDATES - 1}, None),
    ],
)
def test_a_policy_has_collapsed_if_it_is_sure_or_monotonous_and_does_badly(scores, terms, kind):
    found = collapse(story(told(scores, **terms)).until())
    assert (found and found.kind) == kind


FAIR = [0.45] * EPISODES


@pytest.mark.parametrize(
    ("untrained", "lived", "alarms"),
    [
        (0.0, FAIR, False),  # as good as the world allows, for all that is known
        (0.4, FAIR, True),  # hardly better than untrained
        (0.0, [1.0] * EPISODES + FAIR, True),  # the same run did far better
        (0.0, [0.6] * EPISODES + FAIR, False),
        (None, FAIR, True),  # nothing to compare with
    ],
)
def test_what_is_poor_depends_on_the_untrained_agent_and_on_the_best_of_the_run(untrained, collected, alarms):
    looked = Evaluated(step=0, index=-1, scores=(untrained,), final=True)
    assert (collapse(story([looked], told(collected, entropy=0.0)).until()) is not None) == alarms


def test_it_tells_the_numbers_that_show_it():
    found = collapse(story(told(POOR, entropy=0.01, repetition=0.5)).until())
    assert (found.score, found.entropy, found.repetition) == pytest.approx((0.1, 0.01, 0.5))


def test_before_it_happened_the_past_looks_well():
    collected = story(told(POOR, entropy=0.0))
    assert collapse(collected.until(EPISODES)) is None
    assert collapse(collected.until(collected.step)).kind == "sure"


def test_a_new_stage_is_judged_by_itself():
    collected = story(told(POOR, entropy=0.0))
    end = collected.step
    collected.fold(StageFinished(step=end, index=0, reason="budget"))
    assert collapse(collected.until()).kind == "sure"
    for event in told(GOOD[:5], index=1, start=end):
        collected.fold(event)
    assert collapse(collected.until()) is None


def test_a_run_without_stages_has_nothing_to_collapse():
    assert collapse(Story().until()) is None
