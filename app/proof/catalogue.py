"""Name, question and options of each benchmark, parsed from its source without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from agents.registry import BENCHMARKS

QUICK = "quick"
"""The option for a small budget, which every benchmark takes."""
RUNS = "runs"
"""The parameter of benchmarks that store runs: the folder of all runs, which the caller supplies."""


@dataclass(frozen=True, slots=True)
class BenchmarkEntry:
    """A benchmark as the user sees it."""

    name: str
    question: str
    options: Mapping[str, str]
    """Options and their defaults; empty where a default is not a literal."""


def entries() -> tuple[BenchmarkEntry, ...]:
    """Return every benchmark of the registry, in the registry's order."""
    return tuple(entry(name) for name in BENCHMARKS)


def entry(name: str) -> BenchmarkEntry:
    """Parse the docstring's first line and the parameters of one benchmark from its source."""
    module, _, function = BENCHMARKS[name].partition(":")
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return BenchmarkEntry(name, "is not part of this installation", {})
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    question = (ast.get_docstring(tree) or "").partition("\n")[0]
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    return BenchmarkEntry(name, question, {**dict(_parameters(next(functions))), QUICK: ""})


def _parameters(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for argument, default in zip(function.args.args, function.args.defaults, strict=True):
        if argument.arg != RUNS:
            yield argument.arg, str(default.value) if isinstance(default, ast.Constant) else ""
