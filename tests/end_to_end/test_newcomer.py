"""The commands of the README in a terminal: every command is a process of its own."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def palimpsest(tmp_path, written):
    """Runs a command in a folder of its own, with a tiny curriculum in it."""
    written(("household/go-to", 64), ("mirror/go-to", 64), head='name = "Two houses"')
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PALIMPSEST_RUNS": str(tmp_path / "runs")}

    def call(*arguments, **variables):
        command = [sys.executable, "-m", "app", *arguments]
        changed = {key: value for key, value in (environment | variables).items() if value is not None}
        return subprocess.run(command, cwd=tmp_path, env=changed, capture_output=True, text=True, check=False)

    return call


def test_a_run_is_executed_shown_replayed_and_exported(palimpsest, tmp_path):
    run = palimpsest("run", "tiny.toml", "--strategy", "replay", "--seed", "3", "--name", "first", "--json")
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert (result["steps"], result["config"]["seed"]) == (128, 3)
    assert "Mirror house" in run.stderr

    shown = palimpsest("show", "first", "--json")
    assert (shown.returncode, json.loads(shown.stdout)) == (0, result)

    replay = palimpsest("replay", "first", "--json")
    events = json.loads(replay.stdout)["events"]
    assert (events[0]["kind"], events[-1]["kind"]) == ("RunStarted", "RunFinished")

    written = palimpsest("export", "first", "--to", "tables", "--json")
    assert written.returncode == 0, written.stderr
    files = [tmp_path / name for name in json.loads(written.stdout)["files"]]
    assert all(file.stat().st_size for file in files)
    tables = [list(csv.reader(file.read_text().splitlines())) for file in files if file.suffix == ".csv"]
    episodes = sum(event["kind"] == "EpisodeFinished" for event in events)
    assert episodes + 1 in map(len, tables)


BROKEN = ("steps = 64", "steps = = 64")
UNKNOWN = ("household/go-to", "household/goto")
WRONG = ("steps = 64", "steps = -64")
SOUND = ("", "")
"""A text of the tiny curriculum, and its replacement in the bad one."""

BAD_INPUT = [
    ("a malformed file", BROKEN, ["run", "bad.toml"], ["bad.toml", "line 18"]),
    ("an unknown task", UNKNOWN, ["run", "bad.toml"], ["bad.toml", "task", "'household/goto'", "did you mean"]),
    ("a wrong value in a file", WRONG, ["run", "bad.toml"], ["bad.toml", "steps", "-64"]),
    ("a missing file", SOUND, ["run", "nowhere.toml"], ["nowhere.toml"]),
    ("an unknown curriculum", SOUND, ["run", "demmo"], ["demmo", "did you mean 'demo'?"]),
    ("an unknown strategy", SOUND, ["run", "tiny.toml", "--strategy", "replai"], ["replai", "did you mean 'replay'?"]),
    ("an unknown algorithm", SOUND, ["run", "tiny.toml", "--algorithm", "pop"], ["pop", "did you mean 'ppo'?"]),
    ("a wrong value", SOUND, ["run", "tiny.toml", "--set", "learning.n_envs=none"], ["learning.n_envs", "none"]),
    (
        "an unknown setting",
        SOUND,
        ["run", "tiny.toml", "--set", "learning.n_env=4"],
        ["learning.n_env", "did you mean 'n_envs'?"],
    ),
    ("runs where none can be", SOUND, ["run", "tiny.toml", "--runs", "/dev/null/runs"], ["/dev/null/runs", "--runs"]),
    ("a missing run", SOUND, ["show", "yesterday"], ["yesterday", "no runs yet"]),
    ("an unknown benchmark", SOUND, ["bench", "windows"], ["windows", "did you mean 'window'?"]),
    ("an unknown command", SOUND, ["runn"], ["runn"]),
]


@pytest.mark.parametrize(
    ("file", "arguments", "parts"), [row[1:] for row in BAD_INPUT], ids=[row[0] for row in BAD_INPUT]
)
def test_bad_input_is_answered_in_one_line(palimpsest, tmp_path, file, arguments, parts):
    tiny = (tmp_path / "tiny.toml").read_text()
    (tmp_path / "bad.toml").write_text(tiny.replace(*file))
    done = palimpsest(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"palimpsest: [^\n]+\n", done.stderr), done.stderr
    for part in parts:
        assert part in done.stderr
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only X11 and Wayland can be missing")
@pytest.mark.parametrize("display", [None, ":987"], ids=["no display", "a display that does not answer"])
def test_without_a_display_the_window_names_the_command_line(palimpsest, display):
    done = palimpsest("--start", DISPLAY=display, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"palimpsest: [^\n]+ palimpsest run demo\n", done.stderr), done.stderr


def test_an_unknown_option_of_the_window_is_refused(palimpsest):
    done = palimpsest("--stat", QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 2
    assert "--stat" in done.stderr
    assert "Traceback" not in done.stderr
