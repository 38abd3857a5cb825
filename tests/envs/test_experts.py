import pytest

from envs.experts import TABULAR, expert_for, has_expert
from envs.household.scene import perform
from envs.household.several_rooms_expert import expert as planner
from envs.household.several_rooms_expert import solution
from envs.household.single_room_expert import expert
from envs.players import scripted
from envs.task import Task, library

WITH_EXPERT = [spec for spec in library() if has_expert(spec)]
DETERMINISTIC = [spec for spec in WITH_EXPERT if spec.key != "gym:FrozenLake-v1"]
ROOMS = [spec for spec in WITH_EXPERT if spec.world == "envs.household.several_rooms:HouseholdRooms"]


def worlds(spec, seeds=5):
    """Yield the world and its best actions at each step of some episodes, each step by the last best action."""
    world, best = Task(key=spec.key).make(), expert_for(spec)
    for seed in range(seeds):
        world.reset(seed=seed)
        info = {}
        while not info:
            yield world, best(world)
            *_, info = world.step(best(world)[-1])


def score(spec, seed, choose):
    world, best = Task(key=spec.key).make(), expert_for(spec)
    world.reset(seed=seed)
    info = {}
    while not info:
        *_, info = world.step(choose(best(world)))
    return info["score"]


@pytest.mark.parametrize("spec", DETERMINISTIC, ids=lambda spec: spec.key)
@pytest.mark.parametrize("choose", [min, max])
def test_any_choice_of_best_actions_solves_the_world(spec, choose):
    assert min(score(spec, seed, choose) for seed in range(8)) > 0.98


def test_on_ice_the_expert_succeeds_as_often_as_the_optimal_policy():
    spec = next(spec for spec in WITH_EXPERT if spec.key == "gym:FrozenLake-v1")
    mean = sum(score(spec, seed, min) for seed in range(200)) / 200
    assert mean == pytest.approx(0.82, abs=0.09)  # the known optimum without a time limit is 0.824


@pytest.mark.parametrize("spec", ROOMS, ids=lambda spec: spec.key)
def test_best_are_exactly_the_acts_that_shorten_the_solution(spec):
    for world, best in worlds(spec):
        rooms = len(world.house.rooms)
        length = len(solution(world.scene, world.goals, rooms))
        after = [perform(world.scene, world.house, act) for act in world.acts]
        shorter = [len(solution(scene, world.goals, rooms)) == length - 1 for scene in after]
        assert best == tuple(action for action, is_shorter in enumerate(shorter) if is_shorter)


@pytest.mark.parametrize("spec", [spec for spec in WITH_EXPERT if spec.key not in TABULAR], ids=lambda spec: spec.key)
def test_the_scripted_player_takes_one_of_the_best_actions(spec):
    for world, best in worlds(spec, 3):
        play = scripted(world)
        assert play in (expert, planner)
        assert play(world) in best


def test_two_equally_short_paths_are_both_returned():
    spec = next(spec for spec in WITH_EXPERT if spec.key == "household/go-to")
    assert any(len(best) == 2 for _, best in worlds(spec))


@pytest.mark.parametrize("key", ["gym:CartPole-v1", "gym:Blackjack-v1"])
def test_a_task_without_an_expert_has_none(key):
    assert expert_for(Task(key=key).spec) is None
