import sys

import numpy as np
import pytest

from agents.benchmarks.reference import cartpole
from agents.benchmarks.reference.cartpole import FIRST_SEED, TRIALS, CartPoleTrial, compared, lived, measure
from agents.benchmarks.reference.cartpole_evaluation import LONGEST, CartPoleScore, score_cartpole


def test_a_look_sees_how_well_a_way_of_deciding_balances():
    assert score_cartpole(lambda seen: (seen[:, 2] + 0.5 * seen[:, 3] > 0).astype(np.int64)) == LONGEST
    assert 8 <= score_cartpole(lambda seen: np.zeros(len(seen), dtype=np.int64)) <= 11


LOOKS = [CartPoleScore(2_500, 60, 90.0), CartPoleScore(5_000, 110, 500.0), CartPoleScore(7_500, 125, 300.0)]


@pytest.mark.parametrize(("goal", "holds"), [(500.0, True), (501.0, False)])
def test_the_best_and_the_last_look_are_told_beside_the_rivals(goal, holds):
    trial = CartPoleTrial(lambda steps, seed: LOOKS, 10_000, goal, "DQN")
    figures = compared("DQN", trial, 2, (LOOKS, LOOKS[:1]))
    assert [figure.value for figure in figures] == [500, 300, 90, 90]
    assert [figure.holds for figure in figures] == [holds, True, True, True]
    assert ("first after 5,000 steps and 110 episodes" in figures[0].source) == holds
    assert all(figure.name.startswith("DQN, seed 2") for figure in figures)


def test_a_budget_of_episodes_ends_with_the_last_look_inside_it():
    trial = CartPoleTrial(lambda steps, seed: LOOKS, 10_000, 475, "A2C", episodes=115)
    assert lived(trial, 10_000, 0) == LOOKS[:2]


def test_a_budget_too_small_for_a_look_is_refused():
    with pytest.raises(ValueError, match="allow at least 2,500"):
        lived(TRIALS["DQN"], 10, 0)


@pytest.mark.parametrize("name", TRIALS)
def test_each_of_ours_lives_as_long_as_its_rival(name, capsys):
    figures = measure(seeds=1, only=name, steps=2_600).figures
    assert len(figures) == 4
    assert all(8 <= figure.value <= LONGEST for figure in figures)
    assert TRIALS[name].rival in figures[2].name
    assert f"{name}, seed {FIRST_SEED}:" in capsys.readouterr().err


@pytest.mark.parametrize("name", TRIALS)
def test_the_same_seed_tells_the_same_curve(name):
    lives = [list(TRIALS[name].life(2_600, 1)) for _ in range(2)]
    assert lives[0] == lives[1]


def test_an_unknown_learner_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="PPO, REINFORCE, DQN, got 'SAC'"):
        measure(only="SAC")


def test_without_stable_baselines3_one_line_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    monkeypatch.delitem(sys.modules, "agents.benchmarks.reference.cartpole_sb3", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'palimpsest\[bench\]'"):
        cartpole.measure(seeds=1)
