"""The rules of the house, as tests."""

import ast
import dataclasses
import pickle
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

from agents import commands, events, registry

ROOT = Path(__file__).parent.parent
SOURCES = [
    path for package in ("app", "widgets", "agents", "envs", "resources") for path in (ROOT / package).rglob("*.py")
]
CONFIGS = [*registry.ALGORITHMS, *registry.STRATEGIES, *registry.META]


def frozen_kinds(module, base):
    return [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, base)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 350
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    assert not [f.name for f in functions if f.end_lineno - f.lineno > 45]


@pytest.mark.parametrize(
    "module",
    [
        "agents.config",
        "agents.events",
        "agents.commands",
        "agents.registry",
        "agents.story",
        "agents.store.run",
        "agents.store.run_store",
        "app.cli.commands",
    ],
)
def test_vocabulary_is_light(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("kind", CONFIGS, ids=lambda kind: kind.__name__)
def test_every_config_has_a_name_and_tells_what_each_setting_means(kind):
    assert registry.names({kind: ""})
    assert all(field.description for name, field in kind.model_fields.items() if name != "name")


@pytest.mark.parametrize(
    "place", [*registry.ALGORITHMS.values(), *registry.STRATEGIES.values(), *registry.META.values()]
)
def test_every_row_of_the_tables_leads_to_a_class_with_a_docstring(place):
    assert resolve_name(place).__doc__


@pytest.mark.parametrize("name", registry.BENCHMARKS)
def test_every_benchmark_leads_to_a_function(name):
    assert callable(resolve_name(registry.BENCHMARKS[name]))


@pytest.mark.parametrize(
    "kind",
    [*frozen_kinds(events, events.Event), *frozen_kinds(commands, commands.Command)],
    ids=lambda kind: kind.__name__,
)
def test_what_is_said_is_frozen(kind):
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen


def test_events_can_cross_a_process():
    event = events.CommandApplied(step=1, command=commands.Configure(changes={"strategy.name": "ewc"}))
    assert pickle.loads(pickle.dumps(event)) == event
