import pytest

from envs.experts import TABULAR, expert_for, has_expert
from envs.household.scene import perform
from envs.household.several_rooms_expert import expert as planner
from envs.household.several_rooms_expert import solution
from envs.household.single_room_expert import expert
from envs.players import scripted
from envs.task import Task, library

TAUGHT = [spec for spec in library() if has_expert(spec)]
WHOLE = [spec for spec in TAUGHT if spec.key != "gym:FrozenLake-v1"]
ROOMS = [spec for spec in TAUGHT if spec.world == "envs.household.several_rooms:HouseholdRooms"]


def worlds(spec, seeds=5):
    """Every moment of so many episodes, played by the last of the best actions."""
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


@pytest.mark.parametrize("spec", WHOLE, ids=lambda spec: spec.key)
@pytest.mark.parametrize("choose", [min, max])
def test_whichever_of_the_best_actions_is_taken_the_world_is_solved(spec, choose):
    assert min(score(spec, seed, choose) for seed in range(8)) > 0.98


def test_on_ice_the_expert_arrives_as_often_as_the_best_policy():
    spec = next(spec for spec in TAUGHT if spec.key == "gym:FrozenLake-v1")
    mean = sum(score(spec, seed, min) for seed in range(200)) / 200
    assert mean == pytest.approx(0.82, abs=0.09)  # the known optimum without a time limit is 0.824


@pytest.mark.parametrize("spec", ROOMS, ids=lambda spec: spec.key)
def test_best_are_just_the_acts_after_which_the_way_is_a_step_shorter(spec):
    for world, best in worlds(spec):
        rooms = len(world.house.rooms)
        left = len(solution(world.scene, world.goals, rooms))
        after = [perform(world.scene, world.house, act) for act in world.acts]
        shorter = [len(solution(scene, world.goals, rooms)) == left - 1 for scene in after]
        assert best == tuple(action for action, is_shorter in enumerate(shorter) if is_shorter)


@pytest.mark.parametrize("spec", [spec for spec in TAUGHT if spec.key not in TABULAR], ids=lambda spec: spec.key)
def test_a_player_of_single_actions_takes_one_of_the_best(spec):
    for world, best in worlds(spec, 3):
        play = scripted(world)
        assert play in (expert, planner)
        assert play(world) in best


def test_who_can_go_two_ways_is_told_both():
    spec = next(spec for spec in TAUGHT if spec.key == "household/go-to")
    assert any(len(best) == 2 for _, best in worlds(spec))


@pytest.mark.parametrize("key", ["gym:CartPole-v1", "gym:Blackjack-v1"])
def test_where_nobody_wrote_an_expert_there_is_none(key):
    assert expert_for(Task(key=key).spec) is None
