"""`python -m app` opens the window; with a command, such as `python -m app run demo`, it works without one."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TextIO

WINDOW = ("--start", "--runs", "--theme", "--language", "--size")
"""Options of the window; another first argument is a command, or a file to open."""
FILES = (".toml", ".palimpsest")
"""Suffixes of the files that the window opens; repeated here because importing them takes time."""


def main() -> int:
    """Open the window or run a command, importing only what it needs; return the exit code."""
    # a small model is ten times slower on two threads; torch reads this variable when it is imported
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    claimed = _claim_stdout() if "--json" in sys.argv else None  # before `--import`: its modules may print
    try:
        arguments = _import_modules(sys.argv[1:])
    except ImportError as error:
        return _refuse(f"--import: {error}; install the package, or start where Python finds it")
    if arguments and not arguments[0].startswith(WINDOW) and not arguments[0].lower().endswith(FILES):
        from app.cli import commands

        return commands.main(arguments, claimed)
    return _open(arguments)


def _claim_stdout() -> TextIO | None:
    """Return a private stream to stdout for the JSON result; None if the process has no usable stdout."""
    from app.cli.output import claim_stdout

    try:
        return claim_stdout()
    except (OSError, AttributeError):
        return None


def _open(arguments: list[str]) -> int:
    from app.process.display_check import missing_requirement

    if reason := missing_requirement():
        return _refuse(reason)
    gc.disable()  # importing leaves no garbage, and collecting slows it down; see app.process.gc_scheduler
    from app.process import application

    return application.main(arguments)


def _import_modules(arguments: list[str]) -> list[str]:
    """Import the modules that are named with `--import`, and return the other arguments.

    Only the command line can name modules to import; a curriculum file cannot, since importing executes code.
    """
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--import":
            _import(next(rest, ""))
        elif argument.startswith("--import="):
            _import(argument.partition("=")[2])
        else:
            others.append(argument)
    return others


def _import(module: str) -> None:
    if not module:
        raise ImportError("a module name is missing; write it like --import my_worlds")
    try:
        import_module(module)
    except ImportError:
        raise
    except (Exception, SystemExit) as error:  # third-party code can raise anything
        raise ImportError(f"{module} raised {type(error).__name__}: {error}") from error


def _refuse(reason: str) -> int:
    from agents.runtime.escaping import visible_name

    print(f"palimpsest: {visible_name(reason)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
