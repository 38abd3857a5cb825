"""Read a GGUF file's header: metadata and tensor shapes, without the weights.

The file may come from anywhere. Its parser in gguf maps the whole file and trusts its
counts; this one reads plain numbers and texts, each within limits, and keeps next to
nothing, so it needs no process of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from agents.models import StoredModel, StoredTensor

MAGIC, VERSIONS = b"GGUF", (2, 3)
MOST, LONGEST, LARGEST = 1_000_000, 1 << 24, 1 << 28
"""Entries of a table, bytes of a text, and bytes of everything before the weights."""
SCALARS: Mapping[int, str] = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
"""How the numbers of each type are unpacked."""
_TEXT, _TABLE = 8, 9
PACKINGS: Mapping[int, str] = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S"},
    **{12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16"},
}
BLOCKS: Mapping[int, tuple[int, int]] = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 30: (1, 2)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210)},
}
"""By type of a tensor: how many numbers are packed together, and into how many bytes."""
ALIGNMENT = 32
"""Bytes; tensors begin at a multiple, where the file says no other."""
SETTINGS: Mapping[str, str] = {
    "embedding_length": "hidden_size",
    "block_count": "num_hidden_layers",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "context_length": "max_position_embeddings",
    "vocab_size": "vocab_size",
}
"""What GGUF calls the settings of a model, and transformers calls them."""
PARTS: Mapping[str, str] = {
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
"""What GGUF calls the matrices of a model, and most families of transformers call them."""


def stored_gguf(path: Path) -> StoredModel:
    """Return what a GGUF file says of itself. Raises ValueError, in one line, if it is none or is damaged."""
    try:
        with path.open("rb") as stream:
            told, tensors = _Header(stream).read(path.stat().st_size)
    except OSError as error:
        raise ValueError(f"{str(path)!r} cannot be read ({error.strerror}); check the path") from error
    except (ValueError, struct.error, OverflowError) as error:
        raise ValueError(f"{path.name} is no whole GGUF file ({error}); get it again") from error
    kind = str(told.get("general.architecture", ""))
    known = {ours: told.get(f"{kind}.{theirs}") for theirs, ours in SETTINGS.items()}
    return StoredModel(
        settings={"model_type": kind, **{name: value for name, value in known.items() if value is not None}},
        tensors=tensors,
        disk=path.stat().st_size,
        licence=str(told.get("general.license", ""))[:80],
        has_template="tokenizer.chat_template" in told,
        packing=PACKINGS.get(told.get("general.file_type", -1), "GGUF"),
    )


class _Header:
    """Reads what stands before the weights, value by value."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> tuple[dict[str, Any], dict[str, StoredTensor]]:
        """Return settings and tensors of a file of `size` bytes. Raises ValueError if it cannot hold them."""
        if self._stream.read(len(MAGIC)) != MAGIC:
            raise ValueError("it does not begin like one")
        if (version := self._number("I")) not in VERSIONS:
            raise ValueError(f"version {version}")
        tensors, entries = self._count(), self._count()
        told = {self._text(): self._value(self._number("I")) for _ in range(entries)}
        found = [self._tensor() for _ in range(tensors)]
        apart = int(told.get("general.alignment", ALIGNMENT)) or ALIGNMENT
        begin = -(-self._stream.tell() // apart) * apart
        if (end := begin + max((last for *_, last in found), default=0)) > size:
            raise ValueError(f"it has {size:,} of {end:,} bytes")
        return told, {name: tensor for name, tensor, _ in found}

    def _tensor(self) -> tuple[str, StoredTensor, int]:
        """Return a tensor, its name, and at which byte after the header its numbers end, at least."""
        name = self._text()
        shape = tuple(self._number("Q") for _ in range(self._number("I")))
        kind = self._number("I")
        begin = int(self._number("Q"))
        part, dot, ending = name.rpartition(".")
        stem, _, last = part.rpartition(".")
        written = f"{stem}.{PARTS.get(last, last)}{dot}{ending}".lstrip(".")
        tensor = StoredTensor(shape[::-1], f"GGML {kind}")  # GGUF tells the last dimension first
        numbers, stored = BLOCKS.get(kind, (1, 0))
        return written, tensor, begin + tensor.numbers // numbers * stored

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
        for _ in range(count):  # vocabularies and merges: long, and of no use here
            read()
        return None

    def _count(self) -> int:
        count = int(self._number("Q"))
        if count > MOST:
            raise ValueError(f"{count:,} entries")
        return count

    def _text(self) -> str:
        size = self._number("Q")
        if size > LONGEST:
            raise ValueError(f"a text of {size:,} bytes")
        return self._bytes(size).decode(errors="replace")

    def _number(self, form: str) -> Any:
        return struct.unpack(f"<{form}", self._bytes(struct.calcsize(f"<{form}")))[0]

    def _bytes(self, size: int) -> bytes:
        read = self._stream.read(size)
        if len(read) < size or self._stream.tell() > LARGEST:
            raise ValueError("it ends too early" if len(read) < size else "too much before its weights")
        return read
