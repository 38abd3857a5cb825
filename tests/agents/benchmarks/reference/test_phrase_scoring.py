import pytest
import torch

pytest.importorskip("transformers", reason="the extra llm is not installed")

from agents.benchmarks.reference import phrase_scoring
from agents.benchmarks.reference.phrase_scoring import complete_tree, measure, token_by_token
from agents.benchmarks.reference.random_models import FAMILIES, draw_model
from agents.config.agent import PretrainedConfig
from agents.language.causal_scoring import plain_score
from agents.language.pretrained import Pretrained


def test_every_family_and_the_built_in_model_score_exactly(monkeypatch):
    monkeypatch.setattr(phrase_scoring, "SIZE", {"hidden_size": 32, "num_hidden_layers": 2})
    *figures, speedup = measure(rounds=1)
    assert len(figures) == 2 * (1 + len(FAMILIES))
    assert all(figure.holds for figure in figures)
    assert speedup.goal == "≥ 2.5"
    assert speedup.value > 1
    assert speedup.control > 0


def test_the_reference_scores_are_those_of_transformers_itself(tmp_path):
    source = str(draw_model(tmp_path))
    model = Pretrained(PretrainedConfig(source=source, context=64), torch.Generator().manual_seed(0))
    prompts, phrases = model.encode(["go to the apple"]), ((3, 4, 5), (6,))
    with torch.inference_mode():
        expected = plain_score(model.base, prompts, phrases).double()
        torch.testing.assert_close(token_by_token(model, prompts, phrases), expected, atol=1e-5, rtol=0)
        vocabulary = model(prompts)[0].shape[1]
    assert len(set(complete_tree(model))) == 2 * vocabulary - 1
