import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import Result
from agents.benchmarks.report.result_store import ResultStore
from agents.registry import BENCHMARKS
from app.proof.proofs import Proofs
from widgets.requests import RunBenchmark

ROOT = Path(__file__).parents[3]
PATIENCE = 60_000
FIGURE = Figure("skill", 1.0, "of 1", "≥ 1")
RESULT = Result(name="kill", options="", measured="2026-03-01T12:00:00+00:00", seconds=1.0, figures=(FIGURE,))


@pytest.fixture
def proofs(qtbot, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    made = Proofs(tmp_path)
    made.load()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def started():
    """The processes that this test started; those of others, such as Python's own tracker of resources, stay out."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: [one for one in psutil.Process().children(recursive=True) if one not in before]


def survivors(processes):
    """Who is alive a moment later; one that is dead and not yet buried is not."""
    _, left = psutil.wait_procs(processes, timeout=5)
    return [one for one in left if one.status() != psutil.STATUS_ZOMBIE]


def wait_for_end(qtbot, proofs):
    qtbot.waitUntil(lambda: not proofs.board.running, timeout=PATIENCE)


def test_every_benchmark_is_there_with_what_was_measured_before(qtbot, tmp_path):
    ResultStore(tmp_path).keep(RESULT)
    made = Proofs(tmp_path)
    made.load()
    assert [row.name for row in made.board.rows] == list(BENCHMARKS)
    assert {row.name: row.result for row in made.board.rows if row.result} == {"kill": RESULT}
    made.deleteLater()


def test_a_benchmark_is_measured_in_another_process_and_kept(qtbot, proofs, tmp_path):
    proofs.run(RunBenchmark("controls", "--episodes 1"))
    assert proofs.board.running == "controls"
    proofs.run(RunBenchmark("kill", ""))  # one at a time
    assert proofs.board.running == "controls"
    wait_for_end(qtbot, proofs)
    result = proofs.board.row("controls").result
    assert result.options == "--episodes 1"
    assert result.verdict == "holds"
    assert ResultStore(tmp_path).read("controls") == result


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--episodes one 2", "'2' is not an option; write it like --seeds 3"),
        ('--episodes "', "No closing quotation"),
    ],
)
def test_what_goes_wrong_is_one_line(qtbot, proofs, options, said):
    proofs.run(RunBenchmark("controls", options))
    wait_for_end(qtbot, proofs)
    row = proofs.board.row("controls")
    assert said in row.error
    assert "\n" not in row.error
    assert row.result is None


def test_a_benchmark_that_is_stopped_leaves_nothing_and_says_nothing(qtbot, proofs, started):
    proofs.run(RunBenchmark("controls", "--episodes 100_000"))
    qtbot.waitUntil(lambda: len(started()) == 2, timeout=PATIENCE)  # the leash, and what it holds
    held = started()
    proofs.stop()
    wait_for_end(qtbot, proofs)
    assert proofs.board.row("controls").error == ""
    assert not survivors(held)


def test_closing_ends_what_is_measured(qtbot, proofs, started):
    proofs.run(RunBenchmark("controls", "--episodes 100_000"))
    qtbot.waitUntil(lambda: len(started()) == 2, timeout=PATIENCE)
    held = started()
    proofs.close()
    assert not survivors(held)


def test_a_leash_that_is_dropped_ends_every_process_and_takes_its_temporary_files(tmp_path):
    command = [sys.executable, "-m", "app.proof.tied_process", "bench", "all", "--quick"]
    here = {"TMPDIR": str(tmp_path), "PALIMPSEST_RUNS": str(tmp_path / "runs"), "PATH": ""}
    with subprocess.Popen(command, cwd=ROOT, env=here, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as leash:
        while len(held := psutil.Process(leash.pid).children(recursive=True)) < 2:
            assert leash.poll() is None
        assert list(tmp_path.glob("palimpsest-bench-*"))
        leash.stdin.close()
        assert leash.wait(60) == 130
    assert not survivors(held)
    assert not list(tmp_path.glob("palimpsest-bench-*"))


def test_a_command_on_a_leash_does_what_it_does_without():
    command = [sys.executable, "-m", "app.proof.tied_process", "list", "strategies", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as leash:
        told = leash.stdout.read()
        assert leash.wait(60) == 0
    assert json.loads(told)["kind"] == "strategies"
