"""A small world that checks instructions, and what lives in it."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from agents.config.agent import ModelConfig
from agents.instructions import OPENING, writer_of
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from envs import World
from envs.words import distinct_words, sentence_space

ENDS = ("left", "right")
LAST = 3
LIMIT = 12


class Corridor(World):
    """Four cells in a row; asked to visit both ends, one after the other, or as often as the limit lets one try."""

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
        return self._say(), {}

    def _begin(self):
        self.place, self.time, self.seen = int(self._rng.integers(1, LAST)), 0, set()
        self.instruction = "visit both ends"

    def step(self, action):
        self.place, self.time = min(max(self.place + (1 if action else -1), 0), LAST), self.time + 1
        self.seen |= {end for end in ENDS if self.fulfils(f"go to the {end}")}
        done = len(self.seen) == len(ENDS)
        ended = done or self.time >= LIMIT
        return self._say(), float(done), done, ended and not done, {"score": float(done)} if ended else {}

    def feasible_requests(self):
        return tuple(not self.fulfils(asked) for asked in self.checkable)

    def fulfils(self, instruction):
        return self.place == (0 if instruction.endswith("left") else LAST)

    def picture_state(self):
        return {"place": self.place}

    def draw(self, moment, size, *, dark=False, blend=1.0):
        return np.zeros((size, size, 3), np.uint8)

    def get_state(self):
        rng = self._rng.bit_generator.state
        return {"place": self.place, "time": self.time, "seen": sorted(self.seen), "rng": rng}

    def set_state(self, state):
        self.place, self.time, self.seen = state["place"], state["time"], set(state["seen"])
        self._rng.bit_generator.state = state["rng"]

    def _say(self):
        seen = "".join(f" seen {end} ." for end in sorted(self.seen))
        return f"corridor . {self.instruction} . at {self.place} .{seen}"


@pytest.fixture(scope="session")
def corridor():
    """The class of small worlds."""
    return Corridor


@pytest.fixture
def policy():
    """An untrained agent that has met the corridor as task 0, and what can be written there."""
    settings = ModelConfig(layers=1, width=16, heads=2)
    generator = torch.Generator().manual_seed(0)
    made = LanguagePolicy(Transformer(settings, generator), generator)
    made.add_task(0, Corridor.actions, (*Corridor().words, OPENING))
    made.add_task(writer_of(0), Corridor.checkable, ())
    return made.eval()
