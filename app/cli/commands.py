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
from app.cli.compare import comparison, show_comparison
from app.cli.describe import describe
from app.cli.experts import run_experts, show_experts
from app.cli.knowledge import knowledge
from app.cli.listing import KINDS, catalogue
from app.cli.model import model
from app.cli.options import Changes, Json, Overwrite, Quiet, RunName, Runs, must_be_free
from app.cli.output import kept_for_json, print_json, tolerate_encodings, wide
from app.cli.pretrain import pretrain
from app.cli.progress import ProgressPrinter, show_remedy, show_summary, show_table
from app.cli.run import configured, fork_run, resume_run, settings, start_run
from app.cli.run_table import show_runs
from app.cli.screenshot import newest, painter, pixels
from app.cli.share import Wishes, export_run, import_file
from app.cli.tell import tell
from envs.external.checked_env import ExternalEnvFault

cli = typer.Typer(
    name="palimpsest",
    help="Watch a language agent learn one task after another, forget, and remember.",
    epilog="Without a command the window opens. --import MODULE brings in Gymnasium worlds of your own.",
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main(arguments: Sequence[str], claimed: TextIO | None = None) -> int:
    """Obey a command and return its exit code: 0 done, 1 failed, 2 bad input, 130 interrupted.

    The JSON object that it is asked for goes to `claimed`, or else to stdout.
    """
    tolerate_encodings()
    with kept_for_json(claimed) if "--json" in arguments else nullcontext():
        return _obeyed(arguments)


def _obeyed(arguments: Sequence[str]) -> int:
    try:
        return int(cli(list(arguments), prog_name="palimpsest", standalone_mode=False) or 0)
    except BadInput as error:
        return _complain(str(error), 2)
    except TyperException as error:
        hint = next(filter(None, map(comma_hint, arguments)), "")
        return _complain(error.format_message() + hint, error.exit_code)
    except KeyboardInterrupt:
        return 130
    except ExternalEnvFault as fault:  # it explains itself
        return _complain(str(fault), 1)
    except Exception as error:
        if os.environ.get("PALIMPSEST_DEBUG"):
            raise
        return _complain(f"{type(error).__name__}: {error} (PALIMPSEST_DEBUG=1 shows where)", 1)


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
        Path | None, typer.Option(metavar="FILE", help="Begin with this agent instead of an untrained one.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Learn a curriculum, and keep the run."""
    flags = {"strategy.name": strategy, "algorithm.name": algorithm, "seed": seed}
    chosen = {key: value for key, value in flags.items() if value is not None}
    config = configured(curriculum, chosen | settings(changes or ()))
    stored, code = start_run(config, RunStore(runs), name, _teller(quiet), agent)
    _show(stored.summary(), as_json)
    return code


@cli.command("list")
def list_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of: {', '.join(KINDS)}.")],
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """List what there is: worlds, curricula, strategies, runs, ..."""
    rows = catalogue(kind, RunStore(runs))
    if as_json:
        print_json({"kind": kind, "items": rows})
    elif kind == "runs":
        show_runs(wide(), rows)
    else:
        show_table(wide(), rows)


@cli.command()
def show(run_name: RunName, runs: Runs = None, as_json: Json = False) -> None:
    """Show what a run came to."""
    stored = RunStore(runs).find(run_name)
    _show(stored.summary(), as_json)
    if not as_json:
        show_remedy(wide(), stored.id, stored.state)


@cli.command()
def compare(
    run_names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs that learned the same tasks.")],
    expert: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RUN", help="A run that learned one of the tasks alone, to measure transfer by; repeatable."
        ),
    ] = None,
    level: Annotated[float, typer.Option(help="Score whose first sight is the sample efficiency.")] = 0.9,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Compare runs over seeds: every paper's numbers with intervals, and who beats whom."""
    data = comparison(RunStore(runs), run_names, expert or (), level)
    if as_json:
        print_json(data)
    else:
        show_comparison(wide(), data)


@cli.command()
def experts(
    curriculum: Annotated[str, typer.Argument(help="One of `list curricula`, or a TOML file.")] = "demo",
    seeds: Annotated[int, typer.Option(min=1, help="How many experts of each task, of one seed after the other.")] = 1,
    changes: Changes = None,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn each task of a curriculum alone, as `compare --expert` wants it."""
    lived = run_experts(curriculum, settings(changes or ()), seeds, RunStore(runs), _teller(quiet))
    if as_json:
        print_json({"experts": [run.summary() for run in lived]})
    else:
        show_experts(wide(), lived)


@cli.command()
def resume(
    run_name: RunName,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Go on with a run that was stopped or interrupted, exactly where its last checkpoint was made."""
    stored = RunStore(runs).find(run_name)
    code = resume_run(stored, _teller(quiet))
    _show(stored.summary(), as_json)
    return code


@cli.command()
def fork(  # noqa: PLR0913  each is a flag of the command
    run_name: RunName,
    at: Annotated[int, typer.Option("--at", metavar="STEP", help="Where the new run leaves the old one.")],
    changes: Changes = None,
    curriculum: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Stages to live from there on, instead of the old ones.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the new run.")] = None,
    runs: Runs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Begin a new run as an old one was at a step, and give it another future."""
    store = RunStore(runs)
    stages = None if curriculum is None else config_file.load(config_file.find_curriculum(str(curriculum))).stages
    branch = {"step": at, "changes": settings(changes or ()), "stages": stages}
    stored, code = fork_run(store, store.find(run_name), branch, name, _teller(quiet))
    _show(stored.summary(), as_json)
    return code


@cli.command()
def replay(run_name: RunName, runs: Runs = None, as_json: Json = False) -> None:
    """Tell a run's story again."""
    stored = RunStore(runs).find(run_name)
    if as_json:
        print_json({"run": stored.id, "events": [codec.to_json(event) for event in stored.replay()]})
        return
    with ProgressPrinter(wide(), live=False) as teller:
        for event in stored.replay():
            teller.tell(event)


@cli.command()
def export(  # noqa: PLR0913  each is a flag of the command
    run_name: RunName,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Folder to write tables into; made if need be.")
    ] = None,
    agent: Annotated[Path | None, typer.Option(metavar="FILE", help="Write its agent into this file.")] = None,
    whole: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the whole run into this file.")] = None,
    at: Annotated[int | None, typer.Option("--at", metavar="STEP", help="The agent as it was then, not now.")] = None,
    overwrite: Overwrite = False,
    runs: Runs = None,
    as_json: Json = False,
) -> None:
    """Write a run's tables as CSV, its agent, or all of it as a file to pass on."""
    stored = RunStore(runs).find(run_name)
    files = export_run(stored, Wishes(to, agent, whole, at, overwrite))
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
    """Look into a file from elsewhere: a run is put among the others, an agent or a curriculum described."""
    told = import_file(file, RunStore(runs))
    if as_json:
        print_json(told)
    else:
        for key, value in told.items():
            said = ", ".join(map(str, value)) if isinstance(value, list) else value
            wide().print(f"{key:>10}  {said}", markup=False)


@cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of `list benchmarks`, or all.")],
    runs: Runs = None,
    as_json: Json = False,
) -> int:
    """Measure published figures again; 1 if one misses its goal. Other options go to the benchmark, as --seeds 3."""
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
    """Print what helps to understand a problem: versions, log, newest run. It sends nothing."""
    from app.diagnostics.problem_report import problem_report  # only who reports a problem waits for it

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
    """Paint a stored run into a PNG file, as the window shows it."""
    stored = newest(RunStore(runs)) if run_name is None else RunStore(runs).find(run_name)
    must_be_free([path], overwrite)
    painter()(path, run=stored, panel=panel, theme=theme, language=language, size=pixels(size))
    if as_json:
        print_json({"path": str(path), "run": stored.id})


cli.command("describe")(describe)
cli.command("knowledge")(knowledge)
cli.command("model")(model)
cli.command("pretrain")(pretrain)
cli.command("tell")(tell)


@cli.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        wide().print(f"palimpsest {_version()}")
    elif context.invoked_subcommand is None:
        raise BadInput("name a command; palimpsest --help lists them")


def _teller(quiet: bool) -> ProgressPrinter:
    console = wide(stderr=True)
    console.quiet = quiet
    return ProgressPrinter(console)


def _version() -> str:
    try:
        return metadata.version("palimpsest")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _show(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(summary)
    else:
        show_summary(wide(), summary)


def _complain(reason: str, code: int) -> int:
    sys.stderr.write(f"palimpsest: {visible(one_line(reason))}\n")
    return code
