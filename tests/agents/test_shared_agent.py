"""Agents in files: what is described is what the policy has, and what does not fit together is refused."""

import json
import struct

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from agents import shared_agent
from agents.agent import Snapshot, restore
from agents.beginning import begin
from agents.benchmarks.fuzz import CONFIG
from agents.bundle_packing import pack
from agents.config import ModelConfig
from agents.config_file import BadInput
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from agents.runs import RunStore
from agents.shared_agent import ABOUT, WEIGHTS, Description, expected


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    begun = begin(RunStore(tmp_path_factory.mktemp("runs")), CONFIG, name="teacher")
    for _ in begun.events:
        pass
    return begun.run


@pytest.fixture(scope="module")
def sound(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "agent.palimpsest"
    shared_agent.export(run, path)
    return shared_agent.load(path)


@pytest.mark.parametrize("sizes", [(1, 16, 2, 8), (2, 64, 4, 64), (3, 24, 3, 33)])
def test_the_weights_that_are_expected_are_those_that_a_policy_has(sizes):
    config = ModelConfig(**dict(zip(("layers", "width", "heads", "context"), sizes, strict=True)))
    policy = LanguagePolicy(Transformer(config, torch.Generator()), torch.Generator())
    policy.meet(0, ("turn left", "go on!"), ("there is a red ball .", "小球 左"))
    description = Description.model_validate(policy.description())
    assert expected(description) == {name: tuple(weight.shape) for name, weight in policy.state_dict().items()}


def test_an_agent_comes_back_with_the_same_weights_and_the_same_words(run, sound):
    arrays, about, step = run.checkpoint_at()
    assert all(np.array_equal(sound.arrays[name], array) for name, array in arrays.items())
    assert json.loads(sound.files[ABOUT])["agent"] == about
    assert (sound.about.made.run, sound.about.made.step) == ("teacher", step)
    assert sound.weights == sum(array.size for array in arrays.values())


def test_an_agent_of_an_earlier_step_knows_only_the_tasks_begun_by_then(run, tmp_path):
    made = shared_agent.export(run, tmp_path / "young.palimpsest", 200)
    assert made.step <= 200
    assert made.tasks == ("Go to",)


def test_a_run_begun_with_an_agent_acts_as_that_agent_does(run, sound, tmp_path):
    begun = begin(RunStore(tmp_path), CONFIG, sound)
    policy = begun.trainer.state.agent.policy
    arrays, about, step = run.checkpoint_at()
    teacher = restore(Snapshot(step, arrays, about))
    text = "household : you are in the kitchen ."
    with torch.no_grad():
        ours, value = policy(policy.encode([text], [0]))
        theirs, expected_value = teacher(teacher.encode([text], [0]))
    assert torch.equal(ours.probs, theirs.probs)
    assert torch.equal(value, expected_value)
    begun.events.close()


def told(change):
    def spoil(about, arrays):
        tree = json.loads(about)
        change(tree["agent"]["model"], tree)
        return json.dumps(tree).encode(), save(dict(arrays))

    return spoil


def weights(change):
    def spoil(about, arrays):
        changed = {name: array.copy() for name, array in arrays.items()}
        change(changed)
        return about, save(changed)

    return spoil


def huge(about, arrays):
    """Promise a terabyte in the header: it must be refused before an array is made."""
    packed = save(dict(arrays))
    length = int.from_bytes(packed[:8], "little")
    header = json.loads(packed[8 : 8 + length])
    header["model.positions"]["shape"] = [1 << 20, 1 << 20]
    written = json.dumps(header).encode()
    return about, struct.pack("<Q", len(written)) + written + packed[8 + length :]


CONTRADICTIONS = {
    "a word more": (told(lambda model, tree: model["tokenizer"]["words"].append("zebra")), "another shape"),
    "a word twice": (told(lambda model, tree: model["tokenizer"]["words"].append("the")), "there twice"),
    "two words in one": (told(lambda model, tree: model["tokenizer"]["words"].append("a b")), "not one word"),
    "a wider model": (told(lambda model, tree: model["config"].update(width=32)), "another shape"),
    "an endless model": (told(lambda model, tree: model["config"].update(layers=10**9)), "must be at most 24"),
    "a layer more": (told(lambda model, tree: model["config"].update(layers=2)), "missing or does not belong"),
    "an unknown key": (told(lambda model, tree: tree.update(run="rm -rf")), "unknown setting"),
    "an action without a token": (told(lambda model, tree: tree["agent"]["menus"].update({"9": ["fly"]})), "'fly'"),
    "a column far away": (told(lambda model, tree: tree["agent"]["menus"].update({"9" * 9: []})), "numbers below"),
    "NaN": (weights(lambda arrays: arrays["value.bias"].fill(np.nan)), "not finite"),
    "a strange weight": (weights(lambda arrays: arrays.update(extra=np.zeros(1, np.float32))), "'extra'"),
    "no value head": (weights(lambda arrays: arrays.pop("value.bias")), "'value.bias'"),
    "other numbers": (weights(lambda a: a.update({"value.bias": np.zeros(1, np.float64)})), "not of type F32"),
    "a terabyte": (huge, "another shape"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_an_agent_that_contradicts_itself_is_refused(sound, tmp_path, case):
    spoil, said = CONTRADICTIONS[case]
    about, packed = spoil(sound.files[ABOUT], sound.arrays)
    path = tmp_path / "odd.palimpsest"
    pack(path, "agent", {ABOUT: about, WEIGHTS: packed})
    with pytest.raises(BadInput, match=said) as caught:
        shared_agent.load(path)
    assert str(caught.value).startswith("odd.palimpsest: ")
