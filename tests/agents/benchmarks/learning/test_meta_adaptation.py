import pytest
import torch

from agents.benchmarks.learning import meta_adaptation
from agents.meta.task_family import split
from envs.task import Task


@pytest.fixture
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_threads")
def test_a_quick_measurement_names_every_agent(capsys):
    figures = meta_adaptation.measure(seeds=1, quick=True).figures
    names = [figure.name for figure in figures]
    assert names[0] == "Reptile against no meta-learning, seed 0"
    assert [name for name in names if name.startswith("success")] == [
        f"success after 64 episodes, {arm}" for arm in meta_adaptation.ARMS
    ]
    success = {figure.name.split(", ")[1]: figure.value for figure in figures if figure.name.startswith("success")}
    expected = success["Reptile"] / max(success["no meta-learning"], meta_adaptation.LEAST)
    assert figures[0].value == pytest.approx(expected)
    assert "seed 0, FOMAML" in capsys.readouterr().err


def test_no_held_out_task_is_a_training_task():
    training, held_out = split(Task(key=meta_adaptation.FAMILY))
    assert len(training) == 16
    assert len(held_out) == 8
    assert not set(training) & set(held_out)


@pytest.mark.parametrize(("success", "control", "holds"), [(0.9, 0.5, True), (0.5, 0.4, False), (0.1, 0.0, True)])
def test_only_reptile_is_held_to_the_goal(success, control, holds):
    curves = {"Reptile": [[(64, success)]], "FOMAML": [[(64, 0.0)]], meta_adaptation.PLAIN: [[(64, control)]]}
    reptile, first_order = meta_adaptation._ratios(curves)
    assert reptile.holds is holds
    assert first_order.holds
    assert not first_order.goal
