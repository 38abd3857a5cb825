"""Sources of pretrained models, and the one-line errors, with a remedy, of those that cannot be used."""

import json
import shutil

import pytest
import torch

pytest.importorskip("gguf", reason="the extra llm is not installed")
pytest.importorskip("transformers", reason="the extra llm is not installed")

import gguf
from safetensors.torch import load_file, save_file

from agents.benchmarks.reference.random_models import draw_model
from agents.config.agent import PretrainedConfig
from agents.language.inspection import inspect
from agents.language.pretrained import Pretrained
from agents.models import gguf_conversion
from agents.models.safetensors_header import INDEX
from agents.models.sources import fingerprint, located

PARTS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "model.layers": "blk",
}
"""Names of Qwen2's tensors in transformers, and in GGUF."""


@pytest.fixture(scope="module")
def qwen(tmp_path_factory):
    return draw_model(tmp_path_factory.mktemp("qwen"), "qwen2")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def model_of(source, **changes):
    settings = PretrainedConfig(source=str(source), context=64, **changes)
    return Pretrained(settings, torch.Generator().manual_seed(0))


def to_gguf(folder, path):
    config = json.loads((folder / "config.json").read_text())
    tokeniser = json.loads((folder / "tokenizer.json").read_text())["model"]
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(sorted(tokeniser["vocab"], key=tokeniser["vocab"].get))
    writer.add_token_merges([" ".join(pair) for pair in tokeniser["merges"]])
    writer.add_eos_token_id(config["eos_token_id"])
    for name, weight in load_file(folder / "model.safetensors").items():
        for ours, theirs in PARTS.items():
            name = name.replace(ours, theirs)
        writer.add_tensor(name, weight.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_gguf_file_is_converted_once_and_scores_as_the_original(qwen, tmp_path, monkeypatch):
    path = to_gguf(qwen, tmp_path / "tiny.gguf")
    converted, original = model_of(path), model_of(qwen)
    monkeypatch.setattr(gguf_conversion, "_convert", lambda *_: pytest.fail("it was converted before"))
    prompts, phrases = (
        original.encode(["go to the apple ."]),
        (original.tokenise("left"), original.tokenise("move right")),
    )
    assert converted.encode(["go to the apple ."]).tokens.tolist() == prompts.tokens.tolist()
    scores = [model.score_tokens(prompts, phrases)[0] for model in (converted, original, model_of(path))]
    torch.testing.assert_close(scores[0], scores[1], atol=1e-5, rtol=0)
    assert torch.equal(scores[0], scores[2])


def forge(path, qwen):
    to_gguf(qwen, path)
    content = bytearray(path.read_bytes())
    content[8:16] = (1 << 60).to_bytes(8, "little")  # so many tensors
    path.write_bytes(bytes(content))


def test_a_corrupted_gguf_file_is_refused_in_one_line_and_leaves_no_files(qwen, tmp_path):
    path = tmp_path / "spoiled.gguf"
    forge(path, qwen)
    with pytest.raises(
        ValueError, match=r"model\.source: .*spoiled\.gguf' cannot be converted \(.+\); get it"
    ) as raised:
        located(PretrainedConfig(source=str(path)))
    assert "\n" not in str(raised.value)
    assert list(gguf_conversion.cache().iterdir()) == []


@pytest.mark.parametrize(("limit", "pattern"), [("MEMORY", "cannot be converted"), ("SECONDS", "took more than")])
def test_converting_a_gguf_file_has_limits_of_memory_and_time(limit, pattern, qwen, tmp_path, monkeypatch):
    path = to_gguf(qwen, tmp_path / "tiny.gguf")
    monkeypatch.setattr(gguf_conversion, "GROWTH", 0)
    monkeypatch.setattr(gguf_conversion, limit, 0)
    with pytest.raises(ValueError, match=pattern):
        located(PretrainedConfig(source=str(path)))


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def without_weights(folder):
    (folder / "model.safetensors").unlink()


def without_settings(folder):
    (folder / "config.json").unlink()


def with_settings(**changes):
    def corrupt(folder):
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return corrupt


def incomplete(folder):
    weights = load_file(folder / "model.safetensors")
    save_file({name: w for name, w in weights.items() if "layers.1" not in name}, folder / "model.safetensors")


def garbled(folder):
    (folder / "model.safetensors").write_bytes(b"\0" * 1_000)


def in_shards(folder):
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    files = {name: f"model-0000{index % 2 + 1}-of-00002.safetensors" for index, name in enumerate(names)}
    for file in set(files.values()):
        save_file({name: weights[name] for name in names if files[name] == file}, folder / file, {"format": "pt"})
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": files}))
    return files


def changed_index(**changes):
    def corrupt(folder):
        files = {**in_shards(folder), **{name.replace("__", "."): file for name, file in changes.items()}}
        (folder / INDEX).write_text(json.dumps({"weight_map": files}))

    return corrupt


def with_a_lost_shard(folder):
    in_shards(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()


def with_a_short_shard(folder):
    in_shards(folder)
    with_a_short_file("model-00002-of-00002.safetensors")(folder)


def without_an_index(folder):
    in_shards(folder)
    (folder / INDEX).unlink()


def with_a_short_file(name):
    def corrupt(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return corrupt


def with_weights(change):
    def corrupt(folder):
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", {"format": "pt"})

    return corrupt


def with_a_nan(weights):
    weights["model.norm.weight"][3] = float("nan")


def with_another_shape(weights):
    name = "model.layers.0.mlp.up_proj.weight"
    weights[name] = weights[name][:-1].contiguous()


def without_tokeniser(folder):
    for path in (*folder.glob("*token*"), *folder.glob("vocab*"), *folder.glob("merges*")):
        path.unlink()


def with_more_tokens(folder):
    path = folder / "tokenizer.json"
    raised = json.loads(path.read_text())
    raised["model"]["vocab"] |= {"Ġmarzipan": 319, "Ġsofa": 320}
    path.write_text(json.dumps(raised))


def emptied(folder):
    for path in folder.iterdir():
        path.unlink()


def with_a_template(template):
    return lambda folder: (folder / "chat_template.jinja").write_text(template)


FAULTS = {
    "lost shard": (with_a_lost_shard, {}, r"lacks model-00002-of-00002\.safetensors, which .*index\.json names; get"),
    "short shard": (
        with_a_short_shard,
        {},
        r"model-00002-of-00002\.safetensors is no whole .*not fully covered\); get it again",
    ),
    "short weights": (with_a_short_file("model.safetensors"), {}, r"model\.safetensors is no whole .*; get it again"),
    "no index": (without_an_index, {}, r"has model-00001-of-.* but neither model\.safetensors nor .*index\.json; get"),
    "index of nothing": (changed_index(marzipan="model-00001-of-00002.safetensors"), {}, "has no weight 'marzipan' in"),
    "index elsewhere": (changed_index(marzipan="model-00003-of-00002.safetensors"), {}, "lacks model-00003-of-00002"),
    "index outside": (
        changed_index(marzipan="../else.safetensors"),
        {},
        r"index\.json cannot be used .* get the model",
    ),
    "no tokeniser": (without_tokeniser, {}, r"has no tokeniser, such as tokenizer\.json; get the model again"),
    "short tokeniser": (with_a_short_file("tokenizer.json"), {}, "tokeniser of .* cannot be read .* get the model"),
    "more tokens": (with_more_tokens, {}, "has 321 tokens, and its model rows for 319; get"),
    "NaN": (with_weights(with_a_nan), {}, r"holds NaN or infinity in 'model\.norm\.weight'; get"),
    "shape": (
        with_weights(with_another_shape),
        {},
        r"'model\.layers\.0\.mlp\.up_proj\.weight' is \[63, 32\], not \[64, 32\]; get",
    ),
    "empty": (emptied, {}, r"has no config\.json; name"),
    "short settings": (with_a_short_file("config.json"), {}, r"config\.json cannot be used"),
    "heads": (
        with_settings(num_attention_heads=0),
        {},
        r"config\.json .* num_attention_heads must be a whole number of at",
    ),
    "text for a number": (
        with_settings(hidden_size="wide"),
        {},
        "hidden_size must be a whole number .*, got .wide.; get",
    ),
    "template divides": (with_a_template("{{ 1 / 0 }}"), {}, "chat template cannot be filled in"),
    "template": (with_a_template("{% for"), {}, r"chat template cannot be filled in .* set model\.chat = 'off'"),
    "template raises": (
        with_a_template("{{ raise_exception('no') }}"),
        {},
        "chat template cannot be filled in .no.; set",
    ),
    "pickle": (pickled, {}, "holds its weights as pickle, .* convert it to safetensors"),
    "no weights": (without_weights, {}, "has no .*safetensors; name a folder"),
    "no settings": (without_settings, {}, "has no config.json; name"),
    "not causal": (with_settings(model_type="t5"), {}, "cannot be read as a causal language model .* choose another"),
    "unknown kind": (with_settings(model_type="abacus"), {}, "choose another|cannot be read"),
    "incomplete": (incomplete, {}, "no complete causal language model: 12 weights are missing"),
    "garbled": (garbled, {}, "is no whole safetensors file .* get it again"),
    "no template": (lambda _: None, {"chat": "on"}, r"has no chat template; set model\.chat = 'off'"),
    "no such layer": (
        lambda _: None,
        {"target_modules": "c_attn"},
        "no linear layer fits 'c_attn'; there are down_proj, ",
    ),
    "too long": (lambda _: None, {"context": 500}, r"has 512 positions, .* set model\.context to 480 or less"),
}


@pytest.mark.parametrize(("corrupt", "changes", "pattern"), FAULTS.values(), ids=FAULTS)
def test_an_unusable_model_is_refused_in_one_line(corrupt, changes, pattern, qwen, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(qwen, folder)
    corrupt(folder)
    with pytest.raises(ValueError, match=pattern) as raised:
        Pretrained(PretrainedConfig(**{"source": str(folder), **changes}), torch.Generator())
    assert str(raised.value).startswith("model.")
    assert "\n" not in str(raised.value)
    if "target_modules" not in changes and "context" not in changes:  # those two are in the model's facts
        with pytest.raises(ValueError, match=pattern) as raised:
            inspect(PretrainedConfig(**{"source": str(folder), **changes}))
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("corrupt", [in_shards, lambda folder: None], ids=["in shards", "whole"])
def test_a_sound_model_passes_inspection(corrupt, qwen, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(qwen, folder)
    corrupt(folder)
    inspect(PretrainedConfig(source=str(folder)))
    model_of(folder)


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ("", "is empty; name a folder"),
        ("/no/such/folder", "there is no folder '/no/such/folder'; check the path"),
        ("nobody/nothing", r"is neither a folder nor on this machine; .* model\.download = true"),
        ("/no/such.gguf", "cannot be read .*; check the path"),
    ],
)
def test_a_missing_model_is_refused_without_a_network_request(source, pattern):
    with pytest.raises(ValueError, match=pattern):
        located(PretrainedConfig(source=source))


def test_some_layers_can_be_chosen_by_the_ends_of_their_names(qwen):
    model = model_of(qwen, target_modules="q_proj, mlp.up_proj", rank=2)
    assert {name.split(".")[4] for name in model.state_dict()} == {"self_attn", "mlp"}
    assert len(model.state_dict()) == 2 * 2 * 2


def test_a_fingerprint_depends_on_content_and_not_on_the_path(qwen, tmp_path):
    shutil.copytree(qwen, tmp_path / "copy")
    assert fingerprint(tmp_path / "copy") == fingerprint(qwen)
    content = bytearray((qwen / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "copy" / "model.safetensors").write_bytes(bytes(content))
    assert fingerprint(tmp_path / "copy") != fingerprint(qwen)


def test_a_fingerprint_depends_on_a_chat_template_file(qwen, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(qwen, folder)
    before = fingerprint(folder)
    (folder / "chat_template.jinja").write_text("{{ messages[0]['content'] }}")
    assert fingerprint(folder) != before
    with pytest.raises(ValueError, match="is not the model that this agent learned with"):
        Pretrained(PretrainedConfig(source=str(folder)), torch.Generator(), expected=before)
