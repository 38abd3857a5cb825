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
from agents.pretraining.corpus import corpus_lines, training_tasks
from agents.pretraining.training import perplexity, tokenised
from envs.task import Task, library

PRETRAINED = ModelConfig(start="pretrained")


def create(config=PRETRAINED, seed=0):
    return Transformer.create(config, torch.Generator().manual_seed(seed))


def test_the_shipped_weights_fit_the_default_sizes_and_do_not_depend_on_the_seed():
    first, other = create(seed=1), create(seed=2)
    assert first.words == tuple(shipped_weights.read().words)
    weights = shipped_weights.read().weights
    for model in (first, other):
        assert set(model.state_dict()) == set(weights)
        assert all(torch.equal(weight, weights[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("key", [spec.key for spec in library()])
def test_it_knows_every_word_of_every_world(key):
    world, training_tokens = Task(key=key).make(), set(shipped_weights.read().words)
    assert {piece for text in (*world.words, *world.actions) for piece in split(text)} <= training_tokens


def test_its_perplexity_is_less_than_half_of_a_bigram_models():
    model = create()
    training_lines, other = (
        corpus_lines(training_tasks(), size, 0.5, np.random.SeedSequence(seed)) for seed, size in ((7, 3_000), (8, 600))
    )
    training_tokens, held_out_tokens = tokenised(model, training_lines), tokenised(model, other)
    counts = ngrams.Bigram(training_tokens, len(model.tokens))
    assert perplexity(model, held_out_tokens) < 0.5 * ngrams.perplexity(counts, held_out_tokens)


@pytest.mark.parametrize("size", [{"width": 128}, {"layers": 3}, {"heads": 2}, {"context": 65}])
def test_other_sizes_are_refused_in_one_line(size):
    ((name, value),) = size.items()
    with pytest.raises(ValidationError, match=f"{name} .*not {value}; leave {name} as it is or set model.start"):
        ModelConfig(start="pretrained", **size)


def test_the_bonus_is_0_if_pretrained_and_the_log_of_the_vocabulary_size_if_not():
    assert create().bonus == 0
    assert create(ModelConfig()).bonus == pytest.approx(np.log(FIRST_WORD))


def test_a_policy_is_rebuilt_without_the_shipped_weights(monkeypatch):
    policy = LanguagePolicy.create(PRETRAINED, torch.Generator().manual_seed(0))
    policy.add_task(0, ("north", "pick up the lute"), ("lute", "."))
    monkeypatch.setattr(shipped_weights, "read", None)
    rebuilt = LanguagePolicy.from_description(json.loads(json.dumps(policy.description())))
    rebuilt.load_state_dict(policy.state_dict())
    observations = policy.encode(["house . go to the cup . lute here ."], [0])
    assert torch.equal(policy(observations)[0].logits, rebuilt(observations)[0].logits)


def test_missing_or_damaged_weights_are_an_error_with_the_remedy(tmp_path):
    with pytest.raises(ValueError, match=r"model.start: the pretrained weights cannot be read.*palimpsest pretrain"):
        shipped_weights.read(tmp_path)
    files = shipped_weights.write(tmp_path, ("cup",), {"row": torch.ones(2)}, {})
    assert torch.equal(shipped_weights.read(tmp_path).weights["row"], torch.ones(2))
    files[1].write_bytes(files[1].read_bytes()[:20])
    with pytest.raises(ValueError, match="cannot be read"):
        shipped_weights.read(tmp_path)


def test_the_files_are_below_4_megabytes_and_part_of_the_package():
    folder = Path(shipped_weights.__file__).parents[2] / "resources" / "models"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 4 << 20
    assert {file.name for file in folder.iterdir()} == {shipped_weights.METADATA, shipped_weights.WEIGHTS}
