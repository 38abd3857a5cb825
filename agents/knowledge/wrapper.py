"""An environment wrapper that puts retrieved knowledge before each observation."""

from __future__ import annotations

from collections.abc import Mapping
from string import printable
from typing import Any

from gymnasium import spaces

from agents.events import KnowledgeEntry
from agents.knowledge.knowledge_base import KnowledgeBase
from agents.knowledge.prompt import OPENING, with_knowledge
from envs import World
from envs.requests import Request
from envs.words import distinct_words
from envs.wrapper import WorldWrapper

LONGEST_WORD = 32
"""Letters that a word of what is known is expected to have at most."""
NOTHING = -1
"""No entry has this id."""


def with_retrieval(world: World, knowledge: KnowledgeBase | None, task_id: int) -> World:
    """Return `world` as an agent reads it that knows this; the very same world if it has no knowledge base."""
    return world if knowledge is None else KnowledgeWrapper(world, knowledge, task_id)


class KnowledgeWrapper(WorldWrapper):
    """Another world, whose sentences begin with what the agent knows: `you know : ... . house . go to the apple .`.

    One sees, does and earns what the world inside brings. What that tells as a fact is written down; the base is asked
    when an episode begins, when something new is told or asked for, and when a person has changed what is known. When
    the episode ends, its score is evidence on whatever was read in it.
    """

    def __init__(self, world: World, knowledge: KnowledgeBase, task_id: int) -> None:
        super().__init__(world)
        self.knowledge, self._task_id = knowledge, task_id
        own, most = world.observation_space, LONGEST_WORD * knowledge.config.max_words
        letters = frozenset(printable + OPENING) | own.character_set
        self.observation_space = spaces.Text(own.max_length + most, charset=letters)
        self.prompt_text = ""
        """The sentence of the world inside."""
        self._begin()

    @property
    def recalled(self) -> tuple[KnowledgeEntry, ...]:
        """What is known that stands before the sentence at hand."""
        return self.knowledge.known(self._recalled)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the world inside, and those before what is known."""
        return distinct_words(*self.inside.words, OPENING)

    def ask(self, request: Request | None) -> tuple[str, bool]:
        """Ask the world inside for something else; what is known of that then stands before its sentence."""
        text, is_fulfilled = self.inside.ask(request)
        return self._read(text), is_fulfilled

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode, of which nothing is known but what holds in all of them."""
        super().reset(seed=seed)
        text, info = self.inside.reset(seed=seed, options=options)
        self._begin()
        self.knowledge.occasion.episode += 1
        return self._read(text), info

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act in the world inside; at the end of the episode, learn from how it went."""
        text, reward, terminated, truncated, info = self.inside.step(action)
        text = self._read(text)
        if terminated or truncated:
            self._learn(float(info["score"]))
        return text, float(reward), terminated, truncated, info

    def get_state(self) -> dict[str, Any]:
        """Return the state of the world inside, and what was told and read in this episode."""
        own = {name: getattr(self, f"_{name}") for name in ("holding", "recalled", "used", "asked", "edition")}
        return {
            "inside": self.inside.get_state(),
            "prompt_text": self.prompt_text,
            "instruction": self.instruction,
            **own,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `get_state` was taken."""
        self.inside.set_state(state["inside"])
        self.prompt_text, self.instruction = state["prompt_text"], state["instruction"]
        self._asked, self._edition = state["asked"], state["edition"]
        self._holding.clear()
        self._holding.update(state["holding"])
        self._recalled[:], self._used[:] = state["recalled"], state["used"]

    def _begin(self) -> None:
        self._holding: dict[str, int] = {}
        """By subject: the entries that hold in this episode; what is told later takes the place of what was before."""
        self._recalled: list[int] = []
        self._used: list[int] = []
        self._asked = ""
        self._edition = -1

    def _read(self, text: str) -> str:
        """Write down what is told, ask for what is known where that may have changed, and put it before the text."""
        self.prompt_text, self.instruction = text, self.inside.instruction
        is_new = self._hear() or self._asked != self.instruction or self._edition != self.knowledge.edition
        if is_new:
            self._asked, self._edition = self.instruction, self.knowledge.edition
            found = self.knowledge.recall(self.instruction or text, self._holding.values())
            self._recalled = [entry.id for entry in found]
            unused = [id_ for id_ in self._recalled if id_ not in self._used]
            self._used += unused
            self.knowledge.use(unused)
        return with_knowledge(text, self.recalled, self.knowledge.config.max_words)

    def _hear(self) -> bool:
        """Write down what the sentence at hand tells; return whether any of it is new in this episode."""
        before = dict(self._holding)
        for fact in self.inside.facts():
            held = self.knowledge.known([self._holding.get(fact.subject, NOTHING)])
            if not held or held[0].sentence != fact.sentence:
                self._holding[fact.subject] = self.knowledge.add_fact(fact, self._task_id)
        return before != self._holding

    def _learn(self, score: float) -> None:
        self.knowledge.judge(self._used, self._task_id, score)
        if self.instruction:
            self.knowledge.sum_up(self.instruction, score, self._task_id)
