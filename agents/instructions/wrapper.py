"""An environment wrapper whose observations contain the current instruction instead of the goal."""

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
    """The outcome of a step, before any reset."""

    actor_text: str
    """The observation, with the instruction instead of the goal."""
    is_fulfilled: bool
    is_over: bool
    """Whether the instruction is fulfilled or timed out, or the episode has ended."""
    score: float | None
    """The score of the episode, if it has ended."""


def with_instructions(world: World, config: InstructionsConfig) -> World:
    """Wrap `world` for an agent that writes instructions; return it as it is without a writer or checkable requests."""
    return InstructionWrapper(world, config.max_steps) if config.writer != "none" and world.checkable else world


class InstructionWrapper(WorldWrapper):
    """Replaces the goal in each observation by an instruction: `home . open the fridge . you are ...`.

    Actions, rewards and episode ends are those of the wrapped environment. An instruction ends when the environment
    reports it as fulfilled, or after `max_steps` steps; the next one must be written before the next step.
    """

    outcome: StepOutcome
    """Of the last step; kept when the environment is reset."""

    def __init__(self, world: World, max_steps: int) -> None:
        super().__init__(world)
        self._max_steps = max_steps
        own = world.observation_space
        extra_length = max(map(len, world.checkable)) + len(OPENING) + 1
        self.observation_space = spaces.Text(
            own.max_length + extra_length, charset=own.character_set | frozenset(OPENING)
        )
        self._begin("")

    @property
    def is_waiting(self) -> bool:
        """Whether an instruction must be written before the next step."""
        return not (self.written or self._is_paused) and any(self.feasible_requests())

    @property
    def status(self) -> InstructionStatus | None:
        """The last instruction of this episode, and its progress; None before the first."""
        is_fulfilled = None if self.written or not self.age else self.outcome.is_fulfilled
        return InstructionStatus(self._last, "agent", self.age, is_fulfilled) if self._last else None

    @property
    def prompt(self) -> str:
        """The prompt of the writer: the observation, with the goal in it, after the opening."""
        return f"{OPENING} {self._text}"

    @property
    def actor_text(self) -> str:
        """The prompt of the actor: the observation, with the instruction instead of the goal."""
        return self._text.replace(f". {self.instruction} .", f". {self.written} .", 1) if self.written else self._text

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the wrapped environment and of the instructions."""
        return distinct_words(*self.inside.words, *self.checkable, OPENING)

    def longest_sentence(self) -> str:
        """Return the writer's prompt for the longest observation of the wrapped environment."""
        return f"{OPENING} {self.inside.longest_sentence()}"

    def write(self, index: int) -> str:
        """Set `checkable[index]` as the instruction; return the prompt of the actor."""
        self.written = self._last = self.checkable[index]
        self.age = 0
        return self.actor_text

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode, without an instruction; `outcome` is kept."""
        super().reset(seed=seed)
        text, info = self.inside.reset(seed=seed, options=options)
        self._begin(text)
        return text, info

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act in the wrapped environment, and check the instruction; `is_waiting` must be false."""
        self._text, reward, terminated, truncated, info = self.inside.step(action)
        self.instruction = self.inside.instruction
        self.age += 1
        has_ended = terminated or truncated
        is_fulfilled = bool(self.written) and self.inside.fulfils(self.written)
        is_over = is_fulfilled or has_ended or self.age >= self._max_steps
        self.outcome = StepOutcome(self.actor_text, is_fulfilled, is_over, float(info["score"]) if has_ended else None)
        if is_over:
            self.written = ""
        return self.actor_text, float(reward), terminated, truncated, info

    def set_request(self, request: Request | None) -> tuple[str, bool]:
        """Replace the goal by a request of the user, and write no instructions until it is withdrawn with None."""
        self._text, is_fulfilled = self.inside.set_request(request)
        self.instruction, self.written, self._is_paused = self.inside.instruction, "", request is not None
        return self._text, is_fulfilled

    def get_state(self) -> dict[str, Any]:
        """Return the state of the wrapped environment, and of the current instruction."""
        own = {name: getattr(self, f"_{name}") for name in ("text", "last", "is_paused")}
        current = {"instruction": self.instruction, "written": self.written, "age": self.age}
        return {"inside": self.inside.get_state(), **current, **own}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `get_state` was taken."""
        self.inside.set_state(state["inside"])
        self.instruction, self.written, self.age = state["instruction"], state["written"], state["age"]
        self._text, self._last, self._is_paused = state["text"], state["last"], state["is_paused"]

    def _begin(self, text: str) -> None:
        self._text, self.instruction = text, self.inside.instruction
        self.written = ""
        """The current instruction; empty if one must be written."""
        self.age = 0
        """Steps since it was written."""
        self._last = ""
        """The last instruction of the episode, also after it has ended."""
        self._is_paused = False
        """Whether the user's request replaces the goal, so that no instructions are written."""
