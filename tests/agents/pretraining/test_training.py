import math

import pytest
import torch

from agents.config.agent import ModelConfig
from agents.language import Prompts
from agents.language.tokenizer import END
from agents.language.transformer import Transformer
from agents.pretraining.training import perplexity, token_losses, tokenised, train

TEXT = ("the cup is here", "the cup is in the hall", "you see the ball", "you see the cup")


def model(**sizes):
    config = ModelConfig(**{"width": 32, "heads": 2, "context": 16, **sizes})
    return Transformer(config, torch.Generator().manual_seed(0), TEXT)


def test_a_line_ends_with_the_end_token_and_fits_the_positions():
    assert tokenised(model(), TEXT)[0][-1] == END
    assert len(tokenised(model(), ["cup " * 500])[0]) == len(model().positions)


def test_losses_are_the_negative_log_probabilities_of_the_agents_model():
    trained = model()
    lines = tokenised(trained, TEXT)
    expected = []
    with torch.no_grad():
        for line in lines:
            for position in range(1, len(line)):
                logits, _ = trained(Prompts.padded([line[:position]], trained.tokens.device))
                expected.append(-logits.log_softmax(-1)[0, line[position]])
        reports = token_losses(trained, Prompts.padded(lines, trained.tokens.device))
    torch.testing.assert_close(reports, torch.stack(expected), atol=1e-5, rtol=1e-5)
    assert perplexity(trained, lines) == pytest.approx(math.exp(float(torch.stack(expected).mean())), rel=1e-5)


def test_training_lowers_the_perplexity_and_is_repeatable():
    lines = tokenised(model(), TEXT)
    trained, repeated = model(), model()
    reports = list(train(trained, lines, 150, torch.Generator().manual_seed(1), every=50))
    list(train(repeated, lines, 150, torch.Generator().manual_seed(1), every=50))
    assert [each.step for each in reports] == [50, 100, 150]
    assert reports[-1].perplexity < reports[0].perplexity / 2
    assert perplexity(trained, lines) < 3  # only few continuations of each line are possible
    assert all(
        torch.equal(first, second) for first, second in zip(trained.parameters(), repeated.parameters(), strict=True)
    )
