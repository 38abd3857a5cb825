"""Learning curves, as points and as progress lines."""

import math

from agents.benchmarks.learning.score_curve import first_reached, print_scores, score_curve, train_arms
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Evaluated
from agents.training.trainer import Trainer
from envs.curriculum import Stage


def test_a_point_is_an_evaluation(capsys):
    config = RunConfig(
        stages=(Stage(task="household/go-to", steps=64),),
        model=ModelConfig(layers=1, width=16, heads=2),
        learning=LearningConfig(n_envs=4, n_steps=8),
        evaluation=EvaluationConfig(eval_freq=32, n_eval_episodes=1),
    )
    points = score_curve(Trainer(config).run())
    assert [step for step, _ in points] == sorted({step for step, _ in points})
    assert points[-1][0] == 64
    print_scores("who", [(0, 0.5), (1, 1.0)], "; more")
    assert capsys.readouterr().err == "who: 0.50 1.00; more\n"


def test_a_curve_may_stop_at_a_score_and_the_rest_is_not_consumed():
    events = iter([Evaluated(step=step, index=0, scores=(step / 10,), final=False) for step in range(10)])
    points = score_curve(events, stop_at=0.4)
    assert points[-1] == (4, 0.4)
    assert next(events).step == 5
    assert first_reached(points, 0.3) == 3
    assert math.isnan(first_reached(points, 0.5))


def test_arms_alternate_within_a_seed():
    order = []

    def train(arm, seed):
        order.append((arm, seed))
        return [(0, seed)]

    assert train_arms(("a", "b"), 2, train) == {"a": [[(0, 0)], [(0, 1)]], "b": [[(0, 0)], [(0, 1)]]}
    assert order == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]
