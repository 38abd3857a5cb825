import pytest
from scipy import stats

from agents.analysis.comparison import ComparedRun, compare
from agents.config import RunConfig
from agents.config.strategies import EWCConfig, NaiveConfig
from agents.events import Evaluated, RunStarted, StageFinished, StageStarted, TasksChanged
from agents.story import Story
from envs.curriculum import Stage

STAGES = (Stage(task="household/go-to", steps=100), Stage(task="mirror/go-to", steps=100))


def compared_run(name, seed, retained, strategy=None, stages=STAGES, length=100):
    """A run that learns each task to 1.0, with 0.5 at half time, and whose earlier tasks score `retained`."""
    config = RunConfig(name=name, seed=seed, stages=stages, strategy=strategy or NaiveConfig())
    tasks = tuple(stage.configured_task for stage in stages)
    events = [RunStarted(step=0, config=config, agent={}), TasksChanged(step=0, tasks=tasks)]
    events.append(Evaluated(step=0, index=-1, scores=(0.0,) * len(tasks), final=False))
    for index, stage in enumerate(stages):
        start, waiting = length * index, (0.0,) * (len(tasks) - index - 1)
        events.append(StageStarted(step=start, index=index, task_id=index, stage=stage))
        for step, score in ((length // 2, 0.5), (length, 1.0)):
            scores = (*[retained] * index, score, *waiting)
            events.append(Evaluated(step=start + step, index=index, scores=scores, final=step == length))
        events.append(StageFinished(step=start + length, index=index, reason="budget"))
    return ComparedRun(name, Story(events))


NAIVE = [compared_run(f"naive {seed}", seed, 0.1 * seed) for seed in range(4)]
EWC = [compared_run(f"ewc {seed}", seed, 0.9, EWCConfig()) for seed in range(4)]


def test_seeds_of_equal_settings_are_one_group():
    data = compare([*NAIVE, *EWC])
    assert [(group["name"], group["seeds"]) for group in data["groups"]] == [
        ("naive", [0, 1, 2, 3]),
        ("ewc", [0, 1, 2, 3]),
    ]


def test_other_settings_of_one_strategy_are_another_group():
    strong = compared_run("strong", 0, 0.9, EWCConfig(strength=9.0))
    assert [group["name"] for group in compare([*EWC, strong])["groups"]] == ["ewc", "ewc (2)"]


def test_numbers_are_means_over_the_seeds():
    group = compare(NAIVE)["groups"][0]
    # forgetting is 1.0, 0.9, 0.8, 0.7
    assert group["families"]["chaudhry"]["forgetting"]["value"] == pytest.approx(0.85, abs=1e-9)
    assert group["families"]["continual-world"]["forgetting"]["value"] == pytest.approx(0.425, abs=1e-9)
    # final scores: 0.0, 0.1, 0.2, 0.3 and four times 1.0
    assert group["final"]["value"] == pytest.approx(4.6 / 8, abs=1e-9)
    assert group["final_interquartile"] is None  # of eight numbers
    assert group["learned"] == {"value": 1.0, "low": 1.0, "high": 1.0, "runs": 4, "method": "t"}
    assert [steps["value"] for steps in group["steps_to_level"]] == [100.0, 100.0]


def test_one_run_has_no_interval():
    (group,) = compare(NAIVE[:1])["groups"]
    assert (group["final"]["low"], group["final"]["method"]) == (None, "one run")


def test_a_run_that_never_reaches_the_level_counts_with_its_stage():
    (group,) = compare(NAIVE, level=1.5)["groups"]
    assert [(steps["value"], steps["reached"]) for steps in group["steps_to_level"]] == [(100.0, 0), (100.0, 0)]


def test_groups_with_the_same_seeds_are_paired():
    (pair,) = compare([*EWC, *NAIVE])["pairs"]
    assert (pair["of"], pair["over"], pair["paired_seeds"]) == ("ewc", "naive", [0, 1, 2, 3])
    # 0.9 − (0.0, 0.1, 0.2, 0.3) on the first of two tasks, 0 on the second
    gaps = stats.ttest_1samp([0.45, 0.4, 0.35, 0.3], 0.0).confidence_interval(0.95)
    assert pair["difference"]["value"] == pytest.approx(0.375)
    assert (pair["difference"]["low"], pair["difference"]["high"]) == pytest.approx((gaps.low, gaps.high))
    # better in every pair on the first task, equal in every pair on the second
    assert pair["improvement"]["value"] == pytest.approx(0.75)


def test_groups_with_other_seeds_are_independent():
    others = [compared_run(f"ewc {seed}", seed, 0.9, EWCConfig()) for seed in (7, 8)]
    (pair,) = compare([*others, *NAIVE])["pairs"]
    assert pair["paired_seeds"] == []
    assert pair["difference"]["value"] == pytest.approx(0.375)


def test_transfer_is_measured_against_the_expert_of_the_task():
    expert = compared_run("alone", 0, 0.0, stages=STAGES[:1])
    family = compare(NAIVE, [expert])["groups"][0]["families"]["coom"]
    assert family["forward"]["value"] == pytest.approx(0.0, abs=1e-9)
    assert compare(NAIVE)["groups"][0]["families"]["coom"]["forward"] is None


def test_a_note_explains_a_missing_transfer():
    assert compare(NAIVE)["notes"] == []
    short, missing = compare(NAIVE, [compared_run("alone", 0, 0.0, stages=STAGES[:1], length=50)])["notes"]
    assert "its expert was trained for" in short
    assert "there is no expert" in missing
    whole = [compared_run(str(index), 0, 0.0, stages=STAGES[index : index + 1]) for index in range(len(STAGES))]
    assert compare(NAIVE, whole)["notes"] == []


@pytest.mark.parametrize(
    ("runs", "experts", "reason"),
    [
        ([NAIVE[0], compared_run("short", 0, 0.0, stages=STAGES[:1])], [], "other tasks"),
        (NAIVE, NAIVE[:1], "not a single-task expert"),
        ([ComparedRun("empty", Story())], [], "never evaluated"),
    ],
)
def test_runs_that_cannot_be_compared_are_named(runs, experts, reason):
    with pytest.raises(ValueError, match=reason):
        compare(runs, experts)
