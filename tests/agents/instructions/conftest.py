"""A small environment that can check instructions, and an untrained policy for it."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from agents.config.agent import ModelConfig
from agents.instructions import OPENING, writer_task_id
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from envs import World
from envs.words import distinct_words, sentence_space

ENDS = ("left", "right")
LAST = 3
LIMIT = 12


class Corridor(World):
    """Four cells in a row; the goal is to visit both ends within a limited number of steps."""

    actions = ("back", "on")
    checkable = tuple(f"go to the {end}" for end in ENDS)

    def __init__(self):
        self.action_space = spaces.Discrete(2)
        self.observation_space = sentence_space(self.words, 200)
        self._rng = np.random.default_rng(0)
        self._begin()

    @property
    def words(self):
        return distinct_words("corridor . visit both ends at seen 0 1 2 3", *self.checkable, *self.actions)

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            super().reset(seed=seed)
            self._rng = np.random.default_rng(seed)
        self._begin()
        return self._sentence(), {}

    def _begin(self):
        self.position, self.time, self.seen = int(self._rng.integers(1, LAST)), 0, set()
        self.instruction = "visit both ends"

    def step(self, action):
        self.position, self.time = min(max(self.position + (1 if action else -1), 0), LAST), self.time + 1
        self.seen |= {end for end in ENDS if self.fulfils(f"go to the {end}")}
        done = len(self.seen) == len(ENDS)
        ended = done or self.time >= LIMIT
        return self._sentence(), float(done), done, ended and not done, {"score": float(done)} if ended else {}

    def feasible_requests(self):
        return tuple(not self.fulfils(request) for request in self.checkable)

    def fulfils(self, instruction):
        return self.position == (0 if instruction.endswith("left") else LAST)

    def picture_state(self):
        return {"position": self.position}

    def draw(self, state, size, *, dark=False, blend=1.0):
        return np.zeros((size, size, 3), np.uint8)

    def get_state(self):
        rng = self._rng.bit_generator.state
        return {"position": self.position, "time": self.time, "seen": sorted(self.seen), "rng": rng}

    def set_state(self, state):
        self.position, self.time, self.seen = state["position"], state["time"], set(state["seen"])
        self._rng.bit_generator.state = state["rng"]

    def _sentence(self):
        seen = "".join(f" seen {end} ." for end in sorted(self.seen))
        return f"corridor . {self.instruction} . at {self.position} .{seen}"


@pytest.fixture(scope="session")
def corridor():
    """The class of the small environment."""
    return Corridor


@pytest.fixture
def policy():
    """An untrained policy with the corridor as task 0, and its instructions as the writer's actions."""
    settings = ModelConfig(layers=1, width=16, heads=2)
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(settings, generator), generator)
    policy.add_task(0, Corridor.actions, (*Corridor().words, OPENING))
    policy.add_task(writer_task_id(0), Corridor.checkable, ())
    return policy.eval()
