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

MAX_WORD_LENGTH = 32
"""Letters of the longest word in a known sentence, for the bounds of the observation space."""
NO_ENTRY = -1
"""An id that no entry has."""


def with_retrieval(world: World, knowledge: KnowledgeBase | None, task_id: int) -> World:
    """Wrap `world` so that its observations begin with retrieved knowledge; without a base, return it as it is."""
    return world if knowledge is None else KnowledgeWrapper(world, knowledge, task_id)


class KnowledgeWrapper(WorldWrapper):
    """Prepends retrieved sentences to each observation: `you know : ... . house . go to the apple .`.

    Actions, rewards and episode ends are those of the wrapped environment. The facts that it states are added to the
    base. Retrieval is repeated at the start of an episode, after a new fact, when the instruction changes, and when the
    user edits the base. At the end of an episode, its score is added as evidence on all retrieved entries.
    """

    def __init__(self, world: World, knowledge: KnowledgeBase, task_id: int) -> None:
        super().__init__(world)
        self.knowledge, self._task_id = knowledge, task_id
        own, max_length = world.observation_space, MAX_WORD_LENGTH * knowledge.config.max_words
        letters = frozenset(printable + OPENING) | own.character_set
        self.observation_space = spaces.Text(own.max_length + max_length, charset=letters)
        self.prompt_text = ""
        """The observation of the wrapped environment."""
        self._begin()

    @property
    def recalled(self) -> tuple[KnowledgeEntry, ...]:
        """The entries before the current observation."""
        return self.knowledge.known(self._recalled)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the wrapped environment, and those that introduce known sentences."""
        return distinct_words(*self.inside.words, OPENING)

    def set_request(self, request: Request | None) -> tuple[str, bool]:
        """Replace the goal of the wrapped environment, and retrieve entries for the new observation.

        Returns that observation, with the entries before it, and whether the request is fulfilled already.
        """
        text, is_fulfilled = self.inside.set_request(request)
        return self._read(text), is_fulfilled

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode, without the facts of the last one."""
        super().reset(seed=seed)
        text, info = self.inside.reset(seed=seed, options=options)
        self._begin()
        self.knowledge.context.episode += 1
        return self._read(text), info

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act in the wrapped environment; at the end of the episode, add its score as evidence."""
        text, reward, terminated, truncated, info = self.inside.step(action)
        text = self._read(text)
        if terminated or truncated:
            self._add_outcome(float(info["score"]))
        return text, float(reward), terminated, truncated, info

    def get_state(self) -> dict[str, Any]:
        """Return the state of the wrapped environment, and the facts and retrieved entries of this episode."""
        own = {name: getattr(self, f"_{name}") for name in ("valid", "recalled", "used", "query", "version")}
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
        self._query, self._version = state["query"], state["version"]
        self._valid.clear()
        self._valid.update(state["valid"])
        self._recalled[:], self._used[:] = state["recalled"], state["used"]

    def _begin(self) -> None:
        self._valid: dict[str, int] = {}
        """By subject: id of the entry that holds in this episode; a later fact replaces an earlier one."""
        self._recalled: list[int] = []
        """Ids of the entries before the current observation."""
        self._used: list[int] = []
        """Ids of all entries that were retrieved in this episode."""
        self._query = ""
        """The instruction of the last retrieval."""
        self._version = -1
        """The base's version at the last retrieval."""

    def _read(self, text: str) -> str:
        """Add the facts of an observation, repeat the retrieval if its result may differ, and return the prompt."""
        self.prompt_text, self.instruction = text, self.inside.instruction
        is_new = self._add_facts() or self._query != self.instruction or self._version != self.knowledge.version
        if is_new:
            self._query, self._version = self.instruction, self.knowledge.version
            found = self.knowledge.recall(self.instruction or text, self._valid.values())
            self._recalled = [entry.id for entry in found]
            unused = [id_ for id_ in self._recalled if id_ not in self._used]
            self._used += unused
            self.knowledge.count_use(unused)
        return with_knowledge(text, self.recalled, self.knowledge.config.max_words)

    def _add_facts(self) -> bool:
        """Add the facts that the environment states now; return whether any is new in this episode."""
        before = dict(self._valid)
        for fact in self.inside.facts():
            current = self.knowledge.known([self._valid.get(fact.subject, NO_ENTRY)])
            if not current or current[0].sentence != fact.sentence:
                self._valid[fact.subject] = self.knowledge.add_fact(fact, self._task_id)
        return before != self._valid

    def _add_outcome(self, score: float) -> None:
        self.knowledge.add_outcome(self._used, self._task_id, score)
        if self.instruction:
            self.knowledge.add_summary(self.instruction, score, self._task_id)
