"""The metadata of GGUF files, valid ones by gguf's own writer and corrupted ones."""

from contextlib import suppress

import pytest

pytest.importorskip("gguf", reason="the extra llm is not installed")

import gguf
import numpy as np

from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.models.facts import model_facts
from agents.models.gguf_header import stored_gguf


@pytest.fixture
def file(tmp_path):
    writer = gguf.GGUFWriter(tmp_path / "tiny.gguf", "llama")
    writer.add_context_length(512)
    writer.add_block_count(2)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_vocab_size(40)
    writer.add_license("mit")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list([f"t{offset}" for offset in range(40)])
    writer.add_token_scores([0.5] * 40)
    for layer in range(2):
        for name, shape in (("attn_q", (32, 32)), ("attn_k", (16, 32)), ("ffn_up", (64, 32)), ("attn_norm", (32,))):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.zeros(shape, np.float32))
    writer.add_tensor("token_embd.weight", np.zeros((40, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tmp_path / "tiny.gguf"


def test_a_gguf_file_has_the_same_facts_as_a_folder(file):
    facts = model_facts(RunConfig(model=PretrainedConfig(source=str(file), rank=4)))
    assert (facts.architecture, facts.dtype, facts.context) == ("llama", "Q8_0", 512)
    assert (facts.licence, facts.has_template, facts.problem) == ("mit", True, None)
    assert facts.weights == 40 * 32 + 2 * (32 * 32 + 16 * 32 + 64 * 32 + 32)
    rows = {(row.name, row.count, row.inputs, row.outputs, row.trained) for row in facts.layers}
    assert rows == {("q_proj", 2, 32, 32, 256), ("k_proj", 2, 32, 16, 192)}
    assert facts.memory.weights == 4 * facts.weights


def test_shapes_are_those_that_ggufs_own_reader_finds(file):
    theirs = [tuple(map(int, tensor.shape[::-1])) for tensor in gguf.GGUFReader(file).tensors]
    assert [tensor.shape for tensor in stored_gguf(file).tensors.values()] == theirs


@pytest.mark.parametrize("offset", [0, 4, 8, 16])
def test_a_wrong_magic_version_or_count_is_refused_in_one_line(offset, file):
    content = bytearray(file.read_bytes())
    content[offset : offset + 4] = b"\xff" * 4
    file.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=r"tiny\.gguf is no whole GGUF file \(.*\); get it again"):
        stored_gguf(file)


def test_corrupted_bytes_raise_nothing_but_a_value_error(file):
    content, rng = file.read_bytes(), np.random.default_rng(0)
    for _ in range(300):
        corrupted = bytearray(content[: rng.integers(len(content))] if rng.random() < 0.3 else content)
        for offset in rng.integers(min(len(corrupted), 1_500) or 1, size=3):
            corrupted[offset : offset + 1] = rng.bytes(1)
        file.write_bytes(bytes(corrupted))
        with suppress(ValueError):
            stored_gguf(file)
