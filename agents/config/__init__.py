"""The settings of a run. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from agents.config.agent import AnyModelConfig, InstructionsConfig, KnowledgeConfig, ModelConfig
from agents.config.algorithms import AlgorithmConfig, MetaConfig, PPOConfig, ReptileConfig
from agents.config.compatibility import incompatibility
from agents.config.learning import CheckpointConfig, EpisodicConfig, EvaluationConfig, LearningConfig, MemoryConfig
from agents.config.strategies import NaiveConfig
from agents.config.strategy_pair import StrategyConfig, expand_pair
from agents.runtime.escaping import visible_name
from envs.curriculum import Stage
from envs.options import Frozen
from envs.task import suggestion


class RunConfig(Frozen):
    """One reproducible experiment: a curriculum and all settings of its training. A curriculum file holds one."""

    name: str = Field("Untitled", max_length=200)
    """Title of the curriculum."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Seed of every random generator of the run."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Device of the agent; `auto` takes a GPU if there is one."""
    stages: tuple[Stage, ...] = ()
    """Stages of the curriculum, in order."""
    algorithm: AlgorithmConfig = PPOConfig()
    """Reinforcement learning algorithm."""
    strategy: StrategyConfig = NaiveConfig()
    """Method against forgetting."""
    meta: MetaConfig = ReptileConfig()
    """Meta-learner of `meta` stages."""
    model: AnyModelConfig = ModelConfig()
    """Model of the policy."""
    learning: LearningConfig = LearningConfig()
    """Rollout collection and optimisation."""
    memory: MemoryConfig = EpisodicConfig()
    """Episodic memory."""
    knowledge: KnowledgeConfig = KnowledgeConfig()
    """Knowledge base."""
    instructions: InstructionsConfig = InstructionsConfig()
    """Instructions that the agent writes itself."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """Evaluation of the agent."""
    checkpoint: CheckpointConfig = CheckpointConfig()
    """Frequency of full checkpoints."""

    @field_validator("name", mode="before")
    @classmethod
    def _escape_name(cls, name: object) -> object:
        """Escape control and bidirectional characters, since a file may come from an untrusted source."""
        return visible_name(name) if isinstance(name, str) else name

    @field_validator("stages")
    @classmethod
    def _has_distinct_ids(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        ids = [stage.id for stage in stages]
        if len(set(ids)) < len(ids):
            raise ValueError("two stages have the same id")
        return stages

    @model_validator(mode="after")
    def _is_compatible(self) -> RunConfig:
        if (problem := incompatibility(self)) is not None:
            raise problem.error()
        return self

    def changed(self, changes: dict[str, Any]) -> RunConfig:
        """Return a copy with `changes` at dotted paths, such as `{"strategy.name": "ewc", "stages.0.steps": 500}`.

        Setting a `.name` resets that table's other keys to the new one's defaults.
        Raises pydantic's ValidationError, or ValueError for an unknown path.
        """
        data = self.model_dump()
        # a `.name` resets its table, so names are set first, outer ones before inner ones
        for path in sorted(changes, key=lambda path: (not path.endswith(".name"), path.count("."))):
            *tables, key = path.split(".")
            target = data
            for table in tables:
                target = _descend(target, table, path)
            if not isinstance(target, dict):
                raise ValueError(f"{path!r} is not a setting; write one of its parts, such as {path}.steps")
            if key == "name" and tables:
                target.clear()
            target[key] = changes[path]
            if path == "strategy.name":  # a pair gets its two tables, so that later paths can change them
                target.update(expand_pair(target))
        return RunConfig.model_validate(data)

    def without_stage_ids(self) -> RunConfig:
        """Return a copy whose stages have empty ids: these are drawn anew whenever a file without them is read."""
        return self.model_copy(update={"stages": tuple(stage.model_copy(update={"id": ""}) for stage in self.stages)})

    def in_stage(self, stage: Stage) -> RunConfig:
        """Return a copy with the strategy settings that `stage` overrides. Raises what `changed` raises."""
        return self.changed(dict(dotted("strategy", stage.strategy)))


def dotted(table: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of every setting of a table, subtables included."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from dotted(f"{table}.{key}", value)
        else:
            yield f"{table}.{key}", value


def _descend(table: Any, key: str, path: str) -> Any:
    """Return the subtable `key`, or the row of that index. Raises ValueError that names `path`."""
    if isinstance(table, tuple) and key.isdecimal() and int(key) < len(table):
        return table[int(key)]
    if isinstance(table, dict) and isinstance(table.get(key), dict | tuple):
        return table[key]
    known = table if isinstance(table, dict) else map(str, range(len(table)))
    raise ValueError(f"there is no setting {path!r}{suggestion(key, known)}")
