"""`bench`: a published figure, measured again."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pkgutil import resolve_name
from time import perf_counter
from typing import Any

from agents.config_file import BadInput
from agents.registry import BENCHMARKS
from app.cli_run import literal
from envs.task import suggestion


def measure(name: str, extra: Sequence[str]) -> dict[str, Any]:
    """Measure one benchmark, or `all`; return its name, the seconds it took and its figures."""
    if name == "all":
        return _measure_all(extra)
    if name not in BENCHMARKS:
        raise BadInput(f"unknown benchmark {name!r}{suggestion(name, [*BENCHMARKS, 'all'])}")
    function = resolve_name(BENCHMARKS[name])
    chosen = options(extra)
    try:
        inspect.signature(function).bind(**chosen)
    except TypeError as error:
        takes = ", ".join(f"--{key.replace('_', '-')}" for key in inspect.signature(function).parameters)
        raise BadInput(f"bench {name}: {error}; it takes {takes or 'no options'}") from error
    started = perf_counter()
    figures = [_plain(figure) for figure in function(**chosen)]
    return {"name": name, "seconds": round(perf_counter() - started, 2), "figures": figures}


def options(extra: Sequence[str]) -> dict[str, Any]:
    """Read `--key value`, `--key=value` and `--flag` as a function's keyword arguments."""
    chosen: dict[str, Any] = {}
    rest = list(extra)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--") or word == "--":
            raise BadInput(f"{word!r} is not an option; write it like --seeds 3")
        key, equals, value = word[2:].partition("=")
        if not equals and rest and not rest[0].startswith("--"):
            equals, value = "=", rest.pop(0)
        chosen[key.replace("-", "_")] = literal(value) if equals else True
    return chosen


def _measure_all(extra: Sequence[str]) -> dict[str, Any]:
    """Measure each in a process of its own, so that none disturbs the next."""
    started = perf_counter()
    figures: list[dict[str, Any]] = []
    for name in BENCHMARKS:
        command = [sys.executable, "-m", "app", "bench", name, "--json", *extra]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"bench {name} failed with exit code {done.returncode}; what it said is above")
        figures += [{**figure, "name": f"{name}: {figure['name']}"} for figure in json.loads(done.stdout)["figures"]]
    return {"name": "all", "seconds": round(perf_counter() - started, 2), "figures": figures}


def _plain(figure: Any) -> Mapping[str, Any]:
    return asdict(figure) if is_dataclass(figure) and not isinstance(figure, type) else dict(figure)
