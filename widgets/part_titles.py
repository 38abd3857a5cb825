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


def strategy_title(name: str) -> str:
    """Return what people call the strategy (or another part) `name`; a pair, such as `ewc+replay`, by both names."""
    titles = [tr(TITLES.get(part, part.replace("_", " ").capitalize())) for part in name.split(JOIN)]
    return f" {JOIN} ".join(titles)
