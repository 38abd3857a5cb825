import getpass
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agents.store.run_store import RunStore
from app.diagnostics import problem_report
from app.diagnostics.log_folder import LOG, STALLS, log_folder
from app.diagnostics.problem_report import PACKAGES, anonymise, versions

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/mina")
    monkeypatch.setattr(getpass, "getuser", lambda: "mina")
    monkeypatch.setattr(problem_report.platform, "node", lambda: "minas-laptop")


@pytest.fixture
def logs():
    folder = log_folder()
    folder.mkdir(parents=True)
    (folder / LOG).write_text("".join(f"line {number} /home/mina/runs\n" for number in range(500)))
    (folder / STALLS).write_text("The window did not respond for 212 ms\n")
    return folder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("open /home/mina/data/x.toml", "open ~/data/x.toml"),
        ("/home/minas/x", "/home/…/x"),
        ("/Users/otto/x", "/Users/…/x"),
        (r"C:\Users\otto\x", r"C:\Users\…\x"),
        ('{"path": "C:\\\\Users\\\\otto\\\\x"}', '{"path": "C:\\\\Users\\\\…\\\\x"}'),
        ("mina@minas-laptop", "…@…"),
        ("a minaret is no name", "a minaret is no name"),
    ],
)
def test_user_and_machine_are_anonymised(home, text, expected):
    assert anonymise(text) == expected


def test_the_report_holds_versions_log_stalls_and_the_newest_run(home, logs, tmp_path, tiny):
    store = RunStore(tmp_path / "runs")
    store.create(tiny, "the first")
    run = store.create(tiny, "the newest")
    text = problem_report.problem_report(store.root, logs, screen="xcb")
    assert all(package in text for package in PACKAGES)
    assert "Qt platform: xcb" in text
    assert "line 499 ~/runs" in text
    assert "line 100 " not in text
    assert "did not respond for 212 ms" in text
    assert run.id in text
    assert '"state": "interrupted"' in text
    assert 'task = "household/go-to"' in text
    assert "mina" not in text


def test_a_damaged_run_and_no_log_are_reported_too(home, tmp_path, tiny):
    run = RunStore(tmp_path / "runs").create(tiny)
    (run.folder / "events.sqlite").write_bytes(b"no database" * 100)
    text = problem_report.problem_report(tmp_path / "runs", tmp_path / "nowhere")
    assert "## Log\n\n(nothing)" in text
    assert run.id in text


def test_the_command_prints_it_without_qt(tmp_path):
    code = "import sys; from app.cli.commands import main; main(sys.argv[1:]); sys.exit('PySide6' in sys.modules)"
    command = [sys.executable, "-c", code, "report", "--runs", str(tmp_path), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert versions() in json.loads(done.stdout)["report"]
