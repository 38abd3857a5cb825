import pytest

from envs.household.scene import HouseScene, fulfils, perform
from envs.household.several_rooms_expert import expert, solution
from envs.task import Task, library

HOUSES = [spec.key for spec in library() if spec.world == "envs.household.several_rooms:HouseholdRooms"]


def play(world, seed):
    """Let the expert play an episode; return its length and its final `info`."""
    world.reset(seed=seed)
    steps, info = 0, {}
    while not info:
        *_, info = world.step(expert(world))
        steps += 1
    return steps, info


@pytest.mark.parametrize("key", HOUSES)
def test_the_expert_does_every_chore_in_the_largest_house(key):
    world = Task(key=key, options={"rooms": 4, "distractors": 3}).make()
    scores = [play(world, seed)[1]["score"] for seed in range(200)]
    assert min(scores) == 1.0


@pytest.mark.parametrize("key", HOUSES)
def test_the_expert_reaches_every_sub_goal(key):
    world = Task(key=key, options={"rooms": 4}).make()
    for seed in range(50):
        assert all(done for _, done in play(world, seed)[1]["subgoals"])


def fewest_steps(world):
    """Return the length of a shortest solution, by breadth-first search over all actions."""
    reached, steps = {world.scene}, 0
    while not any(all(fulfils(scene, goal) for goal in world.goals) for scene in reached):
        reached = {perform(scene, world.house, act) for scene in reached for act in world.acts}
        steps += 1
    return steps


@pytest.mark.parametrize(
    ("key", "rooms"), [(key, 2) for key in HOUSES] + [("household/store", 4), ("household/fetch", 3)]
)
def test_there_is_no_shorter_solution(key, rooms):
    world = Task(key=key, options={"rooms": rooms}).make()
    for seed in range(4):
        world.reset(seed=seed)
        shortest_length = fewest_steps(world)
        assert play(world, seed)[0] == shortest_length


def test_a_goal_for_a_missing_thing_has_no_solution():
    world = Task(key="household/fetch").make()
    world.reset(seed=0)
    with pytest.raises(ValueError, match="no acts lead to 'take the"):
        solution(HouseScene("hall", ()), world.goals, 2)
