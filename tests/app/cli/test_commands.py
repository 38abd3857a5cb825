import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from agents import registry
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.quick_budgets import SMALL
from agents.benchmarks.report.result import Result
from agents.benchmarks.report.result_store import ResultStore
from agents.errors import BadInput
from agents.registry import BENCHMARKS
from app.cli.bench import options
from app.cli.commands import main
from app.cli.listing import KINDS
from app.cli.run import parse_literal, parse_settings
from app.proof.catalogue import entry

ROOT = Path(__file__).parents[3]


@pytest.fixture
def tiny(written):
    return written(("household/go-to", 64), ("mirror/go-to", 64), head='name = "Tiny"')


@pytest.fixture
def done(runs, tiny, capsys):
    """A small run that was executed by the command line."""
    assert main(["run", tiny, "--quiet", "--name", "first try"]) == 0
    capsys.readouterr()
    return runs.find("first try")


def test_a_run_prints_one_json_object_and_its_progress_on_stderr(runs, tiny, capsys):
    assert main(["run", tiny, "--strategy", "replay", "--seed", "5", "--set", "strategy.batch_size=3", "--json"]) == 0
    output = capsys.readouterr()
    result = json.loads(output.out)
    assert (
        result["config"]["strategy"] | {"name": "replay", "weight": 1.0, "batch_size": 3}
        == result["config"]["strategy"]
    )
    assert result["config"]["seed"] == 5
    assert (len(result["matrix"]), len(result["matrix"][0])) == (3, 2)
    assert len(result["learned"]) == len(result["tasks"]) == 2
    assert result["metrics"].keys() >= {"average", "forgetting", "backward", "forward", "definition"}
    assert result["steps"] == 128
    assert result["steps_per_second"] > 0
    assert result == runs.find(result["run"]).summary()
    assert "Stage 2 of 2: Mirror house, up to 64 steps" in output.err


def test_a_run_can_be_silent(runs, tiny, capsys):
    assert main(["run", tiny, "--quiet", "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_show_prints_the_stored_summary(done, capsys):
    assert main(["show", done.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == done.summary()
    assert main(["show", "first"]) == 0
    shown = capsys.readouterr().out
    assert "after Mirror house" in shown
    assert "forgetting" in shown


def test_replay_prints_what_run_printed(runs, tiny, capsys):
    assert main(["run", tiny, "--name", "first"]) == 0
    progress = capsys.readouterr().err
    assert main(["replay", "first"]) == 0
    assert capsys.readouterr().out == progress


def test_replay_gives_every_event_as_json(done, capsys):
    assert main(["replay", done.id, "--json"]) == 0
    events = json.loads(capsys.readouterr().out)["events"]
    assert [event["kind"] for event in events] == [type(event).__name__ for event in done.replay()]


@pytest.mark.parametrize("kind", KINDS)
def test_everything_can_be_listed(kind, done, capsys):
    assert main(["list", kind, "--json"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    assert items
    assert main(["list", kind]) == 0
    assert str(next(iter(items[0].values()))) in capsys.readouterr().out


def test_every_part_of_the_registry_is_listed(runs, capsys):
    for kind, table in (("algorithms", registry.ALGORITHMS), ("strategies", registry.STRATEGIES)):
        main(["list", kind, "--json"])
        names = [item["name"] for item in json.loads(capsys.readouterr().out)["items"]]
        assert names == list(registry.names(table))


BAD = [
    (["rnu"], "No such command 'rnu'. Did you mean 'run'?"),
    (["run", "dmo"], "unknown curriculum 'dmo'; did you mean 'demo'?"),
    (["run", "nowhere/x.toml"], "nowhere/x.toml: there is no such file"),
    (["run", "--strategy", "reply"], "strategy.name: unknown strategy 'reply'; did you mean 'replay'?"),
    (["run", "--algorithm", "pp"], "algorithm.name: unknown algorithm 'pp'; did you mean 'ppo'?"),
    (["run", "--set", "strategy"], "--set 'strategy': write it like strategy.batch_size=64"),
    (["run", "--set", "strateg.name=ewc"], "there is no setting 'strateg.name'; did you mean 'strategy'?"),
    (["run", "--set", "learning.n_envs=no"], "learning.n_envs: must be a whole number, got 'no'"),
    (["run", "--set", "stages.0.task=household/goto"], "did you mean 'household/go-to'?"),
    (["run", "--set", "stages.0.task=gym:Nowhere-v0"], "Nowhere"),
    (["run", "--set", "stages=[]"], "stages: must not be empty; add a [[stages]] table"),
    (["run", "--sed", "3"], "No such option: --sed"),
    (["run", "--seed", "x"], "--seed"),
    (["list", "strategy"], "there is nothing called 'strategy' to list; did you mean 'strategies'?"),
    (["show", "nobody"], "there is no run 'nobody'"),
    (["replay", "nobody"], "there is no run 'nobody'"),
    (["export", "nobody"], "there is no run 'nobody'"),
    (["bench", "goot"], "unknown benchmark 'goot'; did you mean 'goto'?"),
    (["bench", "goto", "--sedes", "3"], "bench goto: got an unexpected keyword argument 'sedes'; it takes --"),
    (["bench", "goto", "3"], "'3' is not an option; write it like --seeds 3"),
    (["screenshot", "x.png"], "holds no runs yet"),
]


@pytest.mark.parametrize(("arguments", "line"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(runs, arguments, line, capsys):
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("palimpsest: ")
    assert line in output.err
    assert output.err.count("\n") == 1
    assert list(runs) == []


def test_a_folder_that_cannot_be_written_is_refused(tiny, capsys):
    assert main(["run", tiny, "--runs", tiny]) == 2
    assert "runs cannot be written here" in capsys.readouterr().err


def test_an_error_of_the_lab_is_one_line_and_exit_code_1(done, monkeypatch, capsys):
    monkeypatch.setattr("agents.store.run.Run.summary", lambda run: 1 / 0)
    assert main(["show", done.id]) == 1
    assert capsys.readouterr().err.startswith("palimpsest: ZeroDivisionError: division by zero (PALIMPSEST_DEBUG=1")
    monkeypatch.setenv("PALIMPSEST_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["show", done.id])


def test_a_world_that_fails_fails_the_command_but_not_the_other_stages(runs, tiny, monkeypatch, capsys):
    from agents.training.task_stage import TaskStage

    def broken(stage):
        raise RuntimeError("the roof fell in")
        yield

    original = TaskStage.run
    monkeypatch.setattr(TaskStage, "run", lambda stage: (original if stage.index else broken)(stage))
    assert main(["run", tiny, "--name", "roof"]) == 1
    assert "the roof fell in" in capsys.readouterr().err
    assert runs.find("roof").summary()["finished"] == "done"


def test_a_screenshot_is_asked_for_by_run_panel_and_size(done, monkeypatch, tmp_path, capsys):
    called_with = {}
    monkeypatch.setattr(
        "app.cli.screenshot.resolve_name",
        lambda name: lambda path, **options: called_with.update(path=path, **options),
    )
    picture = tmp_path / "x.png"
    assert main(["screenshot", str(picture), "--panel", "memory", "--size", "640x480", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(picture), "run": done.id}
    assert called_with.pop("run").id == done.id
    assert called_with == {"path": picture, "panel": "memory", "theme": "dark", "language": "en", "size": (640, 480)}
    assert main(["screenshot", "x.png", "--size", "big"]) == 2
    assert "--size 'big': write it like 1280x800" in capsys.readouterr().err


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the condition was not met within {seconds} s"
        time.sleep(0.05)


def test_ctrl_c_stops_a_run_in_good_order(runs, tiny):
    command = [sys.executable, "-m", "app", "run", tiny, "--set", "stages.0.steps=100_000_000", "--json", "--quiet"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(lambda: any(run.overview()["steps"] for run in runs))
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, "")
    result = json.loads(out)
    assert result["finished"] == "stopped"
    assert 0 < result["steps"] < 100_000_000
    assert runs.find(result["run"]).checkpoints()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 0.001),
        ("true", True),
        ("ewc", "ewc"),
        ("'3'", "3"),
        ("[1, 2]", [1, 2]),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_value_is_a_toml_literal_or_a_string(text, value):
    assert parse_literal(text) == value
    assert parse_settings([f"key.path={text}"]) == {"key.path": value}


def test_options_of_a_benchmark_become_arguments():
    arguments = ["--seeds", "3", "--env-steps=[1, 2]", "--deep", "--name", "x"]
    assert options(arguments) == {"seeds": 3, "env_steps": [1, 2], "deep": True, "name": "x"}
    with pytest.raises(BadInput, match="'seeds' is not an option"):
        options(["seeds"])


FIGURE = Figure("skill", 0.97, "score", "≥ 0.95", source="here", low=0.9, high=1.0, control=0.1, against="chance")


def test_a_benchmark_prints_its_figures(monkeypatch, capsys):
    monkeypatch.setattr("app.cli.bench.resolve_name", lambda name: lambda seeds=3: [FIGURE] * seeds)
    assert main(["bench", "goto", "--json", "--seeds", "2"]) == 0
    result = json.loads(capsys.readouterr().out)
    row = {**asdict(FIGURE), "verdict": "holds", "comparison": "≥", "bound": 0.95}
    assert (result["name"], result["options"], result["figures"]) == ("goto", "--seeds 2", [row] * 2)
    assert main(["bench", "goto"]) == 0
    output = capsys.readouterr().out
    for text in ("✓", "0.97 score [0.9, 1]", "≥ 0.95", "0.1 chance", "here", "3 of 3 claims hold"):
        assert text in output


def test_a_missed_goal_is_exit_code_1_unless_quick(monkeypatch, capsys):
    missed = replace(FIGURE, holds=False)
    monkeypatch.setattr("app.cli.bench.resolve_name", lambda name: lambda seeds=3: [missed] * seeds)
    assert main(["bench", "goto"]) == 1
    assert "✗" in capsys.readouterr().out
    assert main(["bench", "goto", "--quick"]) == 0
    output = capsys.readouterr().out
    assert "✗" not in output
    assert output.count("skill") == SMALL["goto"]["seeds"]


def test_a_result_is_stored_beside_the_runs_unless_quick(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("app.cli.bench.resolve_name", lambda name: lambda seeds=3: [FIGURE] * seeds)
    results = ResultStore(tmp_path)
    main(["bench", "goto", "--quick", "--runs", str(tmp_path)])
    assert results.read("goto") is None
    main(["bench", "goto", "--seeds=2", "--runs", str(tmp_path)])
    assert results.read("goto").figures == (FIGURE,) * 2


def test_a_benchmark_that_stores_runs_gets_the_runs_folder_without_an_option(monkeypatch, tmp_path):
    folders = []

    def benchmark(seeds=3, runs=None):
        folders.append(runs)
        return [FIGURE]

    monkeypatch.setattr("app.cli.bench.resolve_name", lambda name: benchmark)
    assert main(["bench", "goto", "--runs", str(tmp_path)]) == 0
    assert folders == [tmp_path]
    assert "runs" not in entry("sequence").options


def test_all_benchmarks_make_one_table_though_one_of_them_breaks(monkeypatch, tmp_path, capsys):
    commands = []

    def run(command, **_):
        commands.append(command)
        name = command[command.index("bench") + 1]
        result = Result(name=name, options="", measured="2026-01-01", seconds=1.0, figures=(FIGURE,))
        stdout = "" if name == "kill" else json.dumps(result.to_json())
        return subprocess.CompletedProcess(command, int(not stdout), stdout)

    monkeypatch.setattr("app.cli.bench.subprocess.run", run)
    assert main(["bench", "all", "--seeds", "2"]) == 1
    output = capsys.readouterr().out
    assert f"{len(BENCHMARKS) - 1} of {len(BENCHMARKS) - 1} claims hold" in output
    assert "kill: no result, exit code 1" in output
    last_arguments = {command[command.index("bench") + 1]: command[-1] for command in commands}
    assert last_arguments["goto"] == "--seeds=2"
    assert last_arguments["formulas"] == str(tmp_path / "runs")  # it has no option --seeds
    assert main(["bench", "all", "--sed", "2"]) == 2
    assert "no benchmark takes --sed" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["list", "runs"], ["--help"], ["run", "dmo"]])
def test_torch_and_qt_are_imported_only_where_needed(arguments, tmp_path):
    heavy = "bool({'torch', 'PySide6'} & {*sys.modules})"
    code = f"import sys; from app.cli.commands import main; main({arguments}); sys.exit({heavy})"
    environment = {**os.environ, "PALIMPSEST_RUNS": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True).returncode == 0


def test_describe_sets_only_the_given_fields(done, runs, capsys):
    assert main(["describe", done.id, "--name", "The one", "--tag", "kitchen", "--tag", "demo"]) == 0
    assert main(["describe", "The one", "--note", "forgets at once"]) == 0
    capsys.readouterr()
    assert main(["list", "runs", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["items"]
    assert (row["name"], row["tags"], row["note"]) == ("The one", ["kitchen", "demo"], "forgets at once")
