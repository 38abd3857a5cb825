"""A small environment that states a rule once, and empty knowledge bases."""

import numpy as np
import pytest
from gymnasium import spaces

from agents.config.agent import KnowledgeConfig
from agents.knowledge.knowledge_base import KnowledgeBase
from agents.knowledge.ngram_encoder import HashedNgrams
from envs import Fact, World
from envs.words import distinct_words, sentence_space

TEMPLATE = "the {thing} belongs in the {place}"
THINGS, PLACES = ("apple", "ball", "cup"), ("drawer", "basket")


def rule(thing, place, passing=True):
    return Fact(TEMPLATE, {"thing": thing, "place": place}, "place", passing)


class Errand(World):
    """The first observation states where a thing belongs; the second action must name that place."""

    actions = PLACES

    def __init__(self):
        self.action_space = spaces.Discrete(len(PLACES))
        self.observation_space = sentence_space(self.words, 200)
        self._rng = np.random.default_rng(0)
        self._begin()

    @property
    def words(self):
        return distinct_words("errand . belongs in the put away", *THINGS, *PLACES)

    def _begin(self):
        self.thing = THINGS[self._rng.integers(len(THINGS))]
        self.place = PLACES[self._rng.integers(len(PLACES))]
        self.time = 0
        self.instruction = f"put the {self.thing} away"

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._begin()
        return self._sentence(), {}

    def facts(self):
        return () if self.time else (rule(self.thing, self.place),)

    def step(self, action):
        self.time += 1
        ended = self.time == 2
        right = ended and PLACES[action] == self.place
        return self._sentence(), float(right), ended, False, {"score": float(right)} if ended else {}

    def _sentence(self):
        fact = "" if self.time else f" the {self.thing} belongs in the {self.place} ."
        return f"errand . {self.instruction} .{fact}"

    def picture_state(self):
        return {"thing": self.thing}

    def draw(self, state, size, *, dark=False, blend=1.0):
        return np.zeros((size, size, 3), dtype=np.uint8)

    def get_state(self):
        return {"episode": [self.thing, self.place, self.time], "rng": self._rng.bit_generator.state}

    def set_state(self, state):
        self.thing, self.place, self.time = state["episode"]
        self.instruction = f"put the {self.thing} away"
        self._rng.bit_generator.state = state["rng"]


@pytest.fixture
def base():
    """Create a knowledge base with the given settings."""
    return lambda **settings: KnowledgeBase(KnowledgeConfig(**{"max_entries": 100, **settings}), HashedNgrams())


@pytest.fixture(name="rule")
def _rule():
    return rule


@pytest.fixture(scope="session")
def errand():
    return Errand
