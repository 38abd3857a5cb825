import math

import pytest
import torch
from torch.func import functional_call, grad

from agents.config.agent import ModelConfig
from agents.language import Prompts
from agents.language.reference_transformer import read_plainly
from agents.language.transformer import LONGEST_PHRASE, Transformer
from envs.words import split

WORDS = split("go to the red blue cup fridge open north east south west now please .")
TEXTS = [
    "go to the red cup .",
    "go to the red fridge .",
    "go to the blue cup . open the fridge . now please .",
    "open",
    "open the strange fridge",
    "go to the red cup .",
]
PHRASES = ["north", "go north", "go south now", "open the red fridge", "go", "x"]


def create(layers=2, seed=0, words=WORDS):
    generator = torch.Generator().manual_seed(seed)
    model = Transformer(ModelConfig(layers=layers, width=32, heads=4, context=24), generator, words)
    with torch.no_grad():  # larger than initial weights, so that errors are not below the tolerance
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.2)
    return model


def log_prob_one_by_one(model, text, phrase):
    tokens = model.encode([text]).tokens[0]
    total = 0.0
    for token in model.tokenizer.encode(phrase):
        hidden = read_plainly(model, Prompts(tokens[None], torch.tensor([len(tokens)])))
        total += (hidden @ model.tokens.T).log_softmax(-1)[0, token].item()
        tokens = torch.cat([tokens, torch.tensor([token])])
    return total


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_hidden_states_equal_those_of_the_reference(layers, share):
    model = create(layers)
    model.share = share
    prompts = model.encode(sorted(TEXTS))
    torch.testing.assert_close(model.read(prompts), read_plainly(model, prompts), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("share", [True, False])
def test_gradients_equal_those_of_the_reference(share):
    model = create()
    model.share = share
    prompts = model.encode(sorted(TEXTS))
    ours = torch.autograd.grad(model.read(prompts).square().sum(), list(model.parameters()))
    plain = torch.autograd.grad(read_plainly(model, prompts).square().sum(), list(model.parameters()))
    for name, one, reference in zip(dict(model.named_parameters()), ours, plain, strict=True):
        torch.testing.assert_close(one, reference, atol=1e-4, rtol=1e-4, msg=lambda why, name=name: f"{name}: {why}")


def test_padding_does_not_change_hidden_states():
    model = create()
    together, alone = model.read(model.encode(TEXTS)), [model.read(model.encode([text]))[0] for text in TEXTS]
    torch.testing.assert_close(together, torch.stack(alone), atol=1e-5, rtol=1e-5)


def test_forward_returns_the_logits_of_the_whole_vocabulary():
    model = create()
    logits, hidden = model(model.encode(TEXTS))
    assert logits.shape == (len(TEXTS), len(model.tokenizer))
    assert hidden.shape == (len(TEXTS), model.width)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_phrase_scores_the_sum_of_its_tokens(layers):
    model = create(layers)
    scores, hidden = model.score(model.encode(TEXTS), PHRASES)
    expected = [[log_prob_one_by_one(model, text, phrase) for phrase in PHRASES] for text in TEXTS]
    torch.testing.assert_close(scores.detach(), torch.tensor(expected), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(hidden, model.read(model.encode(TEXTS)), atol=1e-5, rtol=1e-5)


def test_the_probabilities_of_a_complete_tree_of_phrases_sum_to_one():
    model = create()
    prompts = model.encode(["go to the"])
    names = ["<p>"] * len(model.tokenizer)  # any complete tree: every first token, "red" followed by every token
    red = model.tokenizer.encode("red")[0]
    phrases = [(token,) for token in range(len(names)) if token != red] + [(red, token) for token in range(len(names))]
    scores = model.score_tokens(prompts, tuple(phrases))[0]
    assert scores.exp().sum().item() == pytest.approx(1.0, abs=1e-5)


def test_a_phrase_of_too_many_tokens_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=f"at most {LONGEST_PHRASE}: teach its words"):
        create().score(create().encode(["go"]), ["y" * 40])


def test_a_long_text_is_shortened_to_its_last_tokens():
    model = create()
    long_text = "go " * 40 + "to the cup"
    assert model.encode([long_text]).tokens.shape == (1, 24)
    assert model.decode(model.encode([long_text]).tokens[0]).endswith("to the cup")


def test_new_words_append_rows_and_do_not_change_old_ones():
    model = create()
    before = model.tokens.detach().clone()
    assert model.learn_words(["lamp north", "basket"]) == 2
    assert len(model.tokens) == len(before) + 2
    torch.testing.assert_close(model.tokens[: len(before)], before, atol=0, rtol=0)


def test_a_word_gets_the_same_row_whenever_it_is_learned():
    def embedding_of(*consolidated):
        model = Transformer(ModelConfig(), torch.Generator().manual_seed(3))
        for words in consolidated:
            model.learn_words(words)
        return model.tokens[model.tokenizer.encode("lamp")[0]]

    torch.testing.assert_close(embedding_of(["lamp", "cup"]), embedding_of(["cup"], ["door", "lamp"]), atol=0, rtol=0)


def test_the_same_seed_gives_the_same_model_and_uses_no_global_generator():
    before = torch.random.get_rng_state()
    first, second = create(seed=5), create(seed=5)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert torch.equal(before, torch.random.get_rng_state())


def test_attention_sums_to_one_over_the_tokens_without_padding():
    model = create()
    prompts = model.encode(TEXTS)
    hidden, attention = model.read_with_attention(prompts)
    torch.testing.assert_close(hidden, model.read(prompts))
    torch.testing.assert_close(attention.sum(1), torch.ones(len(TEXTS)))
    assert attention[3, 1:].abs().max() == 0  # "open" is a single word


def test_generating_repeats_with_the_same_generator():
    model = create()
    texts = [model.generate("go to", torch.Generator().manual_seed(1), limit=8) for _ in range(2)]
    assert texts[0] == texts[1]


def test_generating_continues_past_the_context():
    model = create()
    assert isinstance(model.generate("go to the cup " * 10, torch.Generator().manual_seed(1), limit=4), str)


def test_adapted_weights_can_be_differentiated_twice():
    model = create(layers=1)
    weights = {name: weight.detach() for name, weight in model.named_parameters()}
    prompts = model.encode(TEXTS)

    def energy(weights):
        return functional_call(model, weights, (prompts,))[1].square().mean()

    def after_a_step(weights):
        gradients = grad(energy)(weights)
        return energy({name: weight - 0.1 * gradients[name] for name, weight in weights.items()})

    twice = grad(after_a_step)(weights)
    assert all(torch.isfinite(gradient).all() for gradient in twice.values())
    assert any(gradient.abs().max() > 0 for gradient in twice.values())


def test_an_untrained_model_is_near_uniform_over_words():
    model = Transformer(ModelConfig(), torch.Generator().manual_seed(0), WORDS)
    logits, _ = model(model.encode(TEXTS))
    entropy = -(logits.softmax(-1) * logits.log_softmax(-1)).sum(-1)
    assert (entropy / math.log(len(model.tokenizer))).min() > 0.9
