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
from app.proof.proofs import BenchmarkRunner
from widgets.requests import RunBenchmark

ROOT = Path(__file__).parents[3]
PATIENCE = 60_000
FIGURE = Figure("skill", 1.0, "of 1", "≥ 1")
RESULT = Result(name="kill", options="", measured="2026-03-01T12:00:00+00:00", seconds=1.0, figures=(FIGURE,))


@pytest.fixture
def proofs(qtbot, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    instance = BenchmarkRunner(tmp_path)
    instance.load()
    yield instance
    instance.close()
    instance.deleteLater()


@pytest.fixture
def started_processes():
    """Returns the processes that this test has started, without others such as Python's resource tracker."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: [process for process in psutil.Process().children(recursive=True) if process not in before]


def still_alive(processes):
    """The processes that have not ended within 5 s; zombies have."""
    _, alive = psutil.wait_procs(processes, timeout=5)
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def wait_for_end(qtbot, proofs):
    qtbot.waitUntil(lambda: not proofs.board.running, timeout=PATIENCE)


def test_every_benchmark_is_listed_with_its_stored_result(qtbot, tmp_path):
    ResultStore(tmp_path).keep(RESULT)
    instance = BenchmarkRunner(tmp_path)
    instance.load()
    assert [row.name for row in instance.board.rows] == list(BENCHMARKS)
    assert {row.name: row.result for row in instance.board.rows if row.result} == {"kill": RESULT}
    instance.deleteLater()


def test_a_benchmark_runs_in_another_process_and_its_result_is_stored(qtbot, proofs, tmp_path):
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
    ("options", "error"),
    [
        ("--episodes one 2", "'2' is not an option; write it like --seeds 3"),
        ('--episodes "', "No closing quotation"),
    ],
)
def test_an_error_is_one_line(qtbot, proofs, options, error):
    proofs.run(RunBenchmark("controls", options))
    wait_for_end(qtbot, proofs)
    row = proofs.board.row("controls")
    assert error in row.error
    assert "\n" not in row.error
    assert row.result is None


def test_a_stopped_benchmark_leaves_no_process_and_no_error(qtbot, proofs, started_processes):
    proofs.run(RunBenchmark("controls", "--episodes 100_000"))
    qtbot.waitUntil(lambda: len(started_processes()) == 2, timeout=PATIENCE)  # the tied process and its worker
    processes = started_processes()
    proofs.stop()
    wait_for_end(qtbot, proofs)
    assert proofs.board.row("controls").error == ""
    assert not still_alive(processes)


def test_closing_ends_the_running_benchmark(qtbot, proofs, started_processes):
    proofs.run(RunBenchmark("controls", "--episodes 100_000"))
    qtbot.waitUntil(lambda: len(started_processes()) == 2, timeout=PATIENCE)
    processes = started_processes()
    proofs.close()
    assert not still_alive(processes)


def test_closing_stdin_ends_every_process_and_deletes_the_temporary_files(tmp_path):
    command = [sys.executable, "-m", "app.proof.tied_process", "bench", "all", "--quick"]
    here = {"TMPDIR": str(tmp_path), "PALIMPSEST_RUNS": str(tmp_path / "runs"), "PATH": ""}
    with subprocess.Popen(command, cwd=ROOT, env=here, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as worker:
        while len(processes := psutil.Process(worker.pid).children(recursive=True)) < 2:
            assert worker.poll() is None
        assert list(tmp_path.glob("palimpsest-bench-*"))
        worker.stdin.close()
        assert worker.wait(60) == 130
    assert not still_alive(processes)
    assert not list(tmp_path.glob("palimpsest-bench-*"))


def test_a_tied_command_prints_what_it_prints_alone():
    command = [sys.executable, "-m", "app.proof.tied_process", "list", "strategies", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        output = worker.stdout.read()
        assert worker.wait(60) == 0
    assert json.loads(output)["kind"] == "strategies"
