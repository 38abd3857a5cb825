"""Every recipe of the handbook, followed: what it defines and the row that it adds are enough."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from gymnasium.utils.env_checker import check_env

import agents.config.algorithms
import agents.config.learning
import agents.config.strategies
import envs.options
from agents import registry
from agents.benchmarks.report.result import parse
from agents.config import RunConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.events import Fault, Updated
from agents.story import Story
from agents.training.trainer import Trainer
from app.cli.commands import main
from app.window.panels import PanelSpec
from envs import task
from envs.curriculum import Stage
from envs.task import Task, TaskSpec
from widgets.scene import Scene

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"^```python ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(text, path, space):
    """Run the code of a page as if it stood in the file that the page names."""
    exec(compile(text, path, "exec", dont_inherit=True), space)


class Recipe:
    """Reads a page; its new files exist until the test is over."""

    def __init__(self, name, monkeypatch):
        self._code = dict(CODE.findall((ROOT / "docs/recipes" / f"{name}.md").read_text(encoding="utf-8")))
        self._patch = monkeypatch

    def config(self, module):
        """Define what is added to `module`, and return it."""
        space = dict(vars(module))
        path = module.__name__.replace(".", "/") + ".py"
        run("from __future__ import annotations\n" + self._code[path], path, space)
        (name,) = {name for name in space if name not in vars(module)} - {"annotations"}
        self._patch.setattr(module, name, space[name], raising=False)
        return space[name]

    def files(self):
        """Let the new files be there to import."""
        for path, text in reversed(self._code.items()):
            if not (ROOT / path).exists():
                module = ModuleType(path.removesuffix(".py").replace("/", "."))
                self._patch.setitem(sys.modules, module.__name__, module)
                run(text, path, vars(module))

    def row(self, path, ends, **known):
        """Return what is added to a table."""
        return eval(ends[0] + self._code[path] + ends[1], known)


@pytest.fixture
def recipe(monkeypatch):
    return lambda name: Recipe(name, monkeypatch)


def assert_learns(change=None, task="household/go-to", **parts):
    """Learn two tasks a little, as an agent that has other parts or was changed before; return it."""
    config = RunConfig(
        stages=tuple(Stage(task=key, steps=32) for key in (task, "mirror/take")),
        learning=LearningConfig(n_envs=4, n_steps=4),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    )
    trainer = Trainer(config.model_copy(update=parts))
    if change is not None:
        change(trainer.state.agent)
    events = list(trainer.run())
    assert not [event for event in events if isinstance(event, Fault)]
    assert len([event for event in events if isinstance(event, Updated)]) == 4
    return trainer.state.agent


def test_a_strategy(recipe, monkeypatch):
    page = recipe("add-a-strategy")
    kind = page.config(agents.config.strategies)
    page.files()
    row = page.row("agents/registry.py", "{}", L2InitConfig=kind)
    monkeypatch.setattr(registry, "STRATEGIES", {**registry.STRATEGIES, **row})
    monkeypatch.setattr("agents.training.run_state.RunState.strategy_config", lambda state, stage: kind())
    agents_seen = []
    assert_learns(agents_seen.append)
    strategy, policy = agents_seen[0].strategy, agents_seen[0].policy
    initial = strategy.state()["initial"]
    moved = sum(float(((weight - initial[name]) ** 2).sum().detach()) for name, weight in policy.named_parameters())
    assert moved > 0
    assert float(strategy.penalty(policy).detach()) == pytest.approx(0.5 * kind().strength * moved, rel=1e-4)


def test_an_algorithm(recipe, monkeypatch):
    page = recipe("add-an-algorithm")
    kind = page.config(agents.config.algorithms)
    page.files()
    row = page.row("agents/registry.py", "{}", AWRConfig=kind)
    monkeypatch.setattr(registry, "ALGORITHMS", {**registry.ALGORITHMS, **row})
    assert_learns(lambda agent: agent.change_settings(kind(), agent.learner.config))


def test_a_world(recipe, monkeypatch):
    page = recipe("add-a-world")
    options = page.config(envs.options)
    page.files()
    (spec,) = page.row("envs/task.py", "[]", TaskSpec=TaskSpec, CorridorOptions=options)
    monkeypatch.setattr(task, "LIBRARY", (*task.LIBRARY, spec))
    world = Task(key=spec.key, options={"length": 9}).make()
    check_env(world, skip_render_check=True)
    assert world.draw(world.picture_state(), 96, dark=True, blend=0.5).shape == (96, 96, 3)
    assert_learns(task=spec.key)


def test_a_memory(recipe, monkeypatch):
    page = recipe("add-a-memory")
    kind = page.config(agents.config.learning)
    page.files()
    row = page.row("agents/registry.py", "{}", RecentConfig=kind)
    monkeypatch.setattr(registry, "MEMORIES", {**registry.MEMORIES, **row})
    agent = assert_learns(memory=kind(share=0.5))
    assert type(agent.memory).__name__ == "RecentMemory"
    assert 0 < len(agent.memory) < 64


def test_a_benchmark(recipe, monkeypatch, capsys):
    page = recipe("add-a-benchmark")
    page.files()
    row = page.row("agents/registry.py", "{}")
    monkeypatch.setattr("app.cli.bench.BENCHMARKS", {**registry.BENCHMARKS, **row})
    assert main(["bench", "bandit", "--seeds", "100", "--json"]) == 0
    result = parse(capsys.readouterr().out)
    assert result.verdict == "holds"
    assert [len(series.runs) for series in result.charts[0].series] == [100, 100]
    # figure 2.2 of the book: about 1.0 without trying, about 1.4 with it
    assert result.figures[0].control == pytest.approx(1.05, abs=0.2)


def test_a_panel(recipe, qtbot):
    page = recipe("add-a-panel")
    page.files()
    (spec,) = page.row("app/window/panels.py", "[]", PanelSpec=PanelSpec)
    module, _, name = spec.widget.partition(":")
    panel = getattr(sys.modules[module], name)()
    qtbot.addWidget(panel)
    panel.draw(Scene())
    panel.draw(Scene(story=Story([Updated(step=1, index=0, terms={"policy": 0.5}, rate=1.0)])))
    assert panel.table.item(0, 1).text() == "0.5"
