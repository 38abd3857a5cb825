"""Rules on which components of a run can be combined, one a row, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from agents.config.agent import AnyModelConfig, InstructionsConfig
from agents.config.algorithms import AlgorithmConfig
from agents.config.strategy_pair import StrategyConfig, parts_of
from envs.curriculum import Stage
from envs.task import find_task

TABULAR = ("q_learning", "sarsa")
"""Algorithms that learn a table of values."""


class RunSettings(Protocol):
    """The settings that the rules read. `RunConfig` imports this module, so it can't be imported here."""

    @property
    def algorithm(self) -> AlgorithmConfig:
        """Reinforcement learning algorithm."""

    @property
    def strategy(self) -> StrategyConfig:
        """Method against forgetting."""

    @property
    def model(self) -> AnyModelConfig:
        """Model of the policy."""

    @property
    def instructions(self) -> InstructionsConfig:
        """Instructions that the agent writes itself."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Stages of the curriculum, in order."""


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """Why two parts cannot be combined, in one line with the remedy: `reason.format(**arguments)`."""

    reason: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        return self.reason.format(**self.arguments)

    def error(self) -> PydanticCustomError:
        """Return the error for a validator to raise; `incompatibility_in` extracts the incompatibility from it."""
        return PydanticCustomError(_KIND, "{message}", {"message": str(self), "incompatibility": self})


_KIND = "incompatible"
"""The type of pydantic's error for an incompatibility."""


def incompatibility(config: RunSettings) -> Incompatibility | None:
    """Return the first incompatibility of `config`; None if all parts can be combined."""
    for reason, rule in _RULES.items():
        if (arguments := rule(config)) is not None:
            return Incompatibility(reason, arguments)
    return None


def incompatibility_in(error: ValidationError) -> Incompatibility | None:
    """Return the incompatibility that caused a validation error; None if the error has another cause."""
    problem = error.errors(include_url=False)[0]
    found = problem.get("ctx", {}).get("incompatibility") if problem["type"] == _KIND else None
    return found if isinstance(found, Incompatibility) else None


def _tabular_without_table(config: RunSettings) -> Mapping[str, Any] | None:
    name, model = config.algorithm.name, config.model.name
    return {"algorithm": name, "model": model} if name in TABULAR and model != "table" else None


def _table_without_tabular(config: RunSettings) -> Mapping[str, Any] | None:
    name = config.algorithm.name
    wrong = config.model.name == "table" and name not in (*TABULAR, "random")
    return {"algorithm": name} if wrong else None


def _strategy_for_random_policy(config: RunSettings) -> Mapping[str, Any] | None:
    name = config.strategy.name
    return {"strategy": name} if name != "naive" and config.algorithm.name == "random" else None


def _strategy_for_table(config: RunSettings) -> Mapping[str, Any] | None:
    name = config.strategy.name
    return {"strategy": name} if config.model.name == "table" and name not in ("naive", "joint") else None


def _meta_without_policy_gradient(config: RunSettings) -> Mapping[str, Any] | None:
    name = config.algorithm.name
    index = next((index for index, stage in enumerate(config.stages) if stage.kind == "meta"), None)
    if index is None or name not in (*TABULAR, "dqn", "random"):
        return None
    return {"index": index, "algorithm": name}


def _writer_without_policy_gradient(config: RunSettings) -> Mapping[str, Any] | None:
    name = config.algorithm.name
    wrong = config.instructions.writer != "none" and name in (*TABULAR, "dqn", "random")
    return {"algorithm": name} if wrong else None


def _strategy_for_writer(config: RunSettings) -> Mapping[str, Any] | None:
    """Return a strategy that collects from all tasks, or replays rollouts with only one kind of decision."""
    wrong = [part.name for part in parts_of(config.strategy) if part.name in ("clear", "joint")]
    return {"strategy": wrong[0]} if wrong and config.instructions.writer != "none" else None


def _task_without_checks(config: RunSettings) -> Mapping[str, Any] | None:
    if config.instructions.writer == "none":
        return None
    unchecked = (index for index, stage in enumerate(config.stages) if not find_task(stage.task).checks)
    return next(({"index": index, "task": config.stages[index].task} for index in unchecked), None)


def _teacher_without_policy_gradient(config: RunSettings) -> Mapping[str, Any] | None:
    name, index = config.algorithm.name, _first_taught_stage(config)
    return None if index is None or name not in (*TABULAR, "dqn", "random") else {"index": index, "algorithm": name}


def _teacher_and_writer(config: RunSettings) -> Mapping[str, Any] | None:
    index = _first_taught_stage(config)
    return None if index is None or config.instructions.writer == "none" else {"index": index}


def _first_taught_stage(config: RunSettings) -> int | None:
    """Return the index of the first stage that has a teacher; None without one."""
    return next((index for index, stage in enumerate(config.stages) if stage.taught), None)


_RULES: Mapping[str, Callable[[RunSettings], Mapping[str, Any] | None]] = {
    "algorithm.name: {algorithm!r} is tabular, but model.name is {model!r}; set model.name = 'table'": (
        _tabular_without_table
    ),
    "algorithm.name: {algorithm!r} needs gradients, which a table does not have; set algorithm.name = 'q_learning'": (
        _table_without_tabular
    ),
    "strategy.name: a random policy learns nothing, so {strategy!r} has nothing to protect; "
    "set strategy.name = 'naive'": _strategy_for_random_policy,
    "strategy.name: a table shares no weights between sentences, so {strategy!r} has nothing to protect; "
    "set strategy.name = 'naive'": _strategy_for_table,
    "stages[{index}].kind: 'meta' adapts by policy gradients, not by {algorithm!r}; set algorithm.name = 'ppo'": (
        _meta_without_policy_gradient
    ),
    "instructions.writer: {algorithm!r} cannot train a writer of instructions; set algorithm.name = 'ppo', or "
    "instructions.writer = 'none'": _writer_without_policy_gradient,
    "strategy.name: {strategy!r} cannot train a writer of instructions; set "
    "instructions.writer = 'none'": _strategy_for_writer,
    "stages[{index}].task: {task!r} cannot check instructions; choose a task with several rooms, or set "
    "instructions.writer = 'none'": _task_without_checks,
    "stages[{index}].teaching.teacher: {algorithm!r} learns action values, but a teacher gives probabilities; "
    "set algorithm.name = 'ppo'": _teacher_without_policy_gradient,
    "stages[{index}].teaching.teacher: a stage with a teacher cannot train a writer of instructions; set "
    "instructions.writer = 'none'": _teacher_and_writer,
}
"""Rules by their message; a rule returns the arguments of the message, or None if it is not broken."""
REASONS = tuple(_RULES)
"""All messages, as templates for translation."""
