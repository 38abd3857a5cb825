"""The label of each setting, and the first level of detail at which a form shows it. To add one, add a row.

A row for a class (`Class.setting`) takes precedence over one for any class. A setting without a row has its name as
label and the level `expert`. The docstring of a setting is its tooltip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from widgets.style.translation import tr

Level = Literal["simple", "full", "expert"]
LEVELS: Mapping[Level, str] = {"simple": "Simple", "full": "Full", "expert": "Expert"}
"""Levels of detail with their titles, from few settings to all."""


@dataclass(frozen=True, slots=True)
class LabelAndLevel:
    """The label of a setting, and the first level at which it is shown."""

    label: str
    level: Level = "expert"


SIMPLE: Mapping[str, str] = {
    "seed": "Seed",
    "learning_rate": "Learning rate at the start",
    "start": "What the model knows at first",
    "source": "Folder, file or name of the model",
    "download": "Fetch the model if it is not here",
    "max_entries": "Sentences that it may know",
    "writer": "Who writes its instructions",
    "EvaluationConfig.eval_freq": "Steps between two tests",
    "EpisodicConfig.buffer_size": "Memories kept of each task",
    "ReplayConfig.weight": "Weight of what is remembered",
    "CLEARConfig.replay_fraction": "Share of old experience in learning",
    "L2Config.strength": "How firmly old weights are held",
    "EWCConfig.strength": "How firmly old weights are held",
    "OnlineEWCConfig.strength": "How firmly old weights are held",
    "SIConfig.strength": "How firmly old weights are held",
    "ProgressCompressConfig.strength": "How firmly old weights are held",
    "LwFConfig.alpha": "Share of the new task in learning",
    "AGEMConfig.batch_size": "Memories checked of each task",
    "PackNetConfig.keep_ratio": "Share of the free weights for a task",
    "AdaptersConfig.rank": "Size of each task's adapter (rank)",
}
FULL: Mapping[str, str] = {
    "device": "Where it computes",
    "gamma": "Worth of later rewards (discount)",
    "n_epochs": "Times that experience is used",
    "batch_size": "Decisions in a learning step (minibatch)",
    "clip_range": "Largest policy change in an update (clip)",
    "ent_coef": "Exploration bonus at the start (entropy)",
    "n_envs": "Copies of the world at once",
    "n_steps": "Steps between two updates",
    "final_learning_rate": "Learning rate at the end",
    "max_grad_norm": "Largest gradient (norm)",
    "deterministic": "Test with the likeliest actions",
    "layers": "Layers",
    "width": "Width",
    "heads": "Attention heads",
    "context": "Longest sentence that is read",
    "top_k": "Sentences recalled at once",
    "max_words": "Words recalled at once",
    "max_steps": "Steps that an instruction lasts",
    "warmup_steps": "Steps of practice with random instructions",
    "rank": "Size of the adapter (rank)",
    "ReplayConfig.batch_size": "Memories used of each task",
    "LwFConfig.batch_size": "Sentences used of each task",
    "samples": "Decisions that measure importance",
    "unrolls": "Stretches replayed in each step",
    "post_prune_steps": "Learning steps after pruning",
    "compress_steps": "Learning steps that distil a task",
    "ent_coef_scale": "Exploration bonus at first (times the usual)",
    "decay_factor": "Importance kept of earlier tasks (share)",
    "meta_batch_size": "Members of the family at a time",
    "inner_steps": "Learning steps on a member",
    "inner_lr": "Learning rate on a member (inner)",
    "outer_lr": "Learning rate across members (outer)",
    "gradient_steps": "Learning steps each time",
    "learning_starts": "Random steps before learning",
    "exploration_initial_eps": "Random actions at first (share)",
    "exploration_final_eps": "Random actions at the end (share)",
    "save_minutes": "Minutes between two savings",
    "EvaluationConfig.n_eval_episodes": "Episodes of a test of each task",
    "CheckpointConfig.save_steps": "Steps between two savings",
    "DQNConfig.buffer_size": "Steps kept to learn from",
    "CLEARConfig.buffer_size": "Stretches of experience kept",
    "DQNConfig.train_freq": "Steps between two times of learning",
    "TabularConfig.alpha": "Learning rate at the start",
    "TabularConfig.final_alpha": "Learning rate at the end",
    "AdaptersConfig.learning_rate": "Learning rate of an adapter",
    "ReptileConfig.episodes": "Episodes before each learning step",
    "FOMAMLConfig.episodes": "Episodes before each learning step",
    "GRPOConfig.group_size": "Worlds that are compared (group)",
    "kl_coef": "Weight of staying near the reference (KL)",
}
EXPERT: Mapping[str, str] = {
    "scale_rewards": "Bring advantages to one scale",
    "gae_lambda": "How far rewards reach back (GAE lambda)",
    "vf_coef": "Weight of the value loss",
    "baseline": "What a return is compared with (baseline)",
    "normalize_advantage": "Bring advantages to one scale",
    "min_advantage_scale": "Smallest spread that counts (share of the return)",
    "final_ent_coef": "Exploration bonus at the end (entropy)",
    "burst_ent_coef": "Exploration bonus in a new stage",
    "burst_updates": "Updates with that bonus",
    "ref_model_sync_steps": "Updates between two reference policies",
    "per_episode": "Count each episode equally",
    "temperature": "Flattening of probabilities (temperature)",
    "DQNConfig.temperature": "Randomness of actions (temperature)",
    "target_update_interval": "Learning steps between two copies",
    "double": "Choose and value with two networks (double)",
    "DQNConfig.n_steps": "Rewards counted before a value",
    "exploration_fraction": "Part of the time until the end values",
    "decay_fraction": "Part of the time until the end values",
    "prioritised": "Prefer steps with a large TD error (prioritised)",
    "DQNConfig.alpha": "How much they are preferred (alpha)",
    "beta": "How much of that bias is corrected (beta)",
    "balanced": "Every task equally often",
    "priority": "Prefer what is being forgotten",
    "unroll_length": "Longest stretch, in steps",
    "policy_cloning_coef": "Weight of deciding as before",
    "value_cloning_coef": "Weight of expecting values as before",
    "damping": "Guard against unmoved weights (damping)",
    "scaled": "Bring importances to one scale",
    "project": "What is checked against memories",
    "reinitialise": "Begin each stage with the first weights",
    "query_rollouts": "Rollouts after learning a member",
    "target_modules": "Layers that get an adapter",
    "dtype": "Number format of frozen weights",
    "chat": "Read sentences as a chat",
    "today": "Date in the chat template",
    "min_similarity": "How alike what is recalled must be",
    "reward": "What writing earns",
    "CheckpointConfig.max_time_share": "Largest share of time for saving",
}
WORLD: Mapping[str, str] = {
    "objects": "Things in the room",
    "size": "Cells along each side",
    "rooms": "Rooms",
    "distractors": "Things that no goal is about",
    "member": "Which of the 24 languages",
    "rule": "What the rule is about",
    "rule_shown": "When the rule is stated",
    "split": "Which pairs are asked for",
    "teacher": "Who teaches",
}
"""Settings of a clip that every level shows, beside its budget and its score limit."""
WORLD_FULL: Mapping[str, str] = {
    "max_episode_steps": "Steps before an episode ends",
    "bins": "Words for each measured number",
    "shaped": "Reward for coming closer",
    "location_shown": "State where the thing is",
    "actor": "Who acts",
    "Teaching.steps": "Steps that are taught",
}
WORLD_EXPERT: Mapping[str, str] = {
    "low": "Return that scores 0",
    "high": "Return that scores 1",
    "Teaching.alpha": "Weight of the teacher's choice",
    "Teaching.n_epochs": "Passes over each taught rollout",
    "Teaching.temperature": "Flattening of probabilities (temperature)",
    "RulesOptions.subgoal_share": "Share of the reward for sub-goals",
    "ChoreOptions.subgoal_share": "Share of the reward for sub-goals",
    "RoomsOptions.subgoal_share": "Share of the reward for sub-goals",
}
_TABLES: tuple[tuple[Level, Mapping[str, str]], ...] = (
    ("simple", SIMPLE),
    ("full", FULL),
    ("expert", EXPERT),
    ("simple", WORLD),
    ("full", WORLD_FULL),
    ("expert", WORLD_EXPERT),
)
FIELDS: Mapping[str, LabelAndLevel] = {
    name: LabelAndLevel(label, level) for level, rows in _TABLES for name, label in rows.items()
}


def label_and_level(kind: type, name: str) -> LabelAndLevel:
    """Return label and level of the field `name` of a config class; a row for the nearest base class comes first."""
    for base in kind.__mro__:
        if (found := FIELDS.get(f"{base.__name__}.{name}")) is not None:
            return found
    return FIELDS.get(name) or LabelAndLevel(name.replace("_", " ").capitalize())


def field_label(kind: type, name: str) -> str:
    """Return the translated label of a setting."""
    return tr(label_and_level(kind, name).label)


def shows(level: Level, setting: LabelAndLevel) -> bool:
    """Return whether a form of this level of detail shows a setting."""
    order = list(LEVELS)
    return order.index(setting.level) <= order.index(level)


def hidden_settings_text(count: int, level: Level) -> str:
    """Return a line with the number of settings that a level hides, and the levels that show them."""
    if level == "simple":
        return tr("{count} more settings are as by default. Full and Expert show them.", count=count)
    return tr("{count} more settings are as by default. Expert shows them.", count=count)
