"""Defects of the folder of a pretrained model, as failed downloads, disks and edits cause them."""

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

from agents.benchmarks.robustness.corruption import picked

Defect = Callable[[Path, np.random.Generator], str]
"""Damages a folder; returns the text that the error message must contain, or alternatives separated by `|`."""
WHOLE, INDEX, CONFIG, TOKENS = "model.safetensors", "model.safetensors.index.json", "config.json", "tokenizer.json"


def in_shards(folder: Path, rng: np.random.Generator) -> dict[str, str]:
    """Split the weights into several files; return the file of each weight."""
    weights, count = load_file(folder / WHOLE), int(rng.integers(2, 6))
    (folder / WHOLE).unlink()
    names = sorted(weights)
    files = {name: f"model-{index % count + 1:05}-of-{count:05}.safetensors" for index, name in enumerate(names)}
    for file in set(files.values()):
        save_file({name: weights[name] for name in names if files[name] == file}, folder / file, {"format": "pt"})
    write_index(folder, files)
    return files


def write_index(folder: Path, files: Mapping[str, str]) -> None:
    """Write the index: the file of each weight."""
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": dict(files)}))


def _missing_shard(folder: Path, rng: np.random.Generator) -> str:
    file = picked(sorted(set(in_shards(folder, rng).values())), rng)
    (folder / file).unlink()
    return file


def _truncated_shard(folder: Path, rng: np.random.Generator) -> str:
    return _truncate(folder / picked(sorted(set(in_shards(folder, rng).values())), rng), rng)


def _missing_file_in_index(folder: Path, rng: np.random.Generator) -> str:
    files = in_shards(folder, rng)
    write_index(folder, {**files, picked(sorted(files), rng): "model-00009-of-00008.safetensors"})
    return "model-00009-of-00008.safetensors"


def _missing_weight_in_index(folder: Path, rng: np.random.Generator) -> str:
    files = in_shards(folder, rng)
    write_index(folder, {**files, "model.marzipan": picked(sorted(files.values()), rng)})
    return "model.marzipan"


def _missing_index(folder: Path, rng: np.random.Generator) -> str:
    in_shards(folder, rng)
    (folder / INDEX).unlink()
    return INDEX


def _truncated_index(folder: Path, rng: np.random.Generator) -> str:
    in_shards(folder, rng)
    return _truncate(folder / INDEX, rng)


def _truncate(path: Path, rng: np.random.Generator) -> str:
    content = path.read_bytes()
    path.write_bytes(content[: int(rng.integers(0, len(content) - 1))])
    return path.name


def _deleted(*patterns: str, expected: str) -> Defect:
    def corrupt(folder: Path, rng: np.random.Generator) -> str:
        for path in [path for pattern in patterns for path in folder.glob(pattern)]:
            path.unlink()
        return expected

    return corrupt


def _truncated(file: str, expected: str = "") -> Defect:
    return lambda folder, rng: _truncate(folder / file, rng) and (expected or file)


def _replaced(file: str, content: bytes, expected: str = "") -> Defect:
    def corrupt(folder: Path, rng: np.random.Generator) -> str:
        (folder / file).write_bytes(content)
        return expected or file

    return corrupt


def _changed_config(expected: str, **changes: Any) -> Defect:
    def corrupt(folder: Path, rng: np.random.Generator) -> str:
        path = folder / CONFIG
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
        return expected

    return corrupt


def _changed_weight(change: Callable[[dict[str, torch.Tensor], str, np.random.Generator], None]) -> Defect:
    def corrupt(folder: Path, rng: np.random.Generator) -> str:
        weights = load_file(folder / WHOLE)
        name = picked(sorted(name for name, weight in weights.items() if "head" not in name), rng)
        change(weights, name, rng)
        save_file(weights, folder / WHOLE, {"format": "pt"})
        return (
            f"{name}|lm_head" if "emb" in name or "wte" in name else name
        )  # input and output embedding may be the same weight

    return corrupt


def _with_value(value: float) -> Callable[[dict[str, torch.Tensor], str, np.random.Generator], None]:
    def change(weights: dict[str, torch.Tensor], name: str, rng: np.random.Generator) -> None:
        flat = weights[name].flatten().clone()
        flat[int(rng.integers(len(flat)))] = value
        weights[name] = flat.view(weights[name].shape)

    return change


def _without_last_row(weights: dict[str, torch.Tensor], name: str, rng: np.random.Generator) -> None:
    weights[name] = weights[name][:-1].contiguous()


def _without_weight(weights: dict[str, torch.Tensor], name: str, rng: np.random.Generator) -> None:
    del weights[name]


def _more_tokens(folder: Path, rng: np.random.Generator) -> str:
    tokeniser = json.loads((folder / TOKENS).read_text())
    vocabulary = tokeniser["model"]["vocab"]
    rows = max(vocabulary.values()) + 1
    vocabulary |= {f"Ġmarzipan{index}": rows + index for index in range(int(rng.integers(1, 9)))}
    (folder / TOKENS).write_text(json.dumps(tokeniser))
    return f"{rows:,}"


def _template(template: str, expected: str = "template") -> Defect:
    return _replaced("chat_template.jinja", template.encode(), expected)


def _pickled(folder: Path, rng: np.random.Generator) -> str:
    (folder / WHOLE).rename(folder / "pytorch_model.bin")
    return "pickle"


def _unknown_dtype(folder: Path, rng: np.random.Generator) -> str:
    content = (folder / WHOLE).read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + length].replace(b'"F32"', b'"F99"', 1)
    (folder / WHOLE).write_bytes(content[:8] + header + content[8 + length :])
    return WHOLE


def _gguf(content: bytes) -> Defect:
    """Replace the folder by a GGUF file, which becomes the source of the model."""

    def corrupt(folder: Path, rng: np.random.Generator) -> str:
        shutil.rmtree(folder)
        folder.with_suffix(".gguf").write_bytes(content + rng.bytes(64))
        return folder.with_suffix(".gguf").name

    return corrupt


DEFECTS: Mapping[str, Defect] = {
    "missing shard": _missing_shard,
    "truncated shard": _truncated_shard,
    "missing file in the index": _missing_file_in_index,
    "missing weight in the index": _missing_weight_in_index,
    "no index": _missing_index,
    "index is no JSON": _truncated_index,
    "truncated weights": _truncated(WHOLE),
    "empty weights": _replaced(WHOLE, b""),
    "zeros for weights": _replaced(WHOLE, bytes(1_000)),
    "HTML page for weights": _replaced(WHOLE, b"<html>log in</html>" * 50),
    "Git LFS pointer for weights": _replaced(
        WHOLE, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    ),
    "unknown dtype": _unknown_dtype,
    "no weights": _deleted(WHOLE, expected="safetensors"),
    "pickled weights": _pickled,
    "NaN": _changed_weight(_with_value(math.nan)),
    "infinity": _changed_weight(_with_value(-math.inf)),
    "shape of a weight": _changed_weight(_without_last_row),
    "missing weight": _changed_weight(_without_weight),
    "empty folder": _deleted("*", expected=CONFIG),
    "no settings": _deleted(CONFIG, expected=CONFIG),
    "truncated settings": _truncated(CONFIG),
    "list for settings": _replaced(CONFIG, b"[]"),
    "unknown architecture": _changed_config("abacus", model_type="abacus"),
    "not causal": _changed_config("t5", model_type="t5"),
    "not from left to right": _changed_config("bert", model_type="bert"),
    "other width": _changed_config("other shapes", hidden_size=64),
    "other depth": _changed_config("weights are missing|num_hidden_layers", num_hidden_layers=5, n_layer=5),
    "text for a number": _changed_config("hidden_size", hidden_size="wide"),
    "no heads": _changed_config("num_attention_heads", num_attention_heads=0, n_head=0),
    "unknown activation": _changed_config(
        "sigh", hidden_act="sigh", hidden_activation="sigh", activation_function="sigh"
    ),
    "few positions": _changed_config("model.context|[40, 32]", max_position_embeddings=40),
    "no tokeniser": _deleted("*token*", "*.txt", "vocab*", expected="tokeniser"),
    "truncated tokeniser": _truncated(TOKENS, "tokeniser"),
    "truncated settings of the tokeniser": _truncated("tokenizer_config.json", "token"),
    "more tokens": _more_tokens,
    "unclosed template": _template("{% for"),
    "template that raises": _template("{{ raise_exception('no') }}"),
    "template with an index error": _template("{{ messages[3]['content'].strip() }}"),
    "template that divides by zero": _template("{{ 1 / 0 }}"),
    "template longer than the context": _template("{{ 'the apple ' * 400 }}", "model.context"),
    "invalid GGUF": _gguf(b"GGML"),
    "truncated GGUF": _gguf(b"GGUF\3\0\0\0"),
}
"""Defects by description."""

CONTROLS: Mapping[str, Defect] = {
    "unchanged": lambda folder, rng: "",
    "in shards": lambda folder, rng: str(in_shards(folder, rng)),
    "chat": _template("{% for m in messages %}<u>{{ m['content'] }}</u>{% endfor %}"),
    "dated chat": _template("{{ strftime_now('%d %b %Y') }} {{ messages[0]['content'] }}"),
    "an unrelated file": _replaced("notes.bin", b"0"),
    "index beside whole weights": _replaced(INDEX, b'{"weight_map": {"a": "model-00001-of-00009.safetensors"}}'),
}
"""Changes that are no defects."""


def folder_rng(seed: int, index: int) -> np.random.Generator:
    """Return the random generator of one folder."""
    return np.random.default_rng([seed, index])
