import json
import struct

import pytest

from agents.models import StoredTensor
from agents.models.safetensors_header import header


def written(path, contents, data=b"", length=None):
    content = contents if isinstance(contents, bytes) else json.dumps(contents).encode()
    path.write_bytes(struct.pack("<Q", len(content) if length is None else length) + content + data)
    return path


def tensor(dtype, shape, begin, end):
    return {"w": {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}}


def test_names_shapes_and_types_are_read_from_the_header(tmp_path):
    contents = {"__metadata__": {"format": "pt"}, **tensor("BF16", [2, 3], 0, 12)}
    assert header(written(tmp_path / "w.safetensors", contents, bytes(12))) == {"w": StoredTensor((2, 3), "BF16")}


HOSTILE = {
    "short": (tensor("F32", [2], 0, 8), bytes(7), None),
    "long": (tensor("F32", [2], 0, 8), bytes(9), None),
    "a hole": (tensor("F32", [2], 8, 16), bytes(16), None),
    "backwards": (tensor("F32", [2], 8, 0), bytes(8), None),
    "too large a shape": (tensor("F32", [1 << 40, 1 << 40], 0, 8), bytes(8), None),
    "a negative shape": (tensor("F32", [-1], 0, 8), bytes(8), None),
    "an unknown type": (tensor("PICKLE", [2], 0, 8), bytes(8), None),
    "an endless header": (tensor("F32", [2], 0, 8), bytes(8), 1 << 63),
    "a header of 100 MB and one byte": (tensor("F32", [2], 0, 8), bytes(8), 100_000_001),
    "an empty header": (b"", b"", None),
    "no table": ([1], b"", None),
    "deep nesting": (b'{"a":' * 100_000, b"", None),
    "no text": (b"\xff\xfe{}", b"", None),
}


@pytest.mark.parametrize("part", HOSTILE)
def test_an_invalid_file_is_refused_in_one_line(tmp_path, part):
    path = written(tmp_path / "w.safetensors", *HOSTILE[part])
    with pytest.raises(ValueError, match=r"^w\.safetensors is no whole safetensors file \(.+\); get it again$"):
        header(path)
