import sys

import numpy as np
import pytest

from agents.benchmarks.reference import cartpole
from agents.benchmarks.reference.cartpole import (
    FIRST_SEED,
    TRIALS,
    CartPoleTrial,
    compare,
    measure,
    scores_within_budget,
)
from agents.benchmarks.reference.cartpole_evaluation import LONGEST, CartPoleScore, score_cartpole


def test_the_score_of_a_good_and_of_a_constant_policy():
    assert score_cartpole(lambda rows: (rows[:, 2] + 0.5 * rows[:, 3] > 0).astype(np.int64)) == LONGEST
    assert 8 <= score_cartpole(lambda rows: np.zeros(len(rows), dtype=np.int64)) <= 11


SCORES = [CartPoleScore(2_500, 60, 90.0), CartPoleScore(5_000, 110, 500.0), CartPoleScore(7_500, 125, 300.0)]


@pytest.mark.parametrize(("goal", "holds"), [(500.0, True), (501.0, False)])
def test_the_best_and_the_last_score_are_reported_beside_the_baseline(goal, holds):
    trial = CartPoleTrial(lambda steps, seed: SCORES, 10_000, goal, "DQN")
    figures = compare("DQN", trial, 2, SCORES, SCORES[:1])
    assert [figure.value for figure in figures] == [500, 300, 90, 90]
    assert [figure.holds for figure in figures] == [holds, True, True, True]
    assert ("first after 5,000 steps and 110 episodes" in figures[0].source) == holds
    assert all(figure.name.startswith("DQN, seed 2") for figure in figures)


def test_evaluations_after_the_budget_of_episodes_are_dropped():
    trial = CartPoleTrial(lambda steps, seed: SCORES, 10_000, 475, "A2C", episodes=115)
    assert scores_within_budget(trial, 10_000, 0) == SCORES[:2]


def test_a_budget_without_an_evaluation_raises():
    with pytest.raises(ValueError, match="allow at least 2,500"):
        scores_within_budget(TRIALS["DQN"], 10, 0)


@pytest.mark.parametrize("name", TRIALS)
def test_each_algorithm_is_reported_beside_its_baseline(name, capsys):
    figures = measure(seeds=1, only=name, steps=2_600).figures
    assert len(figures) == 4
    assert all(8 <= figure.value <= LONGEST for figure in figures)
    assert TRIALS[name].baseline in figures[2].name
    assert f"{name}, seed {FIRST_SEED}:" in capsys.readouterr().err


@pytest.mark.parametrize("name", TRIALS)
def test_the_same_seed_gives_the_same_scores(name):
    first, second = (list(TRIALS[name].train(2_600, 1)) for _ in range(2))
    assert first == second


def test_an_unknown_algorithm_raises_with_the_known_ones():
    with pytest.raises(ValueError, match="PPO, REINFORCE, DQN, got 'SAC'"):
        measure(only="SAC")


def test_without_stable_baselines3_one_line_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    monkeypatch.delitem(sys.modules, "agents.benchmarks.reference.cartpole_sb3", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'palimpsest\[bench\]'"):
        cartpole.measure(seeds=1)
