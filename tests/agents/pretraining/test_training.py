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


def test_a_line_ends_with_the_end_and_never_leaves_the_positions():
    assert tokenised(model(), TEXT)[0][-1] == END
    assert len(tokenised(model(), ["cup " * 500])[0]) == len(model().positions)


def test_surprise_is_what_the_agent_itself_would_say_of_each_next_word():
    made = model()
    lines = tokenised(made, TEXT)
    expected = []
    with torch.no_grad():
        for line in lines:
            for cut in range(1, len(line)):
                logits, _ = made(Prompts.padded([line[:cut]], made.tokens.device))
                expected.append(-logits.log_softmax(-1)[0, line[cut]])
        told = token_losses(made, Prompts.padded(lines, made.tokens.device))
    torch.testing.assert_close(told, torch.stack(expected), atol=1e-5, rtol=1e-5)
    assert perplexity(made, lines) == pytest.approx(math.exp(float(torch.stack(expected).mean())), rel=1e-5)


def test_reading_makes_a_text_less_surprising_and_is_repeatable():
    lines = tokenised(model(), TEXT)
    made, again = model(), model()
    told = list(train(made, lines, 150, torch.Generator().manual_seed(1), every=50))
    list(train(again, lines, 150, torch.Generator().manual_seed(1), every=50))
    assert [each.step for each in told] == [50, 100, 150]
    assert told[-1].perplexity < told[0].perplexity / 2
    assert perplexity(made, lines) < 3  # four words may begin a line, and few are in doubt later
    assert all(torch.equal(one, other) for one, other in zip(made.parameters(), again.parameters(), strict=True))
