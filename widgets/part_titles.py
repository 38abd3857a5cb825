"""What people call the parts of an agent."""

from __future__ import annotations

from agents.strategy_pair import JOIN
from widgets.words import tr

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
"""Names of parts for people; one without a row here is called by its key."""

STRATEGY_SAYS = {
    "naive": "Nothing guards old skills; the baseline to compare with.",
    "joint": "Learns all tasks at once, to compare with.",
    "replay": "Rehearses remembered moments of earlier tasks.",
    "clear": "Replays stretches of its whole life and decides as it did then.",
    "l2": "Holds every weight near where it was after each task.",
    "ewc": "Holds the weights that mattered to earlier tasks.",
    "online_ewc": "As EWC, with one measure of what mattered, which fades.",
    "si": "Holds weights by how much they helped while learning.",
    "lwf": "Keeps deciding as before on new sentences; stores nothing.",
    "agem": "Turns each learning step so that it does not hurt memories.",
    "packnet": "Gives each task a share of the weights, then freezes it.",
    "adapters": "Gives each task a small module of its own.",
    "progress_compress": "Learns in a fresh copy, then folds it into the old one.",
}
"""What each strategy against forgetting does, in one plain sentence."""


def strategy_title(name: str) -> str:
    """Return what people call the strategy (or another part) `name`; a pair, such as `ewc+replay`, by both names."""
    titles = [tr(TITLES.get(part, part.replace("_", " ").capitalize())) for part in name.split(JOIN)]
    return f" {JOIN} ".join(titles)
