import pytest

from agents.benchmarks.learning.controls import mean_score, measure
from envs.players import random_player, scripted
from envs.task import Task, library


def test_every_task_has_a_random_player_and_every_house_an_expert():
    figures = {figure.name: figure for figure in measure(episodes=4)}
    for spec in library():
        assert 0 <= figures[f"{spec.key}: random player"].value <= 1
        assert (f"{spec.key}: scripted expert" in figures) == (not spec.key.startswith("gym:"))
    assert all(figure.holds for figure in figures.values())


@pytest.mark.parametrize("key", ["household/go-to", "mirror/take"])
def test_the_expert_is_far_above_chance(key):
    world = Task(key=key).make()
    assert mean_score(world, scripted(world), 20) == 1
    assert mean_score(world, random_player(0), 20) < 0.7


@pytest.mark.parametrize("key", [spec.key for spec in library() if not spec.key.startswith("gym:")])
def test_every_household_has_an_expert_who_solves_each_of_500_episodes(key):
    world = Task(key=key).make()
    assert mean_score(world, scripted(world), 500) == 1


def test_the_episodes_are_always_the_same():
    world = Task(key="gym:CartPole-v1").make()
    assert scripted(world) is None
    scores = [mean_score(world, random_player(3), 5) for _ in range(2)]
    assert scores[0] == scores[1]
