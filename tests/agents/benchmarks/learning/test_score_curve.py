"""Scores of a run's evaluations, as numbers and as a line."""

from agents.benchmarks.learning.score_curve import print_scores, score_curve
from agents.config import RunConfig
from agents.config.agent import ModelConfig
from agents.config.learning import EvaluationConfig, LearningConfig
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
