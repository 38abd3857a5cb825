"""Titles and summaries of the parts of an agent."""

from __future__ import annotations

from agents.config.strategy_pair import JOIN
from widgets.style.translation import tr

TITLES = {
    "naive": "Naive",
    "joint": "Joint",
    "replay": "Replay",
    "clear": "CLEAR",
    "l2": "L2",
    "ewc": "EWC",
    "online_ewc": "Online EWC",
    "si": "SI",
    "lwf": "LwF",
    "agem": "A-GEM",
    "packnet": "PackNet",
    "adapters": "Adapters",
    "progress_compress": "Progress and compress",
    "ppo": "PPO",
    "reinforce": "REINFORCE",
    "a2c": "A2C",
    "grpo": "GRPO",
    "dqn": "DQN",
    "q_learning": "Q-learning",
    "sarsa": "SARSA",
    "random": "Random",
    "transformer": "Transformer",
    "pretrained": "Pretrained",
    "mlp": "MLP",
    "table": "Table",
    "reptile": "Reptile",
    "fomaml": "FOMAML",
    "episodic": "Episodic",
}
"""Title by key of a part; one without a row gets its key as title."""

SUMMARIES = {
    "naive": "Nothing guards old skills; the baseline to compare with.",
    "joint": "Learns all tasks at once, to compare with.",
    "replay": "Rehearses remembered decisions of earlier tasks.",
    "clear": "Replays stretches of past experience, and is trained to decide as it did then.",
    "l2": "Holds every weight near where it was after each task.",
    "ewc": "Holds the weights that mattered to earlier tasks.",
    "online_ewc": "As EWC, with a single importance for each weight, which decays.",
    "si": "Holds weights by how much they helped while learning.",
    "lwf": "Keeps deciding as before on new sentences; stores nothing.",
    "agem": "Turns each learning step so that it does not hurt memories.",
    "packnet": "Gives each task a share of the weights, then freezes it.",
    "adapters": "Gives each task a small module of its own.",
    "progress_compress": "Learns in a fresh copy, then folds it into the old one.",
    "ppo": "Learns from each stretch of experience several times, in small, safe steps.",
    "reinforce": "Makes actions likelier by what the rest of the episode earned.",
    "a2c": "Takes one step a stretch of experience, judged by the value it expected.",
    "grpo": "Compares whole episodes with one another, without expecting a value.",
    "dqn": "Learns what each action is worth, from steps that it keeps.",
    "q_learning": "A table of what each action is worth if the best ones follow.",
    "sarsa": "A table of what each action is worth as the agent really acts.",
    "random": "Acts at random and never learns, to compare with.",
    "reptile": "Moves the start towards where learning each member leads.",
    "fomaml": "Moves the start so that learning a member takes fewer steps.",
    "episodic": "Keeps a uniform sample of past decisions.",
    "transformer": "The language model of this lab, small, from scratch or with a start.",
    "pretrained": "A language model that was trained before on much text.",
    "mlp": "A plain network without language, to compare with.",
    "table": "A row of numbers for each sentence, nothing shared, to compare with.",
}
"""What each part of an agent does, in one plain sentence; the docstring of its settings has its source."""


def strategy_title(name: str) -> str:
    """Return the title of a strategy or another part; of a pair, such as `ewc+replay`, both titles."""
    titles = [tr(TITLES.get(part, part.replace("_", " ").capitalize())) for part in name.split(JOIN)]
    return f" {JOIN} ".join(titles)


def part_summary(name: str) -> str:
    """Return what a part of an agent does in a plain sentence, for a pair two; empty if unknown."""
    return "\n".join(tr(SUMMARIES[part]) for part in name.split(JOIN) if part in SUMMARIES)


def source_text(kind: type) -> str:
    """Return the translated first line of a config class's docstring: the method's technical name and its paper."""
    return tr((kind.__doc__ or "").strip().splitlines()[0])
