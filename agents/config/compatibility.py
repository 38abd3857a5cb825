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
"""Algorithms that fill a table."""


class ReadSettings(Protocol):
    """What the rules read of a run's settings; `RunConfig` is checked by them, so it is not known here."""

    @property
    def algorithm(self) -> AlgorithmConfig:
        """How experience becomes a loss."""

    @property
    def strategy(self) -> StrategyConfig:
        """How old skills survive new ones."""

    @property
    def model(self) -> AnyModelConfig:
        """What reads and decides."""

    @property
    def instructions(self) -> InstructionsConfig:
        """What the agent tells itself."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What is learned, in order."""


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """Why two parts cannot be combined, in one line with the remedy: `reason.format(**arguments)`."""

    reason: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        return self.reason.format(**self.arguments)

    def error(self) -> PydanticCustomError:
        """Return what a validator raises; `incompatibility_in` gets the misfit back from it."""
        return PydanticCustomError(_KIND, "{said}", {"said": str(self), "misfit": self})


_KIND = "misfit"


def incompatibility(config: ReadSettings) -> Incompatibility | None:
    """Return which two parts of `config` cannot be combined; None if all can."""
    for reason, rule in _RULES.items():
        if (arguments := rule(config)) is not None:
            return Incompatibility(reason, arguments)
    return None


def incompatibility_in(error: ValidationError) -> Incompatibility | None:
    """Return the misfit that pydantic was told of; None if something else is wrong."""
    problem = error.errors(include_url=False)[0]
    told = problem.get("ctx", {}).get("misfit") if problem["type"] == _KIND else None
    return told if isinstance(told, Incompatibility) else None


def _wanting_a_table(config: ReadSettings) -> Mapping[str, Any] | None:
    name, model = config.algorithm.name, config.model.name
    return {"algorithm": name, "model": model} if name in TABULAR and model != "table" else None


def _wanting_gradients(config: ReadSettings) -> Mapping[str, Any] | None:
    name = config.algorithm.name
    wrong = config.model.name == "table" and name not in (*TABULAR, "random")
    return {"algorithm": name} if wrong else None


def _strategy_for_a_random_policy(config: ReadSettings) -> Mapping[str, Any] | None:
    name = config.strategy.name
    return {"strategy": name} if name != "naive" and config.algorithm.name == "random" else None


def _guarding_a_table(config: ReadSettings) -> Mapping[str, Any] | None:
    name = config.strategy.name
    return {"strategy": name} if config.model.name == "table" and name not in ("naive", "joint") else None


def _unable_to_adapt(config: ReadSettings) -> Mapping[str, Any] | None:
    name = config.algorithm.name
    place = next((place for place, stage in enumerate(config.stages) if stage.kind == "meta"), None)
    if place is None or name not in (*TABULAR, "dqn", "random"):
        return None
    return {"place": place, "algorithm": name}


def _writing_without_gradients(config: ReadSettings) -> Mapping[str, Any] | None:
    name = config.algorithm.name
    wrong = config.instructions.writer != "none" and name in (*TABULAR, "dqn", "random")
    return {"algorithm": name} if wrong else None


def _replaying_what_was_written(config: ReadSettings) -> Mapping[str, Any] | None:
    """Name a strategy that lives in all worlds at once, or keeps rollouts as if each had but one kind of decisions."""
    wrong = [part.name for part in parts_of(config.strategy) if part.name in ("clear", "joint")]
    return {"strategy": wrong[0]} if wrong and config.instructions.writer != "none" else None


def _telling_nothing(config: ReadSettings) -> Mapping[str, Any] | None:
    if config.instructions.writer == "none":
        return None
    deaf = (place for place, stage in enumerate(config.stages) if not find_task(stage.task).checks)
    return next(({"place": place, "task": config.stages[place].task} for place in deaf), None)


def _unable_to_imitate(config: ReadSettings) -> Mapping[str, Any] | None:
    name, place = config.algorithm.name, _taught(config)
    return None if place is None or name not in (*TABULAR, "dqn", "random") else {"place": place, "algorithm": name}


def _hearing_two(config: ReadSettings) -> Mapping[str, Any] | None:
    place = _taught(config)
    return None if place is None or config.instructions.writer == "none" else {"place": place}


def _taught(config: ReadSettings) -> int | None:
    """Return the place of the first stage that has a teacher."""
    return next((place for place, stage in enumerate(config.stages) if stage.taught), None)


_RULES: Mapping[str, Callable[[ReadSettings], Mapping[str, Any] | None]] = {
    "algorithm.name: {algorithm!r} fills a table, but model.name is {model!r}; set model.name = 'table'": (
        _wanting_a_table
    ),
    "algorithm.name: {algorithm!r} follows gradients and a table has none; set algorithm.name = 'q_learning'": (
        _wanting_gradients
    ),
    "strategy.name: who acts at random learns nothing: nothing is forgotten, {strategy!r} has nothing to guard; "
    "set strategy.name = 'naive'": _strategy_for_a_random_policy,
    "strategy.name: a table shares nothing between sentences: nothing is forgotten, {strategy!r} has nothing to guard; "
    "set strategy.name = 'naive'": _guarding_a_table,
    "stages[{place}].kind: 'meta' adapts by policy gradients, not by {algorithm!r}; set algorithm.name = 'ppo'": (
        _unable_to_adapt
    ),
    "instructions.writer: {algorithm!r} learns no instructions; set algorithm.name = 'ppo', or "
    "instructions.writer = 'none'": _writing_without_gradients,
    "strategy.name: {strategy!r} replays whole rollouts, instructions come and go within; set "
    "instructions.writer = 'none'": _replaying_what_was_written,
    "stages[{place}].task: {task!r} checks no instructions; take a task of several rooms, or set "
    "instructions.writer = 'none'": _telling_nothing,
    "stages[{place}].teaching.teacher: {algorithm!r} learns action values, a teacher gives probabilities; "
    "set algorithm.name = 'ppo'": _unable_to_imitate,
    "stages[{place}].teaching.teacher: who is taught writes no instructions meanwhile; set "
    "instructions.writer = 'none'": _hearing_two,
}
"""By what is said of it, what finds it: the arguments of that text, or None where everything fits."""
REASONS = tuple(_RULES)
"""Everything that is ever said, as templates."""
