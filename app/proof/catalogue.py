"""Name, question and options of each benchmark, parsed from its source without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from agents.registry import BENCHMARKS

QUICK = "quick"
"""The option of a quick look, which every benchmark takes."""
RUNS = "runs"
"""What a benchmark takes that stores its runs: the folder of all runs, which no person has to name again."""


@dataclass(frozen=True, slots=True)
class BenchmarkEntry:
    """A benchmark as a person chooses it."""

    name: str
    question: str
    options: Mapping[str, str]
    """What it takes, and what it is otherwise; empty where that isn't a plain number or word."""


def entries() -> tuple[BenchmarkEntry, ...]:
    """Return every benchmark of the registry, in its order."""
    return tuple(entry(name) for name in BENCHMARKS)


def entry(name: str) -> BenchmarkEntry:
    """Read the first line and the parameters of one benchmark."""
    module, _, function = BENCHMARKS[name].partition(":")
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return BenchmarkEntry(name, "is not part of this installation", {})
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    question = (ast.get_docstring(tree) or "").partition("\n")[0]
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    return BenchmarkEntry(name, question, {**dict(_parameters(next(found))), QUICK: ""})


def _parameters(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for argument, default in zip(function.args.args, function.args.defaults, strict=True):
        if argument.arg != RUNS:
            yield argument.arg, str(default.value) if isinstance(default, ast.Constant) else ""
