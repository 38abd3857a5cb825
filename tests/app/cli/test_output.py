"""The output of the command line: only JSON with `--json`, in every encoding, without control characters."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from agents.runtime.escaping import visible, visible_name
from agents.store.run_store import RunStore
from app.cli.commands import cli, main
from app.cli.output import ASCII_REPLACEMENTS, wide
from app.cli.run_table import elided

ROOT = Path(__file__).parents[3]
CONTROL_CHARACTERS = [
    *map(chr, (*range(9), *range(11, 32), *range(0x7F, 0xA0))),
    *"\u202a\u202e\u2066\u2069\u2028\ud800",
]
CHATTY = """
import atexit, ctypes, os
print("hello from Python")
os.write(1, b"hello from a file descriptor\\n")
ctypes.CDLL(None).puts(b"hello from C, which writes at the end")
atexit.register(print, "goodbye")
"""
TOML = 'name = "shared{}"\n[learning]\nn_envs = 8\nn_steps = 8\n[evaluation]\nn_eval_episodes = 2\n'
STAGES = '[[stages]]\ntask = "household/store"\nsteps = 64\n[[stages]]\ntask = "household/fetch"\nsteps = 64\n'
COMMANDS = {
    "run": ["run", "FILE", "--quiet", "--name", "other"],
    "list": ["list", "runs"],
    "list worlds": ["list", "worlds"],
    "list strategies": ["list", "strategies"],
    "show": ["show", "odd"],
    "compare": ["compare", "odd"],
    "experts": ["experts", "FILE", "--quiet"],
    "resume": ["resume", "stopped", "--quiet"],
    "fork": ["fork", "odd", "--at", "64", "--quiet"],
    "describe": ["describe", "odd", "--note", "a \x1b[2J note"],
    "replay": ["replay", "odd"],
    "export": ["export", "odd", "--to", "OUT"],
    "import": ["import", "FILE"],
    "bench": ["bench", "formulas", "--quick"],
    "report": ["report"],
    "screenshot": ["screenshot", "OUT.png", "--run", "odd", "--size", "640x480"],
    "knowledge": ["knowledge", "odd"],
    "model": ["model", "transformer"],
    "study": ["study", "STUDY", "--plan"],
    "instruct": ["instruct", "odd", "open the fridge", "--episodes", "1"],
}
"""Arguments of every command with `--json`, except `pretrain`, which takes minutes and has tests of its own."""
NO_JSON = {"pretrain"}
HEAVY = {"experts", "bench", "screenshot"}
"""Commands that are tested in one encoding only."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a run whose name holds every control character, and a finished fork of it."""
    folder = tmp_path_factory.mktemp("home")
    controls = "".join(f"\\u{code:04x}" for code in (0x1B, 0x7, 0xD, 0x9B, 0x202E, 0x2066))
    (folder / "study.toml").write_text(f'name = "{controls}"\ncurriculum = "odd.toml"\n')
    (folder / "odd.toml").write_text(TOML.format(controls) + STAGES)
    (folder / "chatty.py").write_text(CHATTY)
    name = "odd" + "".join(CONTROL_CHARACTERS)
    store, knowledge = RunStore(folder / "runs"), ["--set", "knowledge.max_entries=50"]
    arguments = ["run", str(folder / "odd.toml"), "--quiet", "--name", name, "--runs", str(store.root), *knowledge]
    assert main(arguments) == 0
    (stored,) = store
    stored.describe("", ["tag" + name], name)
    assert main(["fork", stored.id, "--at", "64", "--quiet", "--name", "stopped", "--runs", str(store.root)]) == 0
    return folder


def arguments_in(arguments, folder):
    """Return the arguments with the folder's files for FILE and OUT, and its runs folder."""
    out = folder / f"out-{len(list(folder.iterdir()))}"
    paths = {
        "FILE": folder / "odd.toml",
        "STUDY": folder / "study.toml",
        "OUT": out,
        "OUT.png": out.with_suffix(".png"),
    }
    runs = ["--runs", str(folder / "runs")] if arguments[0] != "model" else []
    return [*(str(paths.get(argument, argument)) for argument in arguments), *runs]


def test_every_command_that_has_json_is_in_the_table():
    commands = typer.main.get_command(cli).commands
    known = {name for name, command in commands.items() if any("--json" in option.opts for option in command.params)}
    assert known == {arguments[0] for arguments in COMMANDS.values()} | NO_JSON
    assert known == set(commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_all_that_reaches_stdout_whatever_is_printed(command, home):
    arguments = ["--import", "chatty", *arguments_in(COMMANDS[command], home), "--json"]
    path = os.pathsep.join([str(ROOT), str(home)])
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
    )
    if done.returncode == 2:  # nothing left to resume is bad input, and then there is nothing on stdout
        assert (command, done.stdout) == ("resume", "")
    else:
        assert isinstance(json.loads(done.stdout), dict)
        assert not done.returncode or command == "bench"
    for text in ("hello from Python", "hello from a file", "hello from C", "goodbye"):
        assert text in done.stderr
    assert "Traceback" not in done.stderr


ENCODINGS = ("utf-8", "cp1252", "ascii", "gbk")
TRIED = [(command, encoding) for command in COMMANDS for encoding in ENCODINGS]


@pytest.mark.parametrize(
    ("command", "encoding"), [each for each in TRIED if each[0] not in HEAVY or each[1] == "ascii"]
)
def test_every_command_succeeds_in_every_encoding_without_control_characters(command, encoding, home, monkeypatch):
    streams = {name: io.BytesIO() for name in ("stdout", "stderr")}
    for name, raw in streams.items():
        monkeypatch.setattr(sys, name, io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    code = main(arguments_in(COMMANDS[command], home))
    for name in streams:
        getattr(sys, name).flush()
    written = {name: raw.getvalue().decode(encoding) for name, raw in streams.items()}
    monkeypatch.undo()
    assert code == (2 if command == "resume" else 0), written
    assert bool(written["stdout"]) == (command not in ("describe", "screenshot", "resume"))
    for character in CONTROL_CHARACTERS:
        assert character not in written["stdout"] + written["stderr"]


def test_unencodable_characters_are_replaced_by_ascii(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    assert main(["--version"]) == 0
    wide().print("R[l, j] − R[T, j] ≤ 1 … 跑", markup=False)
    sys.stdout.flush()
    assert raw.getvalue().decode().splitlines()[-1] == "R[l, j] - R[T, j] <= 1 ... ?"
    assert all(spelling.isascii() for spelling in ASCII_REPLACEMENTS.values())


@pytest.mark.parametrize("character", CONTROL_CHARACTERS)
def test_control_characters_are_escaped_once(character):
    written = visible(f"a{character}b\n")
    assert written != f"a{character}b\n"
    assert re.fullmatch(r"a\\[xuU][0-9a-f]+b\n", written)
    assert visible(written) is written
    assert visible_name(f"a{character}b\n") == written[:-1] + r"\x0a"


def test_plain_text_is_the_same_object():
    text = "跑步，δοκιμή, naïve, שלום ‍ 👨‍👩‍👧\n\t"
    assert visible(text) is text


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_a_run_is_one_line_at_any_width(columns, home, monkeypatch):
    from app.cli import run_table

    store = RunStore(home / "runs")
    rows = [{**run.overview(), "name": name} for run in store for name in ("short", "long " * 40, "很长的名字" * 20)]
    raw = io.StringIO()
    console = wide()
    monkeypatch.setattr(console, "_width", columns)
    console.file = raw
    run_table.show_runs(console, rows)
    lines = raw.getvalue().splitlines()
    assert len(lines) == 1 + len(rows)
    from rich.cells import cell_len

    assert max(map(cell_len, lines)) <= columns
    for line, row in zip(lines[1:], rows, strict=True):
        assert row["run"][:20] in line
        assert row["state"] in line
        assert row["name"][:5] in line


@pytest.mark.parametrize(
    ("text", "width", "at_end", "expected"),
    [
        ("as it is", 8, False, "as it is"),
        ("begin middle end", 10, False, "begin …end"),
        ("begin middle end", 10, True, "begin mid…"),
        ("很长的名字", 7, False, "很长…字"),
    ],
)
def test_names_are_elided_in_their_middle_or_at_their_end(text, width, at_end, expected):
    assert elided(text, width, at_end=at_end) == expected
