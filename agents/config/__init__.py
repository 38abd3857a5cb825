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
from agents.config.strategy_pair import StrategyConfig, spelled_out
from agents.runtime.escaping import visible_name
from envs.curriculum import Stage
from envs.options import Frozen
from envs.task import suggestion


class RunConfig(Frozen):
    """One reproducible experiment: a curriculum, and how it is learned. A curriculum file holds one."""

    name: str = Field("Untitled", max_length=200)
    """Title of the curriculum."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Seeds every random generator of the run."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the agent computes; `auto` takes a GPU when there is one."""
    stages: tuple[Stage, ...] = ()
    """What is learned, in order."""
    algorithm: AlgorithmConfig = PPOConfig()
    """How experience becomes a loss."""
    strategy: StrategyConfig = NaiveConfig()
    """How old skills survive new ones."""
    meta: MetaConfig = ReptileConfig()
    """How a `meta` stage learns to learn."""
    model: AnyModelConfig = ModelConfig()
    """What reads and decides."""
    learning: LearningConfig = LearningConfig()
    """How experience is gathered."""
    memory: MemoryConfig = EpisodicConfig()
    """What is remembered."""
    knowledge: KnowledgeConfig = KnowledgeConfig()
    """What is known in sentences."""
    instructions: InstructionsConfig = InstructionsConfig()
    """What the agent tells itself."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """How the agent is scored."""
    checkpoint: CheckpointConfig = CheckpointConfig()
    """How often everything is saved."""

    @field_validator("name", mode="before")
    @classmethod
    def _shown(cls, name: object) -> object:
        """Spell out what would steer a terminal or turn letters around: files come from elsewhere, too."""
        return visible_name(name) if isinstance(name, str) else name

    @field_validator("stages")
    @classmethod
    def _distinct(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        ids = [stage.id for stage in stages]
        if len(set(ids)) < len(ids):
            raise ValueError("two stages have the same id")
        return stages

    @model_validator(mode="after")
    def _fitting(self) -> RunConfig:
        if (problem := incompatibility(self)) is not None:
            raise problem.error()
        return self

    def changed(self, changes: dict[str, Any]) -> RunConfig:
        """Return a copy with `changes` at dotted paths, such as `{"strategy.name": "ewc", "stages.0.steps": 500}`.

        Setting a `.name` resets that table's other keys to the new one's defaults.
        Raises pydantic's ValidationError, or ValueError for an unknown path.
        """
        data = self.model_dump()
        for path in sorted(changes, key=lambda path: (not path.endswith(".name"), path.count("."))):
            *tables, key = path.split(".")
            place = data
            for table in tables:
                place = _inside(place, table, path)
            if not isinstance(place, dict):
                raise ValueError(f"{path!r} is not a setting; write one of its parts, such as {path}.steps")
            if key == "name" and tables:
                place.clear()
            place[key] = changes[path]
            if path == "strategy.name":  # a pair is a table of two, in which settings can be changed next
                place.update(spelled_out(place))
        return RunConfig.model_validate(data)

    def in_stage(self, stage: Stage) -> RunConfig:
        """Return a copy with the strategy's settings as they hold in `stage`. Raises what `changed` raises."""
        return self.changed(dict(dotted("strategy", stage.strategy)))


def dotted(table: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every setting of a table by its path, those of tables in it, too."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from dotted(f"{table}.{key}", value)
        else:
            yield f"{table}.{key}", value


def _inside(place: Any, key: str, path: str) -> Any:
    """Return the table or row called `key`; rows are counted from 0."""
    if isinstance(place, tuple) and key.isdecimal() and int(key) < len(place):
        return place[int(key)]
    if isinstance(place, dict) and isinstance(place.get(key), dict | tuple):
        return place[key]
    known = place if isinstance(place, dict) else map(str, range(len(place)))
    raise ValueError(f"there is no setting {path!r}{suggestion(key, known)}")
