"""Tables of the class that implements each config. To add a component: its config, its file and one row here."""

from __future__ import annotations

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

from agents.config.agent import MLPConfig, ModelConfig, PretrainedConfig, TableConfig
from agents.config.algorithms import (
    A2CConfig,
    DQNConfig,
    FOMAMLConfig,
    GRPOConfig,
    PPOConfig,
    QLearningConfig,
    RandomConfig,
    ReinforceConfig,
    ReptileConfig,
    SarsaConfig,
)
from agents.config.learning import EpisodicConfig
from agents.config.strategies import (
    AdaptersConfig,
    AGEMConfig,
    CLEARConfig,
    EWCConfig,
    JointConfig,
    L2Config,
    LwFConfig,
    NaiveConfig,
    OnlineEWCConfig,
    PackNetConfig,
    ProgressCompressConfig,
    ReplayConfig,
    SIConfig,
)

ALGORITHMS: Mapping[type, str] = {
    PPOConfig: "agents.algorithms.ppo:PPO",
    ReinforceConfig: "agents.algorithms.reinforce:Reinforce",
    A2CConfig: "agents.algorithms.a2c:A2C",
    GRPOConfig: "agents.algorithms.grpo:GRPO",
    DQNConfig: "agents.algorithms.dqn:DQN",
    QLearningConfig: "agents.algorithms.q_learning:QLearning",
    SarsaConfig: "agents.algorithms.sarsa:Sarsa",
    RandomConfig: "agents.policies.uniform:UniformPolicy",
}
GRADIENTS = "agents.update.gradient_learner:Learner"
"""The learner of every algorithm without a row in `LEARNERS`."""
LEARNERS: Mapping[type, str] = {
    QLearningConfig: "agents.update.tabular_learner:TabularUpdater",
    SarsaConfig: "agents.update.tabular_learner:TabularUpdater",
    RandomConfig: "agents.update.null_learner:NullLearner",
}
STRATEGIES: Mapping[type, str] = {
    NaiveConfig: "agents.continual:ContinualStrategy",
    JointConfig: "agents.continual.joint:Joint",
    ReplayConfig: "agents.continual.replay:Replay",
    CLEARConfig: "agents.continual.clear:CLEAR",
    L2Config: "agents.continual.l2:L2",
    EWCConfig: "agents.continual.ewc:EWC",
    OnlineEWCConfig: "agents.continual.ewc:OnlineEWC",
    SIConfig: "agents.continual.si:SI",
    LwFConfig: "agents.continual.lwf:LwF",
    AGEMConfig: "agents.continual.agem:AGEM",
    PackNetConfig: "agents.continual.packnet:PackNet",
    AdaptersConfig: "agents.continual.adapters:Adapters",
    ProgressCompressConfig: "agents.continual.progress_compress:ProgressCompress",
}
META: Mapping[type, str] = {
    ReptileConfig: "agents.meta.reptile:Reptile",
    FOMAMLConfig: "agents.meta.fomaml:FOMAML",
}
MODELS: Mapping[type, str] = {
    ModelConfig: "agents.policies.language:LanguagePolicy",
    PretrainedConfig: "agents.policies.language:LanguagePolicy",
    MLPConfig: "agents.policies.sentence_mlp:SentenceMLP",
    TableConfig: "agents.policies.table:TablePolicy",
}
LANGUAGE_MODELS: Mapping[type, str] = {
    ModelConfig: "agents.language.transformer:Transformer",
    PretrainedConfig: "agents.language.pretrained:Pretrained",
}
"""The language models of a `LanguagePolicy`."""
POLICIES: Mapping[type, str] = {**MODELS, RandomConfig: "agents.policies.uniform:UniformPolicy"}
"""Every policy that a run can have; the random policy needs no model."""
MEMORIES: Mapping[type, str] = {
    EpisodicConfig: "agents.memory.episodic:EpisodicMemory",
}
BENCHMARKS: Mapping[str, str] = {
    "goto": "agents.benchmarks.learning.goto:measure",
    "adapt": "agents.benchmarks.learning.meta_adaptation:measure",
    "throughput": "agents.benchmarks.speed.throughput:measure",
    "device": "agents.benchmarks.speed.device:measure",
    "scoring": "agents.benchmarks.reference.phrase_scoring:measure",
    "pretrained": "agents.benchmarks.learning.pretrained_model:measure",
    "start": "agents.benchmarks.learning.pretrained_start:measure",
    "tabular": "agents.benchmarks.reference.tabular:measure",
    "cartpole": "agents.benchmarks.reference.cartpole:measure",
    "controls": "agents.benchmarks.learning.controls:measure",
    "distil": "agents.benchmarks.learning.distillation:measure",
    "formulas": "agents.benchmarks.reference.formulas:measure",
    "coverage": "agents.benchmarks.reference.coverage:measure",
    "digits": "agents.benchmarks.digits.digits:measure",
    "demonstration": "agents.benchmarks.learning.demonstration:measure",
    "sequence": "agents.benchmarks.learning.task_sequence:measure",
    "knowledge": "agents.benchmarks.learning.knowledge:measure",
    "instructions": "agents.benchmarks.learning.instructions:measure",
    "resume": "agents.benchmarks.robustness.resume:measure",
    "kill": "agents.benchmarks.robustness.kill:measure",
    "fuzz": "agents.benchmarks.robustness.fuzz:measure",
    "window": "app.benchmarks.window:measure",
    "respond": "app.benchmarks.respond:measure",
    "open": "app.benchmarks.open:measure",
    "startup": "app.benchmarks.startup:measure",
    "soak": "app.benchmarks.soak:measure",
    "monkey": "app.benchmarks.monkey:measure",
    "guests": "app.benchmarks.external_parts:measure",
}
"""Each is a function that returns its results; imported only when it is run."""


def build(config: Any, *arguments: Any) -> Any:
    """Import the class that implements `config`, and instantiate it with `config` and `arguments`."""
    return class_of(config)(config, *arguments)


def class_of(config: Any) -> Any:
    """Import and return the class that implements `config`."""
    return resolve_name({**ALGORITHMS, **STRATEGIES, **META, **MEMORIES}[type(config)])


def learner_of(algorithm: Any) -> str:
    """Return the import path, `module:Class`, of the learner for an algorithm's config."""
    return LEARNERS.get(type(algorithm), GRADIENTS)


def names(table: Mapping[type, str]) -> dict[str, type]:
    """Return the config classes of `table` by the name that files and flags use."""
    return {kind.model_fields["name"].default: kind for kind in table}  # type: ignore[attr-defined]
