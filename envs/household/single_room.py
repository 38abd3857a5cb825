"""A house of one room: go to a thing, open, take, put away, or switch on the lamp."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from gymnasium import spaces

from envs import Picture, PictureState, World
from envs.household.direction_words import DIRECTION_WORDS, Speech, house
from envs.household.errands import as_request, errands, parse_errand
from envs.household.goals import GOALS, THINGS, Goal, Name
from envs.household.grid import offset_words, room
from envs.household.single_room_picture import paint
from envs.options import HouseholdOptions, WordsOptions
from envs.random_integers import RandomIntegers
from envs.requests import Request
from envs.words import distinct_words, sentence_space

SHAPING_REWARD = 0.1
"""Shaping reward of a step towards the goal."""
STEP_COST = 0.01
TRAIL_LENGTH = 8
"""Number of past cells in a picture state."""


class Household(World):
    """A room of `size` by `size` cells with an agent, a few things, and sometimes a fridge, basket or lamp.

    Observation: a sentence with the house, the goal, and the position of each thing relative
    to the agent: `house . go to the apple . apple two left one up .`
    Actions: the four direction words, whose meaning depends on the house, and the acts that
    the goal needs. Walls stop a step; `take` lifts only the goal's thing; `put` lays down the
    held thing; an act without effect just costs the step.
    Rewards: 1 for success. If `shaped`, each step also costs 0.01 and earns 0.1 for every
    step by which the shortest solution gets shorter (potential-based shaping, Ng, Harada &
    Russell, 1999, undiscounted).
    An episode ends with success, or is cut off after `max_episode_steps` steps. The score is
    1 or 0.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}  # noqa: RUF012 - Gymnasium declares it a plain dict
    render_mode = "rgb_array"

    def __init__(self, options: HouseholdOptions, *, goal: Name, speech: Speech = "plain") -> None:
        self.options = options
        self._name: Name = goal
        self._own_goal: Goal = GOALS[goal]
        """The goal of its episodes; `_goal` differs from it while a person's request replaces it."""
        self._goal = self._own_goal
        self._house = house(speech, options.member if isinstance(options, WordsOptions) else 0)
        self._room = room(options.size)
        self._limit = options.max_episode_steps or 4 * (options.size - 1) * (2 if self._goal.into else 1)
        self.actions = (*DIRECTION_WORDS, *self._own_goal.acts)
        self.action_space = spaces.Discrete(len(self.actions))
        self.observation_space = sentence_space(self.words, max_length=320)
        self._rng = RandomIntegers(self.np_random)
        self._begin_episode()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word of the world's sentences and action phrases."""
        goal = self._own_goal
        things = " ".join((*THINGS, goal.target, goal.into))
        clauses = f"{offset_words(self.options.size)} you hold the {' '.join(goal.states)}"
        ask = goal.ask.format(thing="")
        return distinct_words(self._house.name, ".", ask, things, clauses, *self.actions)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode in a newly furnished room, as Gymnasium specifies."""
        if seed is not None:
            super().reset(seed=seed)
            self._rng = RandomIntegers(self.np_random)
        self._begin_episode()
        return self._sentence(), {}

    def _begin_episode(self) -> None:
        pick = self._rng.pick
        free_things = list(THINGS)
        self._goal, self._request_text, self._request_steps = self._own_goal, "", 0
        self._target = self._goal.target or free_things.pop(pick(len(free_things)))
        self._cell = pick(len(self._room.distance))
        far = self._room.far[self._cell]
        self._cells = {self._target: far[pick(len(far))]}
        while len(self._cells) < self.options.objects:
            self._place(free_things.pop(pick(len(free_things))))
        if self._goal.into:
            self._place(self._goal.into)
        self._own_target = self._target
        self._trail = [self._cell]
        self._facing = 2
        self._last_phrase = ""
        self._held = self._finished = False
        self._update_plan()

    def _place(self, name: str) -> None:
        occupied = {self._cell, *self._cells.values()}
        while (cell := self._rng.pick(len(self._room.distance))) in occupied:
            pass
        self._cells[name] = cell

    def _update_plan(self) -> None:
        """Update the next cell to reach, the steps left after it, and the parts of sentences that walking keeps."""
        goal, into, target = self._goal, self._goal.into, self._target
        self._next_cell = self._cells[into if into and self._held else target]
        self._steps_after = 0 if self._finished else len(goal.acts)
        if into and not self._finished:
            self._steps_after = 1 if self._held else 2 + self._room.distance[self._cells[target]][self._cells[into]]
        self._steps_left = self._room.distance[self._cell][self._next_cell] + self._steps_after
        self.instruction = goal.ask.format(thing=target)
        holding = f" you hold the {target} ." if self._held else ""
        self._opening = f"{self._house.name} . {self.instruction} .{holding}"
        self._clauses = [
            (f" {name}{goal.states[self._finished] if name == target else ''}", self._cells[name])
            for name in (*THINGS, goal.target, into)
            if name in self._cells and not (self._held and name == target)
        ]

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take an action, as Gymnasium specifies."""
        self._last_phrase = self.actions[action]
        steps_before = self._steps_left
        if action < 4:
            self._facing = facing = self._house.meanings[action]
            self._cell = cell = self._room.moves[facing][self._cell]
            self._steps_left = self._room.distance[cell][self._next_cell] + self._steps_after
        elif self._act(self._last_phrase):
            self._update_plan()
        self._trail.append(self._cell)
        success = self._steps_left == 0
        if self._request_text:
            self._request_steps += 1
            return self._sentence(), 0.0, False, False, {"fulfilled": success}
        reward = float(success)
        if self.options.shaped:
            reward += SHAPING_REWARD * (steps_before - self._steps_left) - STEP_COST
        truncated = not success and len(self._trail) - self._request_steps > self._limit
        info = {"score": float(success)} if success or truncated else {}
        return self._sentence(), reward, success, truncated, info

    def _act(self, word: str) -> bool:
        """Take, put, open or switch; return whether anything changed."""
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
        """Return every request that the actions of this house can fulfil, with the things and the furniture in it."""
        goal = self._own_goal
        room_errands = errands(goal.acts, goal.target or goal.into, self._cells)
        return tuple(as_request(errand, self._is_fulfilled(*errand)) for errand in room_errands)

    def _is_fulfilled(self, name: Name, thing: str) -> bool:
        goal, held = GOALS[name], self._held and thing == self._target
        if goal.into:
            return not held and self._cells[thing] == self._cells[goal.into]
        if goal.target:
            return self._finished
        return held if goal.acts else self._cell == self._cells[thing] or held

    def set_request(self, request: Request | None) -> tuple[str, bool]:
        """Replace the episode's goal by a request; None restores the goal. Lays down a thing that it does not need."""
        self._request_text = "" if request is None else request.text
        name, thing = parse_errand(request.text) if request else (self._name, self._own_target)
        goal = GOALS[name]
        if self._held and (thing != self._target or "take" not in goal.acts):
            self._held, self._cells[self._target] = False, self._cell
        self._goal, self._target = goal, thing
        if not self._own_goal.target:  # else `_finished` is the state of the furniture, which a request keeps
            self._finished = self._is_fulfilled(name, thing) and bool(goal.acts)
        self._update_plan()
        return self._sentence(), self._steps_left == 0

    def _sentence(self) -> str:
        offsets = self._room.offsets[self._cell]
        return self._opening + "".join([name + offsets[cell] for name, cell in self._clauses])

    def picture_state(self) -> PictureState:
        """Return the positions of everything, and the last few steps."""
        return {
            "size": self._room.size,
            "house": self._house.name,
            "meanings": list(self._house.meanings),
            "cells": dict(self._cells),
            "target": self._target,
            "held": self._held,
            "finished": self._finished,
            "done": self._steps_left == 0,
            "trail": list(self._trail[-TRAIL_LENGTH:]),
            "facing": self._facing,
            "last_action": self._last_phrase,
        }

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the room from above, (size, size, 3)."""
        return paint(self.picture_state() if picture_state is None else picture_state, size, dark=dark, blend=blend)

    def get_state(self) -> dict[str, Any]:
        """Return the state of the room, the path so far, and the random generator's state."""
        return {
            "cells": dict(self._cells),
            "target": self._target,
            "held": self._held,
            "finished": self._finished,
            "trail": list(self._trail),
            "facing": self._facing,
            "last_action": self._last_phrase,
            **(
                {"request": [self._request_text, self._own_target, self._request_steps]}
                if self._request_steps or self._request_text
                else {}
            ),
            "rng": self._rng.get_state(),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state from `get_state`."""
        self._cells = dict(state["cells"])
        self._target, self._held, self._finished = state["target"], state["held"], state["finished"]
        self._trail, self._facing, self._last_phrase = list(state["trail"]), state["facing"], state["last_action"]
        self._cell = self._trail[-1]
        self._rng.set_state(state["rng"])
        self._request_text, self._own_target, self._request_steps = state.get("request", ("", self._target, 0))
        self._goal = GOALS[parse_errand(self._request_text)[0]] if self._request_text else self._own_goal
        self._update_plan()
