import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agents.config.agent import ModelConfig
from agents.language import Prompts
from agents.language.prefix_sharing import distinct_cells, distinct_embeddings, share_prefixes
from agents.language.reference_transformer import read_plainly
from agents.language.transformer import Transformer

SENTENCES = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=9), min_size=1, max_size=20)


def batch_of(sentences, *, in_order=True):
    rows = [torch.tensor(sentence) for sentence in (sorted(sentences) if in_order else sentences)]
    tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    return tokens, torch.arange(tokens.shape[1]) < torch.tensor([[len(row)] for row in rows])


def causal(length):
    return torch.full((1, length, length), float("-inf")).triu(1)


@pytest.mark.parametrize("in_order", [True, False])
@given(sentences=SENTENCES)
def test_every_cell_reads_the_state_of_a_cell_with_the_same_prefix(in_order, sentences):
    tokens, real = batch_of(sentences, in_order=in_order)
    cells, spans = share_prefixes(distinct_cells(tokens, real, share=True), causal(tokens.shape[1]), heads=2)
    rows = torch.arange(tokens.numel()).view_as(tokens)
    prefixes = [
        tuple(tokens[row, : position + 1].tolist()) for row in range(len(tokens)) for position in range(tokens.shape[1])
    ]
    computed = spans.select(spans.query_rows(type(cells)(rows)).flatten())
    for cell in rows[real].tolist():
        assert prefixes[computed[cells.rows.flatten()[cell]]] == prefixes[cell]


@given(sentences=SENTENCES)
def test_in_sorted_sentences_no_prefix_is_computed_twice(sentences):
    tokens, real = batch_of(sentences)
    distinct = distinct_cells(tokens, real, share=True)
    prefixes = {tuple(sentence[:end]) for sentence in sentences for end in range(1, len(sentence) + 1)}
    assert distinct.sum() == len(prefixes)


@given(sentences=SENTENCES)
def test_without_sharing_every_real_cell_is_computed(sentences):
    tokens, real = batch_of(sentences)
    assert torch.equal(distinct_cells(tokens, real, share=False), real)


@given(sentences=SENTENCES)
def test_distinct_embeddings_are_the_distinct_pairs_of_token_and_position(sentences):
    tokens, _ = batch_of(sentences)
    positions = torch.arange(tokens.shape[1]).expand_as(tokens)
    words, found_positions, cells = distinct_embeddings(tokens, positions, size=50)
    assert torch.equal(words[cells.rows], tokens)
    assert torch.equal(found_positions[cells.rows], positions)
    assert len(words) == len({*zip(tokens.flatten().tolist(), positions.flatten().tolist(), strict=True)})


def model_of(layers):
    generator = torch.Generator().manual_seed(0)
    model = Transformer(ModelConfig(layers=layers, width=16, heads=2, context=12), generator)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.3)
    return model


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("tail", [1, 2, 5], ids=lambda tail: f"tails of {tail}")
def test_sharing_long_prefixes_changes_no_state_and_no_gradient(layers, tail):
    generator = torch.Generator().manual_seed(1)
    tails = torch.randint(100, 104, (30, tail), generator=generator)
    tokens = torch.cat([torch.arange(50, 57).expand(30, -1), tails], 1)
    tokens = torch.stack(sorted(tokens, key=lambda row: row.tolist()))
    prompts = Prompts(tokens, torch.full((30,), tokens.shape[1]))
    model = model_of(layers)
    ours, plain = model.read(prompts), read_plainly(model, prompts)
    torch.testing.assert_close(ours, plain, atol=1e-5, rtol=1e-5)
    weights = list(model.parameters())
    for ours_gradient, plain_gradient in zip(
        torch.autograd.grad(ours.square().sum(), weights),
        torch.autograd.grad(plain.square().sum(), weights),
        strict=True,
    ):
        torch.testing.assert_close(ours_gradient, plain_gradient, atol=1e-4, rtol=1e-4)


def test_short_tails_are_computed_in_short_spans():
    tokens = torch.cat([torch.ones(30, 7, dtype=torch.long), torch.arange(30)[:, None]], 1)
    distinct = distinct_cells(tokens, torch.ones_like(tokens, dtype=torch.bool), share=True)
    _, spans = share_prefixes(distinct, causal(8), heads=2)
    assert spans.mask.shape == (31 * 2, 4, 8)  # all cells of the first row are distinct: two spans
    assert len(spans.real) == 8 + 29
