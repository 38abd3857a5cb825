"""The facts about a model before it is loaded, compared with the loaded model."""

import json
import re
import shutil

import pytest
import torch

pytest.importorskip("gguf", reason="the extra llm is not installed")
pytest.importorskip("transformers", reason="the extra llm is not installed")

from safetensors.torch import load_file, save_file
from transformers import AutoConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from agents.agent import Agent
from agents.benchmarks.reference.random_models import CHAT, FAMILIES, draw_model
from agents.config import RunConfig
from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig
from agents.language import Prompts
from agents.language.pretrained import Pretrained
from agents.models.architectures import causal_kinds
from agents.models.descriptions import describe
from agents.models.facts import model_facts
from agents.models.model_folder import stored_model

SIZE = {"hidden_size": 64, "intermediate_size": 192, "num_hidden_layers": 3, "num_attention_heads": 4}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {kind: draw_model(tmp_path_factory.mktemp(kind), kind, chat=CHAT, size=SIZE) for kind in FAMILIES}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def run_with(folder, **changes):
    return RunConfig(model=PretrainedConfig(**{"source": str(folder), "context": 64, **changes}))


def loaded(folder, **changes):
    return Pretrained(run_with(folder, **changes).model, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", FAMILIES)
def test_weights_and_trained_layers_equal_those_of_the_loaded_model(kind, folders):
    facts, model = model_facts(run_with(folders[kind])), loaded(folders[kind])
    assert facts.problem is None
    assert facts.weights == sum({id(w): w.numel() for w in model._base_model[0].parameters()}.values())
    assert sum(row.count * row.trained for row in facts.layers) == sum(w.numel() for w in model.parameters())
    assert sum(row.count for row in facts.layers) == len(list(model.parameters())) // 2
    assert facts.head == model.width + 1
    assert {row.name for row in facts.layers} <= set(facts.linear)


@pytest.mark.parametrize(
    "changes", [{}, {"rank": 2, "target_modules": "q_proj, up_proj"}, {"dtype": "bfloat16"}, {"rank": 0}]
)
def test_the_estimate_equals_the_allocated_memory(changes, folders):
    memory, model = model_facts(run_with(folders["llama"], **changes)).memory, loaded(folders["llama"], **changes)
    value_head = 4 * (model.width + 1)
    tensors = {t.data_ptr(): t.nbytes for t in [*model._base_model[0].parameters(), *model.base.parameters()]}
    assert sum(tensors.values()) + value_head == memory.weights + memory.learned
    trained = list(model.parameters())
    adam = torch.optim.Adam(trained)
    for weight in trained:
        weight.grad = torch.zeros_like(weight)
    adam.step()
    moments = [state[key] for state in adam.state.values() for key in ("exp_avg", "exp_avg_sq")]
    assert sum(t.nbytes for t in moments) + 2 * value_head == memory.optimiser
    assert sum(weight.grad.nbytes for weight in trained) + value_head == memory.gradients


@pytest.mark.parametrize("rank", [8, 0])
@pytest.mark.parametrize("kind", FAMILIES)
def test_the_estimated_activations_are_within_a_factor_of_two(kind, rank, folders):
    config = run_with(folders[kind], rank=rank).changed({"algorithm.batch_size": 8})
    memory, model = model_facts(config).memory, loaded(folders[kind], rank=rank)
    weights = {t.untyped_storage().data_ptr() for t in [*model.parameters(), *model.buffers()]}
    saved = {}

    def record(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    prompts = Prompts.padded([[5] * config.model.context] * 8, torch.device("cpu"))
    with torch.autograd.graph.saved_tensors_hooks(record, lambda tensor: tensor):
        scores, hidden = model.score_tokens(prompts, ((4, 6), (8,), (4, 3, 9)))
        loss = scores.sum() + hidden.sum()
    assert loss.requires_grad
    assert sum(saved.values()) / 2 < memory.activations < 2 * sum(saved.values())


@pytest.mark.parametrize("model", [ModelConfig(), ModelConfig(layers=3, width=32), MLPConfig(), MLPConfig(layers=3)])
def test_the_size_of_built_in_models_equals_the_agents(model):
    config = RunConfig(model=model)
    assert Agent(config).about()["weights"] == model_facts(config).weights


def test_the_facts_are_read_from_the_files(folders, tmp_path):
    folder = tmp_path / "snapshots" / "0123abc"
    shutil.copytree(folders["llama"], folder)
    (folder / "README.md").write_text("---\ntags: [text]\nlicense: apache-2.0\n---\n# A model\nlicense: not here\n")
    facts = model_facts(run_with(folder))
    assert (facts.architecture, facts.dtype, facts.context) == ("LlamaForCausalLM", "F32", 512)
    assert (facts.licence, facts.commit, facts.has_template) == ("apache-2.0", "0123abc", True)
    assert facts.disk == sum(path.stat().st_size for path in folder.iterdir())
    assert facts.batch == (512, 64)
    assert facts.origin == f"huggingface.co/{folder}"


@pytest.mark.parametrize(
    ("files", "licence"),
    [
        ({}, ""),
        ({"README.md": "# No front matter\nlicense: mit\n"}, ""),
        ({"README.md": "---\nlicense: other\nlicense_name: gemma\n---\n"}, "gemma"),
        ({"README.md": "---\nlicense:\n  - mit\n---\n", "LICENSE": "Apache License"}, "mit"),
        ({"README.md": "---\ntitle: x\n---\n", "LICENSE.txt": "\n   MIT License\n\nPermission"}, "MIT License"),
        ({"LICENSE": b"\xff\xfe"}, "\ufffd\ufffd"),
    ],
)
def test_a_licence_is_what_the_card_or_else_a_file_states(files, licence, folders, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(folders["llama"], folder)
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert stored_model(folder).licence == licence
    assert licence or "not stated" in map(str, describe(model_facts(run_with(folder))))


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def of_kind(kind):
    def corrupt(folder):
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "model_type": kind}))

    return corrupt


def garbled(folder):
    (folder / "model.safetensors").write_bytes(b"\xff" * 1_000)


def forged(folder):
    header = json.dumps({"w": {"shape": "no", "dtype": [], "data_offsets": [0, 0]}}).encode()
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)


def nested(folder):
    (folder / "config.json").write_text("[" * 10_000)


def untemplated(folder):
    (folder / "chat_template.jinja").unlink()


FAULTS = {
    "pickle": (pickled, {}, "holds its weights as pickle"),
    "no causal model": (of_kind("vit"), {}, "'vit', does not continue text"),
    "no attention": (of_kind("mamba"), {}, "'mamba', cannot read a prompt once"),
    "unknown": (of_kind("abacus"), {}, "'abacus', is not known to this version"),
    "garbled": (garbled, {}, "model.safetensors is no whole safetensors file"),
    "forged": (forged, {}, "model.safetensors is no whole safetensors file"),
    "nested": (nested, {}, "config.json cannot be used: it "),
    "no template": (untemplated, {"chat": "on"}, "it has no chat template"),
    "no such layer": (lambda _: None, {"target_modules": "c_attn"}, "'c_attn'; there are down_proj, "),
    "too long": (lambda _: None, {"context": 500}, "can read 512 tokens, .* set model.context to 480 or less"),
}


@pytest.mark.parametrize(("corrupt", "changes", "pattern"), FAULTS.values(), ids=FAULTS)
def test_an_unusable_model_is_refused_before_it_is_loaded(corrupt, changes, pattern, folders, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(folders["llama"], folder)
    corrupt(folder)
    problem = model_facts(run_with(folder, **changes)).problem
    assert problem is not None
    assert re.search(pattern, str(problem))
    assert "\n" not in str(problem)
    with pytest.raises(ValueError, match="model"):  # loading fails, too
        loaded(folder, **changes)


def test_a_model_too_large_for_the_machine_is_refused_and_a_tight_one_gets_a_warning(folders):
    config = run_with(folders["llama"])
    tensors = model_facts(config).memory
    assert model_facts(config, tensors.total).warning is None
    tight = model_facts(config, tensors.persistent)
    assert tight.problem is None
    assert "lower algorithm.batch_size" in str(tight.warning)
    assert "choose a smaller model" in str(model_facts(config, tensors.persistent - 1).problem)


@pytest.mark.parametrize(
    ("source", "download", "problem"),
    [
        ("", False, "name a folder"),
        ("/no/such/folder", False, "there is no folder"),
        ("nobody/nothing", False, "switch download on"),
        ("nobody/nothing", True, "None"),
        ("/no/such.gguf", False, "cannot be read"),
    ],
)
def test_a_missing_model_is_reported_without_a_network_request(source, download, problem, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it asked the network"))
    assert problem in str(model_facts(run_with(source, download=download)).problem)


def test_tied_weights_are_counted_once(folders):
    folder = folders["gemma3_text"]
    assert AutoConfig.from_pretrained(folder).tie_word_embeddings
    stored = load_file(folder / "model.safetensors")
    assert model_facts(run_with(folder)).weights == sum(weight.numel() for weight in stored.values())


def test_weights_in_several_files_are_one_model(folders, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(folders["qwen2"], folder)
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    index = {}
    for number, names in enumerate((sorted(weights)[::2], sorted(weights)[1::2])):
        file = f"model-{number + 1}-of-2.safetensors"
        save_file({name: weights[name] for name in names}, folder / file)
        index |= dict.fromkeys(names, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    here, there = (model_facts(run_with(each)) for each in (folder, folders["qwen2"]))
    assert (here.weights, sorted(row.name for row in here.layers)) == (
        there.weights,
        sorted(row.name for row in there.layers),
    )


def test_the_parsed_table_equals_that_of_transformers():
    assert causal_kinds() == dict(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
