"""Every knob of a run, on one page. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from agents.instructions_config import InstructionsConfig as InstructionsConfig
from agents.knowledge_config import KnowledgeConfig as KnowledgeConfig
from agents.misfit import misfit as misfit
from agents.model_config import AnyModelConfig as AnyModelConfig
from agents.model_config import MLPConfig as MLPConfig
from agents.model_config import ModelConfig as ModelConfig
from agents.model_config import PretrainedConfig as PretrainedConfig
from agents.model_config import TableConfig as TableConfig
from agents.plain_text import visible_name
from agents.strategy_config import AdaptersConfig as AdaptersConfig
from agents.strategy_config import AGEMConfig as AGEMConfig
from agents.strategy_config import CLEARConfig as CLEARConfig
from agents.strategy_config import EWCConfig as EWCConfig
from agents.strategy_config import JointConfig as JointConfig
from agents.strategy_config import L2Config as L2Config
from agents.strategy_config import LwFConfig as LwFConfig
from agents.strategy_config import NaiveConfig as NaiveConfig
from agents.strategy_config import OnlineEWCConfig as OnlineEWCConfig
from agents.strategy_config import PackNetConfig as PackNetConfig
from agents.strategy_config import ProgressCompressConfig as ProgressCompressConfig
from agents.strategy_config import ReplayConfig as ReplayConfig
from agents.strategy_config import SIConfig as SIConfig
from agents.strategy_config import SingleStrategyConfig as SingleStrategyConfig
from agents.strategy_pair import BothConfig as BothConfig
from agents.strategy_pair import StrategyConfig as StrategyConfig
from agents.strategy_pair import spelled_out
from agents.value_config import DQNConfig as DQNConfig
from agents.value_config import QLearningConfig as QLearningConfig
from agents.value_config import RandomConfig as RandomConfig
from agents.value_config import SarsaConfig as SarsaConfig
from envs.curriculum import Stage
from envs.options import Frozen
from envs.task import suggestion


class ReinforceConfig(Frozen):
    """Monte-Carlo policy gradient (Williams, 1992)."""

    name: Literal["reinforce"] = "reinforce"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    baseline: Literal["value", "none"] = "value"
    """What a return is measured against: the value of the sentence, or nothing."""
    normalise: bool = True
    """Scale each batch's advantages to mean 0 and deviation 1; without a baseline, to deviation 1 alone."""
    value_weight: float = Field(0.5, ge=0)
    """Weight of the value loss; values also stand in for what a rollout did not live to see."""
    entropy_weight: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""
    minibatch: int = Field(512, ge=1)
    """Decisions per gradient step."""


class A2CConfig(Frozen):
    """Advantage actor-critic (Mnih et al., 2016): one gradient step a rollout."""

    name: Literal["a2c"] = "a2c"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    gae_lambda: float = Field(1.0, ge=0, le=1)
    """Bias-variance trade-off of the advantage estimate; 1: what all steps of the rollout paid, then the value."""
    normalise: bool = False
    """Scale each batch's advantages to mean 0 and deviation 1."""
    value_weight: float = Field(0.5, ge=0)
    """Weight of the value loss."""
    entropy_weight: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""


class GRPOConfig(Frozen):
    """Group-relative policy optimisation (Shao et al., 2024): episodes are judged by one another, without a value."""

    name: Literal["grpo"] = "grpo"
    gamma: float = Field(1.0, gt=0, le=1)
    """Discount of future reward; below 1, of two episodes that earn the same the shorter one is better."""
    epochs: int = Field(3, ge=1, le=100)
    """Passes over each rollout."""
    minibatch: int = Field(512, ge=1)
    """Decisions per gradient step."""
    clip: float = Field(0.2, gt=0)
    """How far one update may move the action probabilities."""
    kl_weight: float = Field(0.04, ge=0)
    """Weight of the divergence from the reference policy; 0: only the clip holds it."""
    reference: int = Field(1, ge=0)
    """Updates that the reference policy lasts; 1: it is the one that lived the rollout; 0: it lasts the whole stage."""
    group: int = Field(0, ge=0, le=4096)
    """Worlds whose episodes begin alike and are judged by one another; below 2: all of a task are one group."""
    normalise: bool = True
    """Divide by the deviation of the group; otherwise only its mean is taken off (Liu et al., 2025)."""
    per_episode: bool = True
    """Count each episode equally, however long; otherwise each decision equally (Liu et al., 2025)."""
    entropy_weight: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""


class PPOConfig(Frozen):
    """Proximal policy optimisation, clipped objective (Schulman et al., 2017)."""

    name: Literal["ppo"] = "ppo"
    gamma: float = Field(0.99, gt=0, le=1)
    """Discount of future reward."""
    gae_lambda: float = Field(0.95, ge=0, le=1)
    """Bias-variance trade-off of the advantage estimate."""
    epochs: int = Field(3, ge=1, le=100)
    """Passes over each rollout."""
    minibatch: int = Field(512, ge=1)
    """Decisions per gradient step."""
    clip: float = Field(0.2, gt=0)
    """How far one update may move the action probabilities."""
    value_weight: float = Field(0.5, ge=0)
    """Weight of the value loss."""
    entropy_weight: float = Field(0.05, ge=0)
    """Entropy bonus at the start of a stage."""


AlgorithmConfig = Annotated[
    PPOConfig | ReinforceConfig | A2CConfig | GRPOConfig | DQNConfig | QLearningConfig | SarsaConfig | RandomConfig,
    Field(discriminator="name"),
]


class ReptileConfig(Frozen):
    """Reptile (Nichol et al., 2018): move towards where adaptation leads."""

    name: Literal["reptile"] = "reptile"
    members: int = Field(4, ge=1)
    """Members of the family in each outer step."""
    episodes: int = Field(8, ge=1, le=256)
    """Episodes that are lived, side by side, before each time of learning from them."""
    inner_steps: int = Field(8, ge=1)
    """How many times that is done to adapt to a member."""
    inner_rate: float = Field(5e-3, gt=0)
    """Step size of Adam in adaptation."""
    outer_rate: float = Field(1.0, gt=0, le=1)
    """How far to move towards the mean of the adapted weights."""


class FOMAMLConfig(Frozen):
    """First-order MAML (Finn et al., 2017): follow the gradient found after adaptation."""

    name: Literal["fomaml"] = "fomaml"
    members: int = Field(4, ge=1)
    """Members of the family in each outer step."""
    episodes: int = Field(8, ge=1, le=256)
    """Episodes that are lived, side by side, before each time of learning from them."""
    inner_steps: int = Field(8, ge=1)
    """How many times that is done to adapt to a member."""
    inner_rate: float = Field(5e-3, gt=0)
    """Step size of Adam in adaptation."""
    queries: int = Field(4, ge=1)
    """Rollouts with the adapted weights on which gradients are found."""
    outer_rate: float = Field(4e-3, gt=0)
    """Step size of the outer Adam."""


MetaConfig = Annotated[ReptileConfig | FOMAMLConfig, Field(discriminator="name")]


class LearningConfig(Frozen):
    """How experience is gathered and turned into gradient steps."""

    worlds: int = Field(64, ge=1, le=4096)
    """Copies of the world that are lived in at once."""
    rollout: int = Field(32, ge=1, le=4096)
    """Steps in each world between updates."""
    rate: float = Field(1e-3, gt=0)
    """Step size of Adam at the start of a stage."""
    final_rate: float = Field(3e-4, gt=0)
    """Step size at the end of a stage."""
    final_entropy: float = Field(0.005, ge=0)
    """Entropy bonus after the first 70% of a stage."""
    burst: float = Field(0.5, ge=0)
    """Entropy bonus in a new stage's first updates: an old policy has no exploration left."""
    burst_updates: int = Field(6, ge=0)
    """How many updates that lasts."""
    clip_gradient: float = Field(0.5, gt=0)
    """Largest norm of a gradient."""


class EpisodicConfig(Frozen):
    """Episodic memory: lived moments, each as likely to be kept as any other (Vitter, 1985)."""

    name: Literal["episodic"] = "episodic"
    capacity: int = Field(4_096, ge=0, le=1_000_000)
    """Moments kept per task; a reservoir keeps every moment equally likely."""


MemoryConfig = EpisodicConfig
"""Every kind of memory; a second one makes it a union like `MetaConfig`."""


class EvaluationConfig(Frozen):
    """How the agent is scored."""

    episodes: int = Field(64, ge=1, le=10_000)
    """Episodes per task."""
    every: int = Field(5_000, ge=0)
    """Steps between evaluations within a stage; 0: only at its end."""
    greedy: bool = True
    """Take the likeliest action; otherwise sample, as in training."""


class CheckpointConfig(Frozen):
    """How often everything is saved that a run needs to go on after a crash, besides the end of every stage."""

    every: int = Field(20_000, ge=0)
    """Steps between full checkpoints within a stage; 0: not by steps."""
    minutes: float = Field(2.0, ge=0)
    """Minutes between full checkpoints within a stage; 0: not by time."""
    share: float = Field(0.02, gt=0, le=1)
    """Part of the time that saving within a stage may take: what is due waits for that. 1: all it needs."""


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
        if (problem := misfit(self)) is not None:
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
