"""Read a GGUF file's header: metadata and tensor shapes, without the weights.

The file may come from anywhere. The parser of the gguf package maps the whole file and trusts
its counts; this one reads only numbers and texts, with limits on each, so that it can run in
the main process.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from agents.models import StoredModel, StoredTensor

MAGIC, VERSIONS = b"GGUF", (2, 3)
MAX_ENTRIES, MAX_TEXT, MAX_HEADER = 1_000_000, 1 << 24, 1 << 28
"""Maximum entries of an array, bytes of a text, and bytes of the header."""
SCALARS: Mapping[int, str] = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
"""Format character of `struct` for each numeric value type."""
_TEXT, _TABLE = 8, 9
PACKINGS: Mapping[int, str] = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S"},
    **{12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16"},
}
BLOCKS: Mapping[int, tuple[int, int]] = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 30: (1, 2)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210)},
}
"""By tensor type: elements per block, and bytes per block."""
ALIGNMENT = 32
"""Default alignment of tensors, in bytes."""
SETTINGS: Mapping[str, str] = {
    "embedding_length": "hidden_size",
    "block_count": "num_hidden_layers",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "context_length": "max_position_embeddings",
    "vocab_size": "vocab_size",
}
"""Names of settings in GGUF, and in transformers."""
TENSOR_NAMES: Mapping[str, str] = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_qkv": "self_attn.qkv_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "token_embd": "embed_tokens",
    "output": "lm_head",
}
"""Names of tensors in GGUF, and in most model families of transformers."""


def stored_gguf(path: Path) -> StoredModel:
    """Read the metadata of a GGUF file. Raises ValueError, in one line, if it is not a GGUF file or is damaged."""
    try:
        with path.open("rb") as stream:
            metadata, tensors = _Header(stream).read(path.stat().st_size)
    except OSError as error:
        raise ValueError(f"{str(path)!r} cannot be read ({error.strerror}); check the path") from error
    except (ValueError, struct.error, OverflowError) as error:
        raise ValueError(f"{path.name} is no whole GGUF file ({error}); get it again") from error
    kind = str(metadata.get("general.architecture", ""))
    known = {ours: metadata.get(f"{kind}.{theirs}") for theirs, ours in SETTINGS.items()}
    return StoredModel(
        settings={"model_type": kind, **{name: value for name, value in known.items() if value is not None}},
        tensors=tensors,
        disk=path.stat().st_size,
        licence=str(metadata.get("general.license", ""))[:80],
        has_template="tokenizer.chat_template" in metadata,
        packing=PACKINGS.get(metadata.get("general.file_type", -1), "GGUF"),
    )


class _Header:
    """Reads a GGUF header, value by value."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> tuple[dict[str, Any], dict[str, StoredTensor]]:
        """Return metadata and tensors of a file of `size` bytes. Raises ValueError if the file is too short."""
        if self._stream.read(len(MAGIC)) != MAGIC:
            raise ValueError("it does not begin like one")
        if (version := self._number("I")) not in VERSIONS:
            raise ValueError(f"version {version}")
        tensors, entries = self._count(), self._count()
        metadata = {self._text(): self._value(self._number("I")) for _ in range(entries)}
        read_tensors = [self._tensor() for _ in range(tensors)]
        alignment = int(metadata.get("general.alignment", ALIGNMENT)) or ALIGNMENT
        start = -(-self._stream.tell() // alignment) * alignment
        if (end := start + max((last for *_, last in read_tensors), default=0)) > size:
            raise ValueError(f"it has {size:,} of {end:,} bytes")
        return metadata, {name: tensor for name, tensor, _ in read_tensors}

    def _tensor(self) -> tuple[str, StoredTensor, int]:
        """Return a tensor's name, the tensor, and at least its end, in bytes after the header."""
        name = self._text()
        shape = tuple(self._number("Q") for _ in range(self._number("I")))
        kind = self._number("I")
        start = int(self._number("Q"))
        part, dot, ending = name.rpartition(".")
        stem, _, last = part.rpartition(".")
        full_name = f"{stem}.{TENSOR_NAMES.get(last, last)}{dot}{ending}".lstrip(".")
        tensor = StoredTensor(shape[::-1], f"GGML {kind}")  # GGUF stores the last dimension first
        numbers, stored = BLOCKS.get(kind, (1, 0))
        return full_name, tensor, start + tensor.numbers // numbers * stored

    def _value(self, kind: int) -> Any:
        if kind in SCALARS:
            return self._number(SCALARS[kind])
        if kind == _TEXT:
            return self._text()
        if kind != _TABLE:
            raise ValueError(f"a value of type {kind}")
        inner, count = self._number("I"), self._count()
        read: Callable[[], Any] = self._text if inner == _TEXT else partial(self._value, inner)
        if inner == _TABLE:
            raise ValueError("a table of tables")
        for _ in range(count):  # skip arrays: vocabularies and merges are long and not needed
            read()
        return None

    def _count(self) -> int:
        count = int(self._number("Q"))
        if count > MAX_ENTRIES:
            raise ValueError(f"{count:,} entries")
        return count

    def _text(self) -> str:
        size = self._number("Q")
        if size > MAX_TEXT:
            raise ValueError(f"a text of {size:,} bytes")
        return self._bytes(size).decode(errors="replace")

    def _number(self, form: str) -> Any:
        return struct.unpack(f"<{form}", self._bytes(struct.calcsize(f"<{form}")))[0]

    def _bytes(self, size: int) -> bytes:
        read = self._stream.read(size)
        if len(read) < size or self._stream.tell() > MAX_HEADER:
            raise ValueError("it ends too early" if len(read) < size else "too much before its weights")
        return read
