"""The commands of the command line: their functions, flags and exit codes. Imports no Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from typer.exceptions import TyperException

from agents import codec
from agents.config import config_file
from agents.config.error_text import comma_hint
from agents.errors import BadInput, one_line
from agents.runtime.escaping import visible
from agents.store.run_store import RunStore
from app.cli import bench_table
from app.cli.bench import measure, measure_all
from app.cli.compare import compare_runs, show_comparison
from app.cli.describe import describe
from app.cli.experts import run_experts, show_experts
from app.cli.instruct import instruct
from app.cli.knowledge import knowledge
from app.cli.listing import KINDS, catalogue
from app.cli.model import model
from app.cli.options import Changes, Json, Overwrite, Quiet, RunName, Runs, must_be_free
from app.cli.output import print_json, reserve_for_json, tolerate_encodings, wide
from app.cli.pretrain import pretrain
from app.cli.progress import ProgressPrinter, show_resume_hint, show_summary, show_table
from app.cli.run import fork_run, load_config, parse_settings, resume_run, start_run
from app.cli.run_table import show_runs
from app.cli.screenshot import load_painter, newest, parse_size
from app.cli.share import ExportTargets, export_run, import_file
from app.cli.study import study
from envs.external.checked_env import ExternalEnvFault

cli = typer.Typer(
    name="palimpsest",
    help="Watch a language agent learn one task after another, forget, and remember.",
    epilog="Without a command the window opens. --import MODULE brings in Gymnasium worlds of your own.",
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main(arguments: Sequence[str], claimed: TextIO | None = None) -> int:
    """Run a command and return its exit code: 0 success, 1 failure, 2 bad input, 130 interrupted.

    With `--json`, the JSON object goes to `claimed`, or to stdout if that is None.
    """
    tolerate_encodings()
    with reserve_for_json(claimed) if "--json" in arguments else nullcontext():
        return _run_command(arguments)


def _run_command(arguments: Sequence[str]) -> int:
    try:
        return int(cli(list(arguments), prog_name="palimpsest", standalone_mode=False) or 0)
    except BadInput as error:
        return _print_error(str(error), 2)
    except TyperException as error:
        hint = next(filter(None, map(comma_hint, arguments)), "")
        return _print_error(error.format_message() + hint, error.exit_code)
    except KeyboardInterrupt:
        return 130
    except ExternalEnvFault as fault:  # its message needs no exception name
        return _print_error(str(fault), 1)
    except Exception as error:
        if os.environ.get("PALIMPSEST_DEBUG"):
            raise
        return _print_error(f"{type(error).__name__}: {error} (PALIMPSEST_DEBUG=1 shows where)", 1)


@cli.command()
def run(  # noqa: PLR0913  each is a flag of the command
    curriculum: Annotated[str, typer.Argument(help="One of `list curricula`, or a TOML file.")] = "demo",
    strategy: Annotated[
        str | None, typer.Option(help="One of `list strategies`, or two of them, such as ewc+replay.")
    ] = None,
    algorithm: Annotated[str | None, typer.Option(help="One of `list algorithms`.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seeds every random generator of the run.")] = None,
    changes: Changes = None,
    agent: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Start with this agent instead of an untrained one.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Train on a curriculum, and store the run."""
    flags = {"strategy.name": strategy, "algorithm.name": algorithm, "seed": seed}
    chosen = {key: value for key, value in flags.items() if value is not None}
    config = load_config(curriculum, chosen | parse_settings(changes or ()))
    stored, code = start_run(config, RunStore(runs), name, _progress_printer(quiet), agent)
    _print_summary(stored.summary(), as_json)
    return code


@cli.command("list")
def list_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of: {', '.join(KINDS)}.")],
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """List the available worlds, curricula, strategies, runs, ..."""
    rows = catalogue(kind, RunStore(runs))
    if as_json:
        print_json({"kind": kind, "items": rows})
    elif kind == "runs":
        show_runs(wide(), rows)
    else:
        show_table(wide(), rows)


@cli.command()
def show(run_name: RunName, runs: Runs = None, as_json: Json = False) -> None:
    """Show the results of a run."""
    stored = RunStore(runs).find(run_name)
    _print_summary(stored.summary(), as_json)
    if not as_json:
        show_resume_hint(wide(), stored.id, stored.state)


@cli.command()
def compare(
    run_names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs of the same tasks.")],
    expert: Annotated[
        list[str] | None,
        typer.Option(metavar="RUN", help="Single-task run that transfer is measured against; repeatable."),
    ] = None,
    level: Annotated[float, typer.Option(help="Sample efficiency: the steps until a score first reaches this.")] = 0.9,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Compare runs over seeds: published metrics with confidence intervals, and probabilities of improvement."""
    data = compare_runs(RunStore(runs), run_names, expert or (), level)
    if as_json:
        print_json(data)
    else:
        show_comparison(wide(), data)


@cli.command()
def experts(
    curriculum: Annotated[str, typer.Argument(help="One of `list curricula`, or a TOML file.")] = "demo",
    seeds: Annotated[int, typer.Option(min=1, help="Number of consecutive seeds, with one expert per task each.")] = 1,
    changes: Changes = None,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train on each task of a curriculum alone, as references for `compare --expert`."""
    expert_runs = run_experts(
        curriculum, parse_settings(changes or ()), seeds, RunStore(runs), _progress_printer(quiet)
    )
    if as_json:
        print_json({"experts": [run.summary() for run in expert_runs]})
    else:
        show_experts(wide(), expert_runs)


@cli.command()
def resume(
    run_name: RunName,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Continue a run that was stopped or interrupted, exactly from its last checkpoint."""
    stored = RunStore(runs).find(run_name)
    code = resume_run(stored, _progress_printer(quiet))
    _print_summary(stored.summary(), as_json)
    return code


@cli.command()
def fork(  # noqa: PLR0913  each is a flag of the command
    run_name: RunName,
    at: Annotated[int, typer.Option("--at", metavar="STEP", help="Step at which the new run leaves the old one.")],
    changes: Changes = None,
    curriculum: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Curriculum whose stages replace the old run's from there on.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the new run.")] = None,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Start a new run from an old run's state at a step, with other settings or stages."""
    store = RunStore(runs)
    stages = None if curriculum is None else config_file.load(config_file.find_curriculum(str(curriculum))).stages
    branch = {"step": at, "changes": parse_settings(changes or ()), "stages": stages}
    stored, code = fork_run(store, store.find(run_name), branch, name, _progress_printer(quiet))
    _print_summary(stored.summary(), as_json)
    return code


@cli.command()
def replay(run_name: RunName, runs: Runs = None, as_json: Json = False) -> None:
    """Print the events of a stored run again."""
    stored = RunStore(runs).find(run_name)
    if as_json:
        print_json({"run": stored.id, "events": [codec.to_json(event) for event in stored.replay()]})
        return
    with ProgressPrinter(wide(), live=False) as printer:
        for event in stored.replay():
            printer.print_event(event)


@cli.command()
def export(  # noqa: PLR0913  each is a flag of the command
    run_name: RunName,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Folder to write tables into; created if missing.")
    ] = None,
    agent: Annotated[Path | None, typer.Option(metavar="FILE", help="Write its agent to this file.")] = None,
    whole: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the whole run to this file.")] = None,
    at: Annotated[int | None, typer.Option("--at", metavar="STEP", help="The agent as of this step, not now.")] = None,
    overwrite: Overwrite = False,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Write a run's tables as CSV, its agent, or the whole run to files that can be shared."""
    stored = RunStore(runs).find(run_name)
    files = export_run(stored, ExportTargets(to, agent, whole, at, overwrite))
    if as_json:
        print_json({"run": stored.id, "files": files})
    else:
        wide().print("\n".join(files), markup=False)


@cli.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .palimpsest file, or a curriculum.")],
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Import a run into the runs folder, or describe an agent or a curriculum file."""
    description = import_file(file, RunStore(runs))
    if as_json:
        print_json(description)
    else:
        for key, value in description.items():
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            wide().print(f"{key:>10}  {text}", markup=False)


@cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of `list benchmarks`, or all.")],
    runs: Runs = None,
    as_json: Json = False,
) -> int:
    """Measure published figures again; exit code 1 if one misses its goal. Further options, as --seeds 3, go to it."""
    root = RunStore(runs).root
    if name == "all":
        results = list(measure_all(context.args, root))
        data = bench_table.all_to_json(results)
    else:
        results = [measured := measure(name, context.args, root)]
        data = measured.to_json()
    if as_json:
        print_json(data)
    else:
        bench_table.show_results(wide(), results)
    return int(bench_table.has_failed(results))


@cli.command()
def report(runs: Runs = None, as_json: Json = False) -> None:
    """Print a problem report: versions, log, newest run. It sends nothing."""
    from app.diagnostics.problem_report import problem_report  # slow to import, and no other command needs it

    text = problem_report(runs)
    if as_json:
        print_json({"report": text})
    else:
        sys.stdout.write(visible(text))


@cli.command()
def screenshot(  # noqa: PLR0913  each is a flag of the command
    path: Annotated[Path, typer.Argument(metavar="PATH", help="PNG file to write.")],
    run_name: Annotated[
        str | None, typer.Option("--run", metavar="RUN", help="Run to show; the newest if left out.")
    ] = None,
    panel: Annotated[str | None, typer.Option(help="One panel; the whole window if left out.")] = None,
    theme: Annotated[str, typer.Option(help="dark or light.")] = "dark",
    language: Annotated[str, typer.Option(help="en or zh_CN.")] = "en",
    size: Annotated[str, typer.Option(metavar="WIDTHxHEIGHT", help="In pixels.")] = "1280x800",
    overwrite: Overwrite = False,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Write a PNG file of a stored run as the window shows it."""
    stored = newest(RunStore(runs)) if run_name is None else RunStore(runs).find(run_name)
    must_be_free([path], overwrite)
    load_painter()(path, run=stored, panel=panel, theme=theme, language=language, size=parse_size(size))
    if as_json:
        print_json({"path": str(path), "run": stored.id})


cli.command("describe")(describe)
for command in (instruct, knowledge, model, pretrain, study):
    cli.command()(command)


@cli.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        wide().print(f"palimpsest {_version()}")
    elif context.invoked_subcommand is None:
        raise BadInput("name a command; palimpsest --help lists them")


def _progress_printer(quiet: bool) -> ProgressPrinter:
    console = wide(stderr=True)
    console.quiet = quiet
    return ProgressPrinter(console)


def _version() -> str:
    try:
        return metadata.version("palimpsest")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _print_summary(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(summary)
    else:
        show_summary(wide(), summary)


def _print_error(reason: str, code: int) -> int:
    sys.stderr.write(f"palimpsest: {visible(one_line(reason))}\n")
    return code
