import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.training.plan import Refused, StagePlan
from envs.curriculum import Stage


def stages(*ids):
    return tuple(Stage(id=id_, task="household/go-to") for id_ in ids)


def test_the_stages_of_a_plan_run_in_order():
    plan = StagePlan(stages("a", "b"))
    assert plan.begin().id == "a"
    plan.finish()
    assert plan.begin().id == "b"
    plan.finish()
    assert plan.begin() is None
    assert [stage.id for stage in plan.history] == ["a", "b"]


def test_omitting_the_running_stage_ends_it_and_moves_it_to_history():
    plan = StagePlan(stages("a", "b"))
    plan.begin()
    plan = plan.edited(stages("c"))
    assert [stage.id for stage in plan.history] == ["a"]
    assert plan.running is None
    assert plan.begin().id == "c"


def test_the_running_stage_may_get_another_budget():
    plan = StagePlan(stages("a"))
    plan.begin()
    longer = plan.running.model_copy(update={"steps": 99})
    assert plan.edited((longer,)).running.steps == 99


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (stages("b", "c"), "can't be changed"),
        ((Stage(id="a", task="household/go-to"), Stage(id="b", task="mirror/go-to")), "swap it"),
        (stages("a", "c", "b"), "can't be moved"),
    ],
)
def test_an_edit_of_finished_or_running_stages_is_refused(edit, reason):
    plan = StagePlan(stages("a", "b", "c"))
    plan.begin()
    plan.finish()
    plan.begin()
    with pytest.raises(Refused, match=reason):
        plan.edited(edit)


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True))
def test_no_edit_ever_changes_history(before, after):
    plan = StagePlan(stages(*before))
    plan.begin()
    plan.finish()
    plan.begin()
    finished = [stage.id for stage in plan.history]
    try:
        new = plan.edited(stages(*after))
    except Refused:
        return
    assert [stage.id for stage in new.history][: len(finished)] == finished
