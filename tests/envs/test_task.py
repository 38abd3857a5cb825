import pytest

from envs.task import Task, find_task, library


@pytest.mark.parametrize("spec", library(), ids=lambda spec: spec.key)
def test_every_row_is_found_by_its_key_and_makes_a_world(spec):
    assert find_task(spec.key) == spec
    world = Task(key=spec.key).make()
    assert world.actions
    assert world.words


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("household/goto", "did you mean 'household/go-to'"),
        ("gym:os:Env", "is not a Gymnasium id"),
        ("gym:../x", "is not a Gymnasium id"),
        ("zzz", "there are: household/go-to"),
    ],
)
def test_an_unknown_task_gets_a_suggestion(key, hint):
    with pytest.raises(ValueError, match=hint):
        find_task(key)


def test_tasks_are_identical_when_key_and_options_agree():
    first = Task(key="household/go-to", options={"size": 4, "objects": 2})
    assert first.identity == Task(key="household/go-to", options={"objects": 2, "size": 4}).identity
    assert first.identity != Task(key="household/go-to").identity


def test_an_unknown_option_is_refused():
    with pytest.raises(ValueError, match="sise"):
        Task(key="household/go-to", options={"sise": 4}).make()
