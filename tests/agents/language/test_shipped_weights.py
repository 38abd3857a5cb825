import json
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from agents.config.agent import ModelConfig
from agents.language import shipped_weights
from agents.language.tokenizer import FIRST_WORD, split
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from agents.pretraining import ngrams
from agents.pretraining.corpus import lines, worlds_read
from agents.pretraining.training import perplexity, tokenised
from envs.task import Task, library

PRETRAINED = ModelConfig(start="pretrained")


def create(config=PRETRAINED, seed=0):
    return Transformer.create(config, torch.Generator().manual_seed(seed))


def test_what_is_shipped_fits_the_default_sizes_and_is_what_every_seed_starts_with():
    one, other = create(seed=1), create(seed=2)
    assert one.words == tuple(shipped_weights.read().words)
    weights = shipped_weights.read().weights
    for made in (one, other):
        assert set(made.state_dict()) == set(weights)
        assert all(torch.equal(weight, weights[name]) for name, weight in made.state_dict().items())


@pytest.mark.parametrize("key", [spec.key for spec in library()])
def test_it_knows_every_word_of_every_world(key):
    world, known = Task(key=key).make(), set(shipped_weights.read().words)
    assert {piece for text in (*world.words, *world.actions) for piece in split(text)} <= known


def test_it_foretells_what_worlds_say_better_than_counts_do():
    made = create()
    read, other = (
        lines(worlds_read(), size, 0.5, np.random.SeedSequence(seed)) for seed, size in ((7, 3_000), (8, 600))
    )
    known, told = tokenised(made, read), tokenised(made, other)
    counts = ngrams.Bigram(known, len(made.tokens))
    assert perplexity(made, told) < 0.5 * ngrams.perplexity(counts, told)


@pytest.mark.parametrize("size", [{"width": 128}, {"layers": 3}, {"heads": 2}, {"context": 65}])
def test_other_sizes_are_refused_in_one_line(size):
    ((name, value),) = size.items()
    with pytest.raises(ValidationError, match=f"{name} .*not {value}; leave {name} as it is or set model.start"):
        ModelConfig(start="pretrained", **size)


def test_a_pretrained_agent_has_an_opinion_on_phrases_and_one_from_scratch_has_none():
    assert create().bonus == 0
    assert create(ModelConfig()).bonus == pytest.approx(np.log(FIRST_WORD))


def test_an_agent_is_rebuilt_without_what_is_shipped(monkeypatch):
    policy = LanguagePolicy.create(PRETRAINED, torch.Generator().manual_seed(0))
    policy.add_task(0, ("north", "pick up the lute"), ("lute", "."))
    monkeypatch.setattr(shipped_weights, "read", None)
    again = LanguagePolicy.from_description(json.loads(json.dumps(policy.description())))
    again.load_state_dict(policy.state_dict())
    seen = policy.encode(["house . go to the cup . lute here ."], [0])
    assert torch.equal(policy(seen)[0].logits, again(seen)[0].logits)


def test_what_is_missing_or_damaged_is_told_with_the_remedy(tmp_path):
    with pytest.raises(ValueError, match=r"model.start: the pretrained weights cannot be read.*palimpsest pretrain"):
        shipped_weights.read(tmp_path)
    kept = shipped_weights.keep(tmp_path, ("cup",), {"row": torch.ones(2)}, {})
    assert torch.equal(shipped_weights.read(tmp_path).weights["row"], torch.ones(2))
    kept[1].write_bytes(kept[1].read_bytes()[:20])
    with pytest.raises(ValueError, match="cannot be read"):
        shipped_weights.read(tmp_path)


def test_the_files_are_few_megabytes_and_travel_with_the_package():
    folder = Path(shipped_weights.__file__).parents[2] / "resources" / "models"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 4 << 20
    assert {file.name for file in folder.iterdir()} == {shipped_weights.ABOUT, shipped_weights.WEIGHTS}
