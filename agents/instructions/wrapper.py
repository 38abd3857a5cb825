"""An environment wrapper that shows the current instruction in the goal's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gymnasium import spaces

from agents.config.agent import InstructionsConfig
from agents.events import InstructionStatus
from agents.instructions import OPENING
from envs import World
from envs.requests import Request
from envs.words import distinct_words
from envs.wrapper import WorldWrapper


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step led to, before any reset."""

    actor_text: str
    """The sentence, with the instruction in the goal's place."""
    is_fulfilled: bool
    is_over: bool
    """The instruction is fulfilled or given up, or the episode has ended."""
    score: float | None
    """How well the episode went, if it has ended."""


def with_instructions(world: World, config: InstructionsConfig) -> World:
    """Return `world` as it is lived in by an agent that writes instructions; the very same where it writes none."""
    return InstructionWrapper(world, config.max_steps) if config.writer != "none" and world.checkable else world


class InstructionWrapper(WorldWrapper):
    """Another world, whose sentences hold an instruction in the goal's place: `home . open the fridge . you are ...`.

    One sees, does and earns what the world inside brings, and ends with it. An instruction lasts until the world
    says that it is fulfilled, or `patience` steps; then the next one is to be written before a step is taken.
    """

    outcome: StepOutcome
    """What the last step led to."""

    def __init__(self, world: World, patience: int) -> None:
        super().__init__(world)
        self._patience = patience
        own = world.observation_space
        longer = max(map(len, world.checkable)) + len(OPENING) + 1
        self.observation_space = spaces.Text(own.max_length + longer, charset=own.character_set | frozenset(OPENING))
        self._begin("")

    @property
    def is_waiting(self) -> bool:
        """Whether an instruction is to be written before the next step."""
        return not (self.written or self._rests) and any(self.feasible_requests())

    @property
    def status(self) -> InstructionStatus | None:
        """The last instruction of this episode, and how far the agent has come with it; None before the first."""
        is_fulfilled = None if self.written or not self.age else self.outcome.is_fulfilled
        return InstructionStatus(self._last, "agent", self.age, is_fulfilled) if self._last else None

    @property
    def prompt(self) -> str:
        """What the writer reads: the sentence at hand with the goal in it, and the question what to do next."""
        return f"{OPENING} {self._text}"

    @property
    def actor_text(self) -> str:
        """What the actor reads: the sentence at hand, with the instruction in the goal's place."""
        return self._text.replace(f". {self.instruction} .", f". {self.written} .", 1) if self.written else self._text

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the world inside and of what can be written."""
        return distinct_words(*self.inside.words, *self.checkable, OPENING)

    def longest_sentence(self) -> str:
        """Return what the writer reads where the world inside says its longest."""
        return f"{OPENING} {self.inside.longest_sentence()}"

    def write(self, place: int) -> str:
        """Tell the agent to fulfil `checkable[place]` from here on; return what it reads now."""
        self.written = self._last = self.checkable[place]
        self.age = 0
        return self.actor_text

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode, for which nothing is written yet; what the last step led to stays known."""
        super().reset(seed=seed)
        text, info = self.inside.reset(seed=seed, options=options)
        self._begin(text)
        return text, info

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act in the world inside, and see whether the instruction is fulfilled. Nothing may be waited for."""
        self._text, reward, terminated, truncated, info = self.inside.step(action)
        self.instruction = self.inside.instruction
        self.age += 1
        has_ended = terminated or truncated
        is_fulfilled = bool(self.written) and self.inside.fulfils(self.written)
        is_over = is_fulfilled or has_ended or self.age >= self._patience
        self.outcome = StepOutcome(self.actor_text, is_fulfilled, is_over, float(info["score"]) if has_ended else None)
        if is_over:
            self.written = ""
        return self.actor_text, float(reward), terminated, truncated, info

    def ask(self, request: Request | None) -> tuple[str, bool]:
        """Ask the world inside for something else, which stands in the goal's place; meanwhile nothing is written."""
        self._text, is_fulfilled = self.inside.ask(request)
        self.instruction, self.written, self._rests = self.inside.instruction, "", request is not None
        return self._text, is_fulfilled

    def get_state(self) -> dict[str, Any]:
        """Return the state of the world inside, and what is being carried out."""
        own = {name: getattr(self, f"_{name}") for name in ("text", "last", "rests")}
        carried_out = {"instruction": self.instruction, "written": self.written, "age": self.age}
        return {"inside": self.inside.get_state(), **carried_out, **own}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `get_state` was taken."""
        self.inside.set_state(state["inside"])
        self.instruction, self.written, self.age = state["instruction"], state["written"], state["age"]
        self._text, self._last, self._rests = state["text"], state["last"], state["rests"]

    def _begin(self, text: str) -> None:
        self._text, self.instruction = text, self.inside.instruction
        self.written = ""
        """The instruction that is being carried out; empty: one is to be written."""
        self.age = 0
        """Steps taken since it was written."""
        self._last = ""
        self._rests = False
        """Somebody else asks for something meanwhile."""
