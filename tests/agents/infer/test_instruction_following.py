import pytest

from agents.agent import Agent
from agents.config import RunConfig
from agents.infer.instruction_following import attempts, task_ids_for
from agents.infer.instruction_tracker import MAX_STEPS
from envs.curriculum import Stage
from envs.requests import NotUnderstood
from envs.task import Task

TASKS = (Task(key="household/go-to"), Task(key="gym:CartPole-v1"), Task(key="household/store"))


@pytest.fixture(scope="module")
def snapshot():
    agent = Agent(RunConfig(seed=2, stages=tuple(Stage(task=task.key) for task in TASKS)))
    for task_id, task in enumerate(TASKS):
        agent.add_task(task, task_id)
    return agent.snapshot(0)


@pytest.mark.parametrize(
    ("text", "task_ids"),
    [("go to the apple", [0]), ("走到苹果那里", [0]), ("open the fridge", [2]), ("take the apple", [2])],
)
def test_the_tasks_are_found_in_which_an_instruction_can_be_given(text, task_ids):
    assert task_ids_for(text, TASKS) == task_ids


def test_what_no_task_can_check_is_not_understood():
    with pytest.raises(NotUnderstood, match="moon"):
        task_ids_for("open the moon", TASKS)


def test_attempts_are_reproducible(snapshot):
    results, repeated = (list(attempts(snapshot, TASKS[2], 2, "open the fridge", episodes=6, seed=3)) for _ in range(2))
    assert results == repeated
    assert all(0 < attempt.steps <= MAX_STEPS for attempt in results)
    assert all(attempt.fulfilled or attempt.steps == MAX_STEPS for attempt in results)
    assert {attempt.fulfilled for attempt in results} == {True, False}


def test_instructed_with_its_own_goal_the_agent_fulfils_it_as_often_as_the_control(snapshot):
    """With a single object, the instruction equals the goal, so the observations are the same."""
    results = list(attempts(snapshot, TASKS[0], 0, "go to the apple", episodes=4))
    assert all(attempt.goal == "go to the apple" for attempt in results)
    assert all(attempt.fulfilled for attempt in results if attempt.control)
