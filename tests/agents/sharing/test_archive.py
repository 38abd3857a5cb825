"""Archives from untrusted sources: valid ones unpack unchanged, others are refused before anything is written."""

import io
import json
import struct
import zipfile
from hashlib import sha256

import pytest

from agents.benchmarks.robustness.forged_archives import packed, unpacked
from agents.benchmarks.robustness.forged_content import seal
from agents.errors import BadInput
from agents.sharing.archive import is_archive, opened
from agents.sharing.archive_writer import pack

ABOUT, WEIGHTS = b'{"a": "\xe5\x9b\x9e"}', bytes(range(256)) * 40
MEMBERS = {"about.json": ABOUT, "agent.safetensors": WEIGHTS}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.palimpsest"
    pack(path, "agent", MEMBERS)
    return path


def rewrite(path, change, sealed=True):
    members = unpacked(path.read_bytes())
    change(members)
    if sealed:
        seal(members)
    path.write_bytes(packed(members))


def read_all(path, folder):
    with opened(path) as bundle:
        for name in bundle.names:
            bundle.content(name)
        folder.mkdir()
        bundle.unpack(folder)


def test_packed_members_come_back(path, tmp_path):
    with opened(path) as bundle:
        assert bundle.kind == "agent"
        assert {name: bundle.content(name) for name in bundle.names} == MEMBERS
    read_all(path, tmp_path / "out")
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == MEMBERS


def test_equal_contents_make_equal_files(path, tmp_path):
    other = tmp_path / "b.palimpsest"
    (tmp_path / "weights").write_bytes(WEIGHTS)
    pack(other, "agent", {"about.json": ABOUT, "agent.safetensors": tmp_path / "weights"})
    assert other.read_bytes() == path.read_bytes()


def test_the_manifest_has_size_and_digest_as_other_tools_compute_them(path):
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.testzip() is None
    assert manifest["files"]["about.json"] == {"size": len(ABOUT), "sha256": sha256(ABOUT).hexdigest()}


def test_an_archive_is_known_by_its_name_or_its_first_bytes(path, tmp_path):
    other = tmp_path / "renamed.bin"
    other.write_bytes(path.read_bytes())
    (tmp_path / "text.toml").write_text("seed = 1")
    assert is_archive(other)
    assert is_archive(tmp_path / "nowhere.palimpsest")
    assert not is_archive(tmp_path / "text.toml")


def patched(content, mark, field, layout, value, last=False):
    damaged = bytearray(content)
    start = content.rindex(mark) if last else content.index(mark)
    struct.pack_into(layout, damaged, start + field, value)
    return bytes(damaged)


ENTRY, END = b"PK\x01\x02", b"PK\x05\x06"
FORGED = {
    "a name that leads out": (lambda path: rewrite(path, lambda m: m.update({"../x": b""})), "does not belong"),
    "an absolute name": (lambda path: rewrite(path, lambda m: m.update({"/x": b""})), "does not belong"),
    "a name with a null": (
        lambda path: rewrite(path, lambda m: m.update({"about.json\0x": b""})),
        "interpret differently",
    ),
    "an archive within": (lambda path: rewrite(path, lambda m: m.update({"b.zip": b"PK"})), "does not belong"),
    "a run's member": (lambda path: rewrite(path, lambda m: m.update({"meta.json": b"{}"})), "at most 0"),
    "another content": (
        lambda path: rewrite(path, lambda m: m.update({"about.json": b"{}"}), False),
        "one size in the archive",
    ),
    "one bit": (lambda path: rewrite(path, lambda m: m.update({"about.json": ABOUT[::-1]}), False), "SHA-256"),
    "no manifest": (lambda path: rewrite(path, lambda m: m.pop("manifest.json"), False), "no manifest.json"),
    "a member less": (lambda path: rewrite(path, lambda m: m.pop("about.json"), False), "only in"),
    "a newer format": (
        lambda path: rewrite(path, lambda m: m.update({"manifest.json": b'{"format": 2}'}), False),
        "format",
    ),
    "NaN": (lambda path: rewrite(path, lambda m: m.update({"manifest.json": b'{"format": NaN}'}), False), "NaN"),
    "a bomb": (
        lambda path: rewrite(path, lambda m: m.update({"about.json": bytes(8 << 20)})),
        "far more than its packed size",
    ),
    "a link": (lambda path: path.write_bytes(packed(unpacked(path.read_bytes()), 0o120777)), "link or a device"),
    "a comment": (lambda path: path.write_bytes(path.read_bytes() + b"x"), "not a complete archive"),
    "something before": (lambda path: path.write_bytes(b"#!/bin/sh\n" + path.read_bytes()), "not a complete archive"),
    "a password": (lambda path: path.write_bytes(patched(path.read_bytes(), ENTRY, 8, "<H", 1)), "encrypted"),
    "a lying size": (
        lambda path: path.write_bytes(patched(path.read_bytes(), ENTRY, 24, "<L", 3)),
        "one size in the archive",
    ),
    "overlapping members": (
        lambda path: path.write_bytes(patched(path.read_bytes(), ENTRY, 42, "<L", 60, last=True)),
        "overlaps another",
    ),
    "a list elsewhere": (lambda path: path.write_bytes(patched(path.read_bytes(), END, 16, "<L", 5)), "should be"),
    "nothing": (lambda path: path.write_bytes(b""), "0 bytes"),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_archive_is_refused_in_one_line_with_the_reason(path, tmp_path, forgery):
    forge, pattern = FORGED[forgery]
    forge(path)
    with pytest.raises(BadInput, match=pattern) as caught:
        read_all(path, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("a.palimpsest: ")
    assert [file.name for file in tmp_path.iterdir()] == ["a.palimpsest"]


def test_a_member_that_occurs_twice_is_refused(path, tmp_path):
    buffer = io.BytesIO(path.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("about.json", b"{}")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(BadInput, match="occurs twice"):
        read_all(path, tmp_path / "out")


def test_a_failed_write_is_reported_and_leaves_no_draft(tmp_path):
    with pytest.raises(BadInput, match="choose another place"):
        pack(tmp_path / "no" / "a.palimpsest", "agent", MEMBERS)
    with pytest.raises(BadInput, match="too many to share"):
        pack(tmp_path / "a.palimpsest", "run", {"meta.json": bytes(2 << 20)})
    assert list(tmp_path.iterdir()) == []
