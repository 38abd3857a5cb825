"""Agents in files: the description matches the policy, and inconsistent files are refused."""

import json
import struct

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save

from agents.agent import Snapshot, restore
from agents.benchmarks.robustness.forged_archives import packed, unpacked
from agents.benchmarks.robustness.forged_content import seal
from agents.benchmarks.robustness.fuzz import CONFIG
from agents.config.agent import ModelConfig
from agents.errors import BadInput
from agents.events import Evaluated
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from agents.runtime.iteration import drain
from agents.sharing import agent_file, run_file
from agents.sharing.agent_file import ABOUT, WEIGHTS, Description, expected
from agents.sharing.archive_writer import pack
from agents.store.run_store import RunStore
from agents.training.prepared_run import start


@pytest.fixture(scope="module")
def run(teacher):
    return teacher[0]


@pytest.fixture(scope="module")
def sound(teacher):
    return agent_file.load(teacher[1] / "agent.palimpsest")


@pytest.mark.parametrize("sizes", [(1, 16, 2, 8), (2, 64, 4, 64), (3, 24, 3, 33)])
def test_the_weights_that_are_expected_are_those_that_a_policy_has(sizes):
    config = ModelConfig(**dict(zip(("layers", "width", "heads", "context"), sizes, strict=True)))
    policy = LanguagePolicy(Transformer(config, torch.Generator()), torch.Generator())
    policy.add_task(0, ("turn left", "go on!"), ("there is a red ball .", "小球 左"))
    description = Description.model_validate(policy.description())
    assert expected(description) == {name: tuple(weight.shape) for name, weight in policy.state_dict().items()}


def test_an_agent_comes_back_with_the_same_weights_and_the_same_words(run, sound):
    arrays, about, step = run.checkpoint_at()
    assert all(np.array_equal(sound.arrays[name], array) for name, array in arrays.items())
    assert json.loads(sound.files[ABOUT])["agent"] == about
    assert (sound.about.provenance.run, sound.about.provenance.step) == ("teacher", step)
    assert sound.weights == sum(array.size for array in arrays.values())


def test_an_agent_of_an_earlier_step_knows_only_the_tasks_begun_by_then(run, tmp_path):
    provenance = agent_file.export(run, tmp_path / "young.palimpsest", 200)
    assert provenance.step <= 200
    assert provenance.tasks == ("Go to",)


def test_a_run_started_from_an_agent_acts_as_that_agent_does(run, sound, tmp_path):
    prepared = start(RunStore(tmp_path), CONFIG, sound)
    policy = prepared.trainer.state.agent.policy
    arrays, about, step = run.checkpoint_at()
    teacher = restore(Snapshot(step, arrays, about))
    text = "household : you are in the kitchen ."
    with torch.no_grad():
        ours, value = policy(policy.encode([text], [0]))
        theirs, expected_value = teacher(teacher.encode([text], [0]))
    assert torch.equal(ours.probs, theirs.probs)
    assert torch.equal(value, expected_value)
    prepared.events.close()


def described(change):
    def corrupt(about, arrays):
        tree = json.loads(about)
        change(tree["agent"]["model"], tree)
        return json.dumps(tree).encode(), save(dict(arrays))

    return corrupt


def weights(change):
    def corrupt(about, arrays):
        changed = {name: array.copy() for name, array in arrays.items()}
        change(changed)
        return about, save(changed)

    return corrupt


def huge(about, arrays):
    """Promise a terabyte in the header: it must be refused before an array is made."""
    packed = save(dict(arrays))
    length = int.from_bytes(packed[:8], "little")
    header = json.loads(packed[8 : 8 + length])
    header["model.positions"]["shape"] = [1 << 20, 1 << 20]
    written = json.dumps(header).encode()
    return about, struct.pack("<Q", len(written)) + written + packed[8 + length :]


CONTRADICTIONS = {
    "a word more": (described(lambda model, tree: model["tokenizer"]["words"].append("zebra")), "another shape"),
    "a word twice": (described(lambda model, tree: model["tokenizer"]["words"].append("the")), "occurs twice"),
    "two words in one": (described(lambda model, tree: model["tokenizer"]["words"].append("a b")), "not a single word"),
    "a wider model": (described(lambda model, tree: model["config"].update(width=32)), "another shape"),
    "an endless model": (described(lambda model, tree: model["config"].update(layers=10**9)), "must be at most 24"),
    "a layer more": (described(lambda model, tree: model["config"].update(layers=2)), "missing or does not belong"),
    "an unknown key": (described(lambda model, tree: tree.update(run="rm -rf")), "unknown setting"),
    "an action without a token": (
        described(lambda model, tree: tree["agent"]["action_sets"].update({"9": ["fly"]})),
        "'fly'",
    ),
    "a huge task id": (
        described(lambda model, tree: tree["agent"]["action_sets"].update({"9" * 9: []})),
        "numbers below",
    ),
    "NaN": (weights(lambda arrays: arrays["value.bias"].fill(np.nan)), "not finite"),
    "a strange weight": (weights(lambda arrays: arrays.update(extra=np.zeros(1, np.float32))), "'extra'"),
    "no value head": (weights(lambda arrays: arrays.pop("value.bias")), "'value.bias'"),
    "other numbers": (weights(lambda a: a.update({"value.bias": np.zeros(1, np.float64)})), "not of type F32"),
    "a terabyte": (huge, "another shape"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_an_agent_that_contradicts_itself_is_refused(sound, tmp_path, case):
    corrupt, pattern = CONTRADICTIONS[case]
    about, packed = corrupt(sound.files[ABOUT], sound.arrays)
    path = tmp_path / "invalid.palimpsest"
    pack(path, "agent", {ABOUT: about, WEIGHTS: packed})
    with pytest.raises(BadInput, match=pattern) as caught:
        agent_file.load(path)
    assert str(caught.value).startswith("invalid.palimpsest: ")


@pytest.fixture(scope="module")
def packed_run(tmp_path_factory):
    """A run under PackNet, its trainer, and the scores at its end."""
    config = CONFIG.changed(
        {"strategy.name": "packnet", "strategy.post_prune_steps": 20, "evaluation.n_eval_episodes": 12}
    )
    prepared = start(RunStore(tmp_path_factory.mktemp("packed")), config, name="packed")
    scores = [event.scores for event in prepared.events if isinstance(event, Evaluated)]
    return prepared, scores[-1]


@pytest.fixture(scope="module")
def shared(packed_run, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "shared.palimpsest"
    agent_file.export(packed_run[0].run, path)
    return agent_file.load(path)


def test_an_agent_that_travels_scores_in_an_earlier_task_as_in_its_run(packed_run, shared):
    prepared, scores = packed_run
    snapshot = Snapshot(0, shared.arrays, shared.about.agent.model_dump(), shared.task_arrays)
    for task_id, task in enumerate(prepared.trainer.state.tasks):
        policy = restore(snapshot, task_id)
        assert drain(prepared.trainer.state.examiner.examine(policy, task, task_id)) == scores[task_id]
    text = "household : you are in the kitchen ."
    first, last = (restore(snapshot, task_id) for task_id in (0, 1))
    task_probs, final_probs = (policy(policy.encode([text], [0]))[0].probs.detach() for policy in (first, last))
    assert not torch.allclose(task_probs, final_probs)


def renumbered(task_arrays):
    return lambda about, arrays: (
        json.dumps({**json.loads(about), "task_arrays": task_arrays}).encode(),
        save(dict(arrays)),
    )


def resized(about, arrays):
    name = next(name for name in arrays if name.startswith("task_weights.0.") and name.endswith("value.bias"))
    return about, save({**arrays, name: np.zeros(2, np.float32)})


INCONSISTENT = {
    "an unknown task": (renumbered({"0": 0, "7": 0}), "task '7' has per-task weights but no action set"),
    "missing per-task weights": (renumbered({"0": 0, "1": 1}), "missing or does not belong"),
    "per-task weights that no task uses": (renumbered({}), "missing or does not belong"),
    "a number left out": (renumbered({"0": 1}), "must be numbered"),
    "a weight of another shape": (resized, "another shape"),
}


@pytest.mark.parametrize("case", INCONSISTENT)
def test_task_weights_that_do_not_fit_are_refused(shared, tmp_path, case):
    corrupt, pattern = INCONSISTENT[case]
    about, weights = corrupt(shared.files[ABOUT], load(shared.files[WEIGHTS]))
    pack(tmp_path / "invalid.palimpsest", "agent", {ABOUT: about, WEIGHTS: weights})
    with pytest.raises(BadInput, match=pattern):
        agent_file.load(tmp_path / "invalid.palimpsest")


def test_an_imported_run_has_its_per_task_weights(packed_run, tmp_path):
    run = packed_run[0].run
    run_file.export(run, tmp_path / "run.palimpsest")
    imported = run_file.import_run(tmp_path / "run.palimpsest", RunStore(tmp_path / "runs"))
    for step in run.checkpoints():
        ours, theirs = run.task_arrays_at(step), imported.task_arrays_at(step)
        assert set(ours) == set(theirs)
        assert all(np.array_equal(ours[key][name], theirs[key][name]) for key in ours for name in ours[key])
    assert ours


@pytest.mark.parametrize("damage", ["a digest", "a path", "the weights"])
def test_a_run_whose_task_weights_do_not_fit_is_refused_and_leaves_nothing(packed_run, tmp_path, damage):
    run_file.export(packed_run[0].run, tmp_path / "run.palimpsest")
    members = unpacked((tmp_path / "run.palimpsest").read_bytes())
    digests = next(name for name in members if name.endswith(".task_weights.json"))
    if damage == "the weights":
        name = next(name for name in members if "task-weights-" in name)
        members[name] = members[name][:-1] + b"!"
    else:
        members[digests] = json.dumps({"0": "../../secret" if damage == "a path" else "0" * 64}).encode()
    seal(members)
    (tmp_path / "invalid.palimpsest").write_bytes(packed(members))
    store = RunStore(tmp_path / "runs")
    with pytest.raises(BadInput, match=r"invalid\.palimpsest: "):
        run_file.import_run(tmp_path / "invalid.palimpsest", store)
    assert not store.root.exists() or list(store.root.iterdir()) == []
