import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agents.config.agent import ModelConfig
from agents.language import Prompts
from agents.language.prefix_sharing import fresh_cells, shared_prefixes, words_at_places
from agents.language.reference_transformer import read_plainly
from agents.language.transformer import Transformer

SENTENCES = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=9), min_size=1, max_size=20)


def sheet_of(sentences, *, in_order=True):
    rows = [torch.tensor(sentence) for sentence in (sorted(sentences) if in_order else sentences)]
    tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    return tokens, torch.arange(tokens.shape[1]) < torch.tensor([[len(row)] for row in rows])


def causal(length):
    return torch.full((1, length, length), float("-inf")).triu(1)


@pytest.mark.parametrize("in_order", [True, False])
@given(sentences=SENTENCES)
def test_every_cell_reads_the_state_of_a_cell_with_the_same_beginning(in_order, sentences):
    tokens, real = sheet_of(sentences, in_order=in_order)
    cells, spans = shared_prefixes(fresh_cells(tokens, real, share=True), causal(tokens.shape[1]), heads=2)
    rows = torch.arange(tokens.numel()).view_as(tokens)
    whole = [tuple(tokens[row, : place + 1].tolist()) for row in range(len(tokens)) for place in range(tokens.shape[1])]
    computed = spans.pick(spans.asking(type(cells)(rows)).flatten())
    for cell in rows[real].tolist():
        assert whole[computed[cells.rows.flatten()[cell]]] == whole[cell]


@given(sentences=SENTENCES)
def test_in_sorted_sentences_no_beginning_is_computed_twice(sentences):
    tokens, real = sheet_of(sentences)
    fresh = fresh_cells(tokens, real, share=True)
    beginnings = {tuple(sentence[:end]) for sentence in sentences for end in range(1, len(sentence) + 1)}
    assert fresh.sum() == len(beginnings)


@given(sentences=SENTENCES)
def test_without_sharing_all_but_the_padding_is_computed(sentences):
    tokens, real = sheet_of(sentences)
    assert torch.equal(fresh_cells(tokens, real, share=False), real)


@given(sentences=SENTENCES)
def test_words_at_places_are_the_distinct_pairs(sentences):
    tokens, _ = sheet_of(sentences)
    places = torch.arange(tokens.shape[1]).expand_as(tokens)
    words, where, cells = words_at_places(tokens, places, size=50)
    assert torch.equal(words[cells.rows], tokens)
    assert torch.equal(where[cells.rows], places)
    assert len(words) == len({*zip(tokens.flatten().tolist(), places.flatten().tolist(), strict=True)})


def model_of(layers):
    generator = torch.Generator().manual_seed(0)
    model = Transformer(ModelConfig(layers=layers, width=16, heads=2, context=12), generator)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.3)
    return model


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("ends", [1, 2, 5], ids=lambda ends: f"ends of {ends}")
def test_long_shared_beginnings_change_nothing_but_the_effort(layers, ends):
    generator = torch.Generator().manual_seed(1)
    tails = torch.randint(100, 104, (30, ends), generator=generator)
    tokens = torch.cat([torch.arange(50, 57).expand(30, -1), tails], 1)
    tokens = torch.stack(sorted(tokens, key=lambda row: row.tolist()))
    prompts = Prompts(tokens, torch.full((30,), tokens.shape[1]))
    model = model_of(layers)
    ours, plain = model.read(prompts), read_plainly(model, prompts)
    torch.testing.assert_close(ours, plain, atol=1e-5, rtol=1e-5)
    weights = list(model.parameters())
    for one, other in zip(
        torch.autograd.grad(ours.square().sum(), weights),
        torch.autograd.grad(plain.square().sum(), weights),
        strict=True,
    ):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_short_ends_look_back_in_short_spans():
    tokens = torch.cat([torch.ones(30, 7, dtype=torch.long), torch.arange(30)[:, None]], 1)
    fresh = fresh_cells(tokens, torch.ones_like(tokens, dtype=torch.bool), share=True)
    _, spans = shared_prefixes(fresh, causal(8), heads=2)
    assert spans.mask.shape == (31 * 2, 4, 8)  # the first row is new from its first word on: two spans
    assert len(spans.kept) == 8 + 29
