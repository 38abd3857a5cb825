"""Defects for the folder of a pretrained model, as downloads, disks and edits cause them."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from agents.benchmarks.robustness.corruption import Chance, picked

Defect = Callable[[Path, Chance], str]
"""Spoils a folder; returns what has to be named, or `this|that` where either will do."""
WHOLE, INDEX, CONFIG, TOKENS = "model.safetensors", "model.safetensors.index.json", "config.json", "tokenizer.json"


def in_shards(folder: Path, rng: Chance) -> dict[str, str]:
    """Lay the weights out in several files; return which holds what."""
    weights, count = load_file(folder / WHOLE), int(rng.integers(2, 6))
    (folder / WHOLE).unlink()
    names = sorted(weights)
    files = {name: f"model-{place % count + 1:05}-of-{count:05}.safetensors" for place, name in enumerate(names)}
    for file in set(files.values()):
        save_file({name: weights[name] for name in names if files[name] == file}, folder / file, {"format": "pt"})
    write_index(folder, files)
    return files


def write_index(folder: Path, files: Mapping[str, str]) -> None:
    """Say which file holds which weight."""
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": dict(files)}))


def _lose_a_shard(folder: Path, rng: Chance) -> str:
    file = picked(sorted(set(in_shards(folder, rng).values())), rng)
    (folder / file).unlink()
    return file


def _cut_a_shard(folder: Path, rng: Chance) -> str:
    return _cut(folder / picked(sorted(set(in_shards(folder, rng).values())), rng), rng)


def _name_no_file(folder: Path, rng: Chance) -> str:
    files = in_shards(folder, rng)
    write_index(folder, {**files, picked(sorted(files), rng): "model-00009-of-00008.safetensors"})
    return "model-00009-of-00008.safetensors"


def _name_no_weight(folder: Path, rng: Chance) -> str:
    files = in_shards(folder, rng)
    write_index(folder, {**files, "model.marzipan": picked(sorted(files.values()), rng)})
    return "model.marzipan"


def _lose_the_index(folder: Path, rng: Chance) -> str:
    in_shards(folder, rng)
    (folder / INDEX).unlink()
    return INDEX


def _corrupt_the_index(folder: Path, rng: Chance) -> str:
    in_shards(folder, rng)
    return _cut(folder / INDEX, rng)


def _cut(path: Path, rng: Chance) -> str:
    content = path.read_bytes()
    path.write_bytes(content[: int(rng.integers(0, len(content) - 1))])
    return path.name


def _gone(*patterns: str, named: str) -> Defect:
    def corrupt(folder: Path, rng: Chance) -> str:
        for path in [path for pattern in patterns for path in folder.glob(pattern)]:
            path.unlink()
        return named

    return corrupt


def _short(file: str, named: str = "") -> Defect:
    return lambda folder, rng: _cut(folder / file, rng) and (named or file)


def _other(file: str, content: bytes, named: str = "") -> Defect:
    def corrupt(folder: Path, rng: Chance) -> str:
        (folder / file).write_bytes(content)
        return named or file

    return corrupt


def _settings(named: str, **changes: Any) -> Defect:
    def corrupt(folder: Path, rng: Chance) -> str:
        path = folder / CONFIG
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
        return named

    return corrupt


def _weight(change: Callable[[dict[str, torch.Tensor], str, Chance], None]) -> Defect:
    def corrupt(folder: Path, rng: Chance) -> str:
        weights = load_file(folder / WHOLE)
        name = picked(sorted(name for name, weight in weights.items() if "head" not in name), rng)
        change(weights, name, rng)
        save_file(weights, folder / WHOLE, {"format": "pt"})
        return f"{name}|lm_head" if "emb" in name or "wte" in name else name  # both may be one weight

    return corrupt


def _number(value: float) -> Callable[[dict[str, torch.Tensor], str, Chance], None]:
    def change(weights: dict[str, torch.Tensor], name: str, rng: Chance) -> None:
        flat = weights[name].flatten().clone()
        flat[int(rng.integers(len(flat)))] = value
        weights[name] = flat.view(weights[name].shape)

    return change


def _narrow(weights: dict[str, torch.Tensor], name: str, rng: Chance) -> None:
    weights[name] = weights[name][:-1].contiguous()


def _lose(weights: dict[str, torch.Tensor], name: str, rng: Chance) -> None:
    del weights[name]


def _more_tokens(folder: Path, rng: Chance) -> str:
    told = json.loads((folder / TOKENS).read_text())
    known = told["model"]["vocab"]
    rows = max(known.values()) + 1
    known |= {f"Ġmarzipan{place}": rows + place for place in range(int(rng.integers(1, 9)))}
    (folder / TOKENS).write_text(json.dumps(told))
    return f"{rows:,}"


def _template(written: str, named: str = "template") -> Defect:
    return _other("chat_template.jinja", written.encode(), named)


def _pickled(folder: Path, rng: Chance) -> str:
    (folder / WHOLE).rename(folder / "pytorch_model.bin")
    return "pickle"


def _other_type(folder: Path, rng: Chance) -> str:
    content = (folder / WHOLE).read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + length].replace(b'"F32"', b'"F99"', 1)
    (folder / WHOLE).write_bytes(content[:8] + header + content[8 + length :])
    return WHOLE


def _gguf(content: bytes) -> Defect:
    """Put a GGUF file in the folder's place: it is named as the model then."""

    def corrupt(folder: Path, rng: Chance) -> str:
        shutil.rmtree(folder)
        folder.with_suffix(".gguf").write_bytes(content + rng.bytes(64))
        return folder.with_suffix(".gguf").name

    return corrupt


DEFECTS: Mapping[str, Defect] = {
    "lost shard": _lose_a_shard,
    "short shard": _cut_a_shard,
    "index names no file": _name_no_file,
    "index names no weight": _name_no_weight,
    "no index": _lose_the_index,
    "index is no JSON": _corrupt_the_index,
    "short weights": _short(WHOLE),
    "empty weights": _other(WHOLE, b""),
    "zeros for weights": _other(WHOLE, bytes(1_000)),
    "a page for weights": _other(WHOLE, b"<html>log in</html>" * 50),
    "a pointer for weights": _other(WHOLE, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
    "type of numbers": _other_type,
    "no weights": _gone(WHOLE, named="safetensors"),
    "pickled weights": _pickled,
    "NaN": _weight(_number(math.nan)),
    "infinity": _weight(_number(-math.inf)),
    "shape of a weight": _weight(_narrow),
    "lost weight": _weight(_lose),
    "empty folder": _gone("*", named=CONFIG),
    "no settings": _gone(CONFIG, named=CONFIG),
    "short settings": _short(CONFIG),
    "list for settings": _other(CONFIG, b"[]"),
    "unknown architecture": _settings("abacus", model_type="abacus"),
    "not causal": _settings("t5", model_type="t5"),
    "not from left to right": _settings("bert", model_type="bert"),
    "other width": _settings("other shapes", hidden_size=64),
    "other depth": _settings("weights are missing|num_hidden_layers", num_hidden_layers=5, n_layer=5),
    "text for a number": _settings("hidden_size", hidden_size="wide"),
    "no heads": _settings("num_attention_heads", num_attention_heads=0, n_head=0),
    "unknown activation": _settings("sigh", hidden_act="sigh", hidden_activation="sigh", activation_function="sigh"),
    "few places": _settings("model.context|[40, 32]", max_position_embeddings=40),
    "no tokeniser": _gone("*token*", "*.txt", "vocab*", named="tokeniser"),
    "short tokeniser": _short(TOKENS, "tokeniser"),
    "settings of the tokeniser": _short("tokenizer_config.json", "token"),
    "more tokens": _more_tokens,
    "template that does not end": _template("{% for"),
    "template that raises": _template("{{ raise_exception('no') }}"),
    "template that asks for what is not there": _template("{{ messages[3]['content'].strip() }}"),
    "template that divides by nothing": _template("{{ 1 / 0 }}"),
    "template without an end": _template("{{ 'the apple ' * 400 }}", "model.context"),
    "no GGUF": _gguf(b"GGML"),
    "short GGUF": _gguf(b"GGUF\3\0\0\0"),
}
"""By what is wrong."""

CONTROLS: Mapping[str, Defect] = {
    "as it is": lambda folder, rng: "",
    "in shards": lambda folder, rng: str(in_shards(folder, rng)),
    "chat": _template("{% for m in messages %}<u>{{ m['content'] }}</u>{% endfor %}"),
    "dated chat": _template("{{ strftime_now('%d %b %Y') }} {{ messages[0]['content'] }}"),
    "other files beside it": _other("notes.bin", b"0"),
    "index beside whole weights": _other(INDEX, b'{"weight_map": {"a": "model-00001-of-00009.safetensors"}}'),
}
"""What is no defect."""


def rng_of(seed: int, place: int) -> Chance:
    """Return the dice of one folder."""
    return np.random.default_rng([seed, place])
