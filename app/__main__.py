"""`python -m app` opens the window; with a command, such as `python -m app run demo`, it works without one."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TextIO

WINDOW = ("--start", "--runs", "--theme", "--language", "--size")
"""What the window takes; anything else is a command, or a file that is to be opened."""
FILES = (".toml", ".palimpsest")
"""How files end that the window opens; written out, for importing takes time."""


def main() -> int:
    """Open the window or obey a command, importing only what that one needs; return the exit code."""
    # one small model on two threads is ten times slower; torch reads this when it is imported
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    claimed = _claimed() if "--json" in sys.argv else None  # first: modules that are imported may print
    try:
        arguments = _import_asked(sys.argv[1:])
    except ImportError as error:
        return _refuse(f"--import: {error}; install the package, or start where Python finds it")
    if arguments and not arguments[0].startswith(WINDOW) and not arguments[0].lower().endswith(FILES):
        from app.cli import commands

        return commands.main(arguments, claimed)
    return _open(arguments)


def _claimed() -> TextIO | None:
    """Return stdout for the one JSON object that is asked for; None where there is none to claim."""
    from app.cli.output import claim_stdout

    try:
        return claim_stdout()
    except (OSError, AttributeError):
        return None


def _open(arguments: list[str]) -> int:
    from app.process.display_check import missing

    if reason := missing():
        return _refuse(reason)
    gc.disable()  # nothing of what is imported now is garbage; see app.process.gc_scheduler
    from app.process import application

    return application.main(arguments)


def _import_asked(arguments: list[str]) -> list[str]:
    """Import the modules that a person names with `--import`, and return the other arguments.

    Only a person may ask for that; a curriculum file can't.
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
        raise ImportError("name a module behind it")
    try:
        import_module(module)
    except ImportError:
        raise
    except (Exception, SystemExit) as error:  # it is anybody's code
        raise ImportError(f"{module} raised {type(error).__name__}: {error}") from error


def _refuse(reason: str) -> int:
    from agents.runtime.escaping import visible_name

    print(f"palimpsest: {visible_name(reason)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
