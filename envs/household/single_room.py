"""A small house: walk, open, take, put and light the lamp, on request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from gymnasium import spaces

from envs import Picture, PictureState, World
from envs.household.direction_words import DIRECTION_WORDS, Speech, house
from envs.household.errands import as_request, errands, meant
from envs.household.goals import GOALS, THINGS, Goal, Name
from envs.household.grid import offset_words, room
from envs.household.single_room_picture import paint
from envs.options import HouseholdOptions, WordsOptions
from envs.random_integers import RandomIntegers
from envs.requests import Request
from envs.words import distinct_words, sentence_space

NEARER = 0.1
"""Shaping: what one step towards the goal is worth."""
STEP_COST = 0.01
TRAIL = 8
"""How many of the last cells a moment keeps."""


class Household(World):
    """A room of `size` by `size` cells with an agent, a few things, and sometimes a fridge, basket or lamp.

    One sees a sentence: the house, the request, and where each thing lies, seen from the
    agent: `house . go to the apple . apple two left one up .`
    One says a direction word, or one of the acts that the goal needs. What the direction
    words mean depends on the house. A wall stops a step; `take` lifts only what was asked
    for; `put` lays down what is held; every other vain act just costs the step.
    One earns 1 for success. When shaped, each step also costs 0.01 and pays 0.1 for every
    step by which the rest of the best plan gets shorter (potential-based shaping, Ng,
    Harada & Russell, 1999, undiscounted).
    It ends with success, or is cut off after `max_episode_steps` steps. The score is 1 or 0.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}  # noqa: RUF012 - Gymnasium declares it a plain dict
    render_mode = "rgb_array"

    def __init__(self, options: HouseholdOptions, *, goal: Name, speech: Speech = "plain") -> None:
        self.options = options
        self._name: Name = goal
        self._own: Goal = GOALS[goal]
        """What its episodes ask for; `_goal` differs from it while a person asks for something else."""
        self._goal = self._own
        self._house = house(speech, options.member if isinstance(options, WordsOptions) else 0)
        self._room = room(options.size)
        self._limit = options.max_episode_steps or 4 * (options.size - 1) * (2 if self._goal.into else 1)
        self.actions = (*DIRECTION_WORDS, *self._own.acts)
        self.action_space = spaces.Discrete(len(self.actions))
        self.observation_space = sentence_space(self.words, max_length=320)
        self._rng = RandomIntegers(self.np_random)
        self._deal()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word of the world's sentences and action phrases."""
        goal = self._own
        things = " ".join((*THINGS, goal.target, goal.into))
        told = f"{offset_words(self.options.size)} you hold the {' '.join(goal.states)}"
        ask = goal.ask.format(thing="")
        return distinct_words(self._house.name, ".", ask, things, told, *self.actions)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Furnish the room anew."""
        if seed is not None:
            super().reset(seed=seed)
            self._rng = RandomIntegers(self.np_random)
        self._deal()
        return self._sentence(), {}

    def _deal(self) -> None:
        pick = self._rng.pick
        loose = list(THINGS)
        self._goal, self._asked, self._asked_steps = self._own, "", 0
        self._target = self._goal.target or loose.pop(pick(len(loose)))
        self._cell = pick(len(self._room.distance))
        far = self._room.far[self._cell]
        self._cells = {self._target: far[pick(len(far))]}
        while len(self._cells) < self.options.objects:
            self._place(loose.pop(pick(len(loose))))
        if self._goal.into:
            self._place(self._goal.into)
        self._dealt = self._target
        self._trail = [self._cell]
        self._facing = 2
        self._said = ""
        self._held = self._finished = False
        self._plan()

    def _place(self, name: str) -> None:
        taken = {self._cell, *self._cells.values()}
        while (cell := self._rng.pick(len(self._room.distance))) in taken:
            pass
        self._cells[name] = cell

    def _plan(self) -> None:
        """Find where to walk next, what remains to be done from there, and what does not change on the way."""
        goal, into, target = self._goal, self._goal.into, self._target
        self._aim = self._cells[into if into and self._held else target]
        self._after = 0 if self._finished else len(goal.acts)
        if into and not self._finished:
            self._after = 1 if self._held else 2 + self._room.distance[self._cells[target]][self._cells[into]]
        self._left = self._room.distance[self._cell][self._aim] + self._after
        self.instruction = goal.ask.format(thing=target)
        holding = f" you hold the {target} ." if self._held else ""
        self._opening = f"{self._house.name} . {self.instruction} .{holding}"
        self._told = [
            (f" {name}{goal.states[self._finished] if name == target else ''}", self._cells[name])
            for name in (*THINGS, goal.target, into)
            if name in self._cells and not (self._held and name == target)
        ]

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Say a word and see what it does."""
        self._said = self.actions[action]
        left = self._left
        if action < 4:
            self._facing = facing = self._house.meanings[action]
            self._cell = cell = self._room.moves[facing][self._cell]
            self._left = self._room.distance[cell][self._aim] + self._after
        elif self._act(self._said):
            self._plan()
        self._trail.append(self._cell)
        success = self._left == 0
        if self._asked:
            self._asked_steps += 1
            return self._sentence(), 0.0, False, False, {"asked": success}
        reward = float(success)
        if self.options.shaped:
            reward += NEARER * (left - self._left) - STEP_COST
        truncated = not success and len(self._trail) - self._asked_steps > self._limit
        info = {"score": float(success)} if success or truncated else {}
        return self._sentence(), reward, success, truncated, info

    def _act(self, word: str) -> bool:
        """Try to take, put, open or switch; return whether anything changed."""
        if word not in self._goal.acts:
            return False
        if word == "put":
            if not self._held:
                return False
            self._held = False
            self._cells[self._target] = self._cell
            self._finished = self._cell == self._cells[self._goal.into]
            return True
        if self._held or self._cell != self._cells[self._target]:
            return False
        self._held = word == "take"
        self._finished = word == self._goal.acts[-1]
        return True

    def requests(self) -> tuple[Request, ...]:
        """Return what the actions of this house can bring about, with the things and the furniture that are in it."""
        own = self._own
        possible = errands(own.acts, own.target or own.into, self._cells)
        return tuple(as_request(errand, self._is_so(*errand)) for errand in possible)

    def _is_so(self, name: Name, thing: str) -> bool:
        goal, held = GOALS[name], self._held and thing == self._target
        if goal.into:
            return not held and self._cells[thing] == self._cells[goal.into]
        if goal.target:
            return self._finished
        return held if goal.acts else self._cell == self._cells[thing] or held

    def ask(self, request: Request | None) -> tuple[str, bool]:
        """Ask for something else in the goal's place; None: for the goal again. Another thing held is laid down."""
        self._asked = "" if request is None else request.text
        name, thing = meant(request.text) if request else (self._name, self._dealt)
        goal = GOALS[name]
        if self._held and (thing != self._target or "take" not in goal.acts):
            self._held, self._cells[self._target] = False, self._cell
        self._goal, self._target = goal, thing
        if not self._own.target:
            self._finished = self._is_so(name, thing) and bool(goal.acts)
        self._plan()
        return self._sentence(), self._left == 0

    def _sentence(self) -> str:
        offsets = self._room.offsets[self._cell]
        return self._opening + "".join([name + offsets[cell] for name, cell in self._told])

    def picture_state(self) -> PictureState:
        """Where everything is, and the last few steps."""
        return {
            "size": self._room.size,
            "house": self._house.name,
            "meanings": list(self._house.meanings),
            "cells": dict(self._cells),
            "target": self._target,
            "held": self._held,
            "finished": self._finished,
            "done": self._left == 0,
            "trail": list(self._trail[-TRAIL:]),
            "facing": self._facing,
            "said": self._said,
        }

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the room from above."""
        return paint(self.picture_state() if picture_state is None else picture_state, size, dark=dark, blend=blend)

    def get_state(self) -> dict[str, Any]:
        """Return the room, the walk so far and the dice."""
        return {
            "cells": dict(self._cells),
            "target": self._target,
            "held": self._held,
            "finished": self._finished,
            "trail": list(self._trail),
            "facing": self._facing,
            "said": self._said,
            **({"asked": [self._asked, self._dealt, self._asked_steps]} if self._asked_steps or self._asked else {}),
            "rng": self._rng.get_state(),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `get_state` was taken."""
        self._cells = dict(state["cells"])
        self._target, self._held, self._finished = state["target"], state["held"], state["finished"]
        self._trail, self._facing, self._said = list(state["trail"]), state["facing"], state["said"]
        self._cell = self._trail[-1]
        self._rng.set_state(state["rng"])
        self._asked, self._dealt, self._asked_steps = state.get("asked", ("", self._target, 0))
        self._goal = GOALS[meant(self._asked)[0]] if self._asked else self._own
        self._plan()
