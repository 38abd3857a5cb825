from dataclasses import replace

import pytest

from agents.algorithms.q_learning import QLearning
from agents.algorithms.sarsa import Sarsa
from agents.benchmarks.reference import tabular
from agents.benchmarks.reference.tabular import CLIFF, LAKE, TAXI, Path, TabularOutcome, train


def outcome(states):
    return TabularOutcome(0.0, (Path(tuple(states), 1.0 - len(states)),))


EDGE = outcome([36, *range(24, 36), 47])
TOP = outcome([36, 24, 12, *range(12), 23, 35, 47])
LOST = outcome([36, 24, 12, *range(12), *range(11, 0, -1)])


@pytest.mark.parametrize(("path", "gap", "is_safe"), [(EDGE, 1, False), (TOP, 3, True), (LOST, 3, False)])
def test_a_safe_path_stays_off_the_edge_and_reaches_the_goal(path, gap, is_safe):
    assert tabular._gap(path) == gap
    assert tabular._is_safe(path) == is_safe


def test_on_the_cliff_q_learning_takes_the_edge_and_sarsa_the_detour():
    short = replace(CLIFF, steps=40_000)
    edge, detour = train(short, QLearning, 0), train(short, Sarsa, 0)
    assert edge.greedy == -13
    assert tabular._gap(edge) == 1
    assert detour.greedy < -13
    assert tabular._gap(detour) > 1
    assert detour.online > edge.online + 10


def test_random_play_is_the_control_of_every_environment(monkeypatch):
    monkeypatch.setattr(tabular, "LAKE", replace(LAKE, steps=3_000))
    monkeypatch.setattr(tabular, "TAXI", replace(TAXI, steps=2_000, episodes=2))
    monkeypatch.setattr(tabular, "CLIFF", replace(CLIFF, steps=5_000))
    figures = {figure.name: figure for figure in tabular.measure(seeds=1)}
    assert figures["FrozenLake-v1 without slip: Q-learning, seed 0"].value == 1.0
    assert figures["Taxi-v4: Q-learning, seed 0"].holds is False
    for title in ("FrozenLake-v1 without slip", "Taxi-v4", "CliffWalking-v1"):
        assert figures[f"{title}: random play"].value < max(
            figure.value for name, figure in figures.items() if name.startswith(title)
        )
