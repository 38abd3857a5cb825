from hashlib import sha256

import pytest

from agents.store.sealed_files import MANIFEST, AnotherVersion, Damaged, SealedFolder, Sealer, seal_of

LARGEST = {"json": 100, "safetensors": 100}
CONTENTS = {"json": b"{}", "safetensors": bytes(64)}


@pytest.fixture
def sealed(tmp_path):
    folder = SealedFolder(tmp_path / "sealed", 7, LARGEST)
    folder.write("a", CONTENTS)
    return folder


def test_written_files_are_read_and_listed(sealed):
    assert {suffix: sealed.read("a", suffix) for suffix in CONTENTS} == CONTENTS
    assert sealed.names() == ["a"]
    assert sealed.files("a") == ["a.json", "a.safetensors", "a.manifest.json"]
    assert sealed.has("a", CONTENTS)
    assert not sealed.has("a", {**CONTENTS, "json": b"[]"})
    assert not sealed.has("b", CONTENTS)


def test_a_seal_of_pieces_is_the_seal_of_the_whole():
    sealer = Sealer()
    for start in range(0, 64, 5):
        sealer.update(bytes(range(64))[start : start + 5])
    whole = seal_of(bytes(range(64)))
    assert sealer.seal() == whole
    assert (whole.size, whole.sha256) == (64, sha256(bytes(range(64))).hexdigest())


@pytest.mark.parametrize(
    ("content", "pattern"),
    [(b"[]", "SHA-256 differs"), (b"", "0 bytes instead of 2"), (b"{} ", "3 bytes instead of 2")],
)
def test_a_changed_file_is_refused(sealed, content, pattern):
    sealed.path("a", "json").write_bytes(content)
    with pytest.raises(Damaged, match=pattern):
        sealed.read("a", "json")


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    folder = SealedFolder(tmp_path / "sealed", 7, LARGEST)
    folder.write("a", {"json": bytes(101)})
    with pytest.raises(Damaged, match="has 101 bytes; at most 100 are read"):
        folder.read("a", "json")
    folder.path("a", MANIFEST).write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(Damaged, match="at most 1,048,576 are read"):
        folder.manifest("a")


def test_another_format_is_not_reported_as_damage(sealed):
    with pytest.raises(AnotherVersion, match="format 7, and this one reads 8"):
        SealedFolder(sealed.folder, 8, LARGEST).read("a", "json")


def test_a_copy_is_sealed_and_a_removed_checkpoint_leaves_no_files(sealed, tmp_path):
    other = SealedFolder(tmp_path / "other", 7, LARGEST)
    sealed.copy("a", other)
    sealed.remove("a", LARGEST)
    assert list(sealed.folder.iterdir()) == []
    assert other.read("a", "json") == b"{}"
