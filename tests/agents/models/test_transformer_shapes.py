"""The table of the built-in policy's weights equals the policy's own."""

import pytest
import torch

from agents.config.agent import ModelConfig
from agents.language.tokenizer import FIRST_WORD
from agents.language.transformer import LONGEST_PHRASE, Transformer
from agents.models.parameter_count import transformer_weights
from agents.models.transformer_shapes import policy_shapes
from agents.policies.language import LanguagePolicy


@pytest.mark.parametrize(
    "changes",
    [{}, {"layers": 1, "width": 32, "context": 48}, {"layers": 3, "heads": 2}, {"start": "pretrained"}],
)
def test_names_shapes_and_count_are_those_of_the_policy(changes):
    config = ModelConfig(**changes)
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer.create(config, generator), generator)
    weights = {name: tuple(weight.shape) for name, weight in policy.state_dict().items()}
    words = FIRST_WORD + len(policy.model.words)
    assert policy_shapes(config, config.context + LONGEST_PHRASE, words) == weights
    assert transformer_weights(config) == sum(weight.numel() for weight in policy.state_dict().values())
