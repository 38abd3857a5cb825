import pytest

from envs.curriculum import Stage, distinct_tasks
from envs.task import Task


def test_a_stage_keeps_only_options_that_differ_from_the_defaults():
    stage = Stage(task="household/go-to", options={"size": 5, "objects": 2})
    assert stage.options == {"objects": 2}


def test_stages_with_the_same_task_share_a_column_and_known_columns_stay_first():
    stages = [Stage(task="mirror/go-to"), Stage(task="household/go-to"), Stage(task="mirror/go-to")]
    known = Task(key="household/go-to")
    assert distinct_tasks(stages) == (Task(key="mirror/go-to"), known)
    assert distinct_tasks(stages, [known]) == (known, Task(key="mirror/go-to"))


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ({"task": "household/goto"}, "did you mean"),
        ({"task": "household/go-to", "kind": "meta"}, "needs a family"),
        ({"task": "household/go-to", "options": {"size": 99}}, "size"),
        ({"task": "household/go-to", "steps": 0}, "steps"),
    ],
)
def test_an_invalid_stage_is_refused(stage, message):
    with pytest.raises(ValueError, match=message):
        Stage(**stage)


def test_a_family_can_be_meta_learned():
    assert Stage(task="household/words", kind="meta").kind == "meta"
