"""A house of several rooms: chores with sub-goals, and rules that hold for an episode."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from gymnasium import spaces

from envs import Fact, Picture, PictureState, World
from envs.household.chores import CHORES, ChoreName, subgoals
from envs.household.direction_words import DIRECTION_WORDS
from envs.household.episode_setup import EpisodeSetup, set_up_episode
from envs.household.floor_plan import CARRIED, FURNITURE, NOTE, FloorPlan, plan
from envs.household.instructions import Instruction, as_request, instructions, parse
from envs.household.observation import describe_scene
from envs.household.rules import RULE_WORDS, into, is_broken, rule_as_fact
from envs.household.scene import Act, ActKind, HouseScene, fulfils, is_single_act, is_within, perform
from envs.household.several_rooms_picture import paint
from envs.options import RoomsOptions, RulesOptions
from envs.random_integers import RandomIntegers
from envs.requests import Request
from envs.words import distinct_words, sentence_space

STEP_COST = 0.01
NEEDS_HELD = ("put", "wash")
"""Verbs of requests that are feasible only for the held thing."""


class HouseholdRooms(World):
    """A house of two to four rooms with a fridge, a cupboard and a table, and perhaps a drawer and a basket.

    Observation: a sentence with the goal, the held thing, the room, the furniture and the things in it, and
    where the goal's thing is:
    `home . put the apple on the table . you are in the kitchen . fridge closed . apple in drawer .`
    Actions: direction words, which lead through doors, and acts with their object, such as `open the fridge`
    or `put on the table`. Walls stop a step; the agent can't reach into closed furniture or another room; taking
    a second thing lays the first on the floor; an act without effect just costs the step.
    Rewards: 1 in all. `subgoal_share` of it is for the sub-goals in equal parts, each the first time, the rest
    for success. If `subgoal_share` is above 0, each step costs 0.01.
    An episode ends with success or a broken rule, or is cut off after `max_episode_steps` steps. The score is 1
    or 0, and `info["subgoals"]` says which sub-goals were reached.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}  # noqa: RUF012 - Gymnasium declares it a plain dict
    render_mode = "rgb_array"

    def __init__(self, options: RoomsOptions, *, chore: ChoreName) -> None:
        self.options = options
        self.house = plan(options.rooms)
        self._chore, self._name = CHORES[chore], chore
        self._limit = options.max_episode_steps or self._chore.limit
        self._has_rule = chore == "rules"
        self._rule_shown = options.rule_shown if isinstance(options, RulesOptions) else ""
        self.acts = self._possible_acts()
        self.actions = tuple(_phrase(act) for act in self.acts)
        self._checkable_instructions = tuple(
            instruction for instruction in instructions(self.house) if is_single_act(instruction, self.acts)
        )
        self.checkable = tuple(instruction.text() for instruction in self._checkable_instructions)
        self.action_space = spaces.Discrete(len(self.actions))
        self.observation_space = sentence_space(self.words, max_length=480)
        self._rng = RandomIntegers(self.np_random)
        self._begin_episode()

    def _possible_acts(self) -> tuple[Act, ...]:
        names: Mapping[ActKind, tuple[str, ...]] = {
            "open": self.house.lids,
            "close": ("fridge",),
            "take": CARRIED,
            "put": self.house.places,
        }
        acts = (*self._chore.acts, *(("read",) if self._rule_shown == "note" else ()))
        walks = [Act("walk", direction=direction) for direction in range(len(DIRECTION_WORDS))]
        return (*walks, *(Act(kind, name) for kind in acts for name in names.get(kind, ("",))))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word of the world's sentences and action phrases."""
        asks = [instruction.text() for instruction in instructions(self.house)]
        rule = RULE_WORDS if self._has_rule else ""
        frame = "home . and you hold are in on here closed open sink dirty clean warm cold"
        return distinct_words(frame, *asks, *self.house.places, *CARRIED, *self.actions, rule)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin an episode in a newly furnished house, as Gymnasium specifies."""
        if seed is not None:
            super().reset(seed=seed)
            self._rng = RandomIntegers(self.np_random)
        self._begin_episode()
        return self._sentence(), {}

    def _begin_episode(self) -> None:
        self._start_from(set_up_episode(self._name, self.options, self._rng))

    def _start_from(self, setup: EpisodeSetup) -> None:
        self._setup = setup
        self.scene, self.goals, self.rule = setup.scene, setup.goals, setup.rule
        self.subgoals = subgoals(setup.scene, setup.goals)
        self.done = [False] * len(self.subgoals)
        self._came_from, self._last_phrase, self._steps = setup.scene.here, "", 0
        self._requested: Instruction | None = None
        self.instruction = self._goal()

    def _goal(self) -> str:
        """Return the instruction of the episode's own goal."""
        if self._has_rule:
            return f"put the {self.goals[0].thing} away"
        return " and ".join(goal.text() for goal in self.goals)

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take an action, as Gymnasium specifies."""
        self._last_phrase, self._came_from = self.actions[action], self.scene.here
        self.scene = perform(self.scene, self.house, self.acts[action])
        if self._requested is not None:
            return self._sentence(), 0.0, False, False, {"fulfilled": self.fulfils(self._requested)}
        self._steps += 1
        share = self.options.subgoal_share
        reward = share * self._reach_subgoals() / len(self.subgoals) - (STEP_COST if share else 0.0)
        success = all(self.fulfils(goal) for goal in self.goals)
        is_rule_broken = self._has_rule and is_broken(self.scene.place(self.goals[0].thing), self.goals[0])
        terminated = success or is_rule_broken
        truncated = not terminated and self._steps >= self._limit
        if success:
            reward += 1 - share
        info = self._final_info(success) if terminated or truncated else {}
        return self._sentence(), reward, terminated, truncated, info

    def _reach_subgoals(self) -> int:
        reached_before = sum(self.done)
        for index, subgoal in enumerate(self.subgoals):
            is_ready = all(self.done[earlier] for earlier in subgoal.after)
            self.done[index] = self.done[index] or (is_ready and fulfils(self.scene, subgoal.instruction))
        return sum(self.done) - reached_before

    def _final_info(self, success: bool) -> dict[str, Any]:
        reached = [[subgoal.instruction.text(), done] for subgoal, done in zip(self.subgoals, self.done, strict=True)]
        return {"score": float(success), "subgoals": reached}

    def fulfils(self, instruction: Instruction | str) -> bool:
        """Return whether an instruction is fulfilled now."""
        instruction = parse(instruction) if isinstance(instruction, str) else instruction
        return fulfils(self.scene, instruction)

    def feasible_requests(self) -> tuple[bool, ...]:
        """Return for each of `checkable` whether it is unfulfilled and its thing is in the house, or held if needed."""
        here = {"", *(thing for thing, _ in self.scene.where)}
        return tuple(
            instruction.thing in ({self.scene.held} if instruction.verb in NEEDS_HELD else here)
            and not fulfils(self.scene, instruction)
            for instruction in self._checkable_instructions
        )

    def instructions(self) -> tuple[Instruction, ...]:
        """Return every instruction of this house, with the things in it, that is not fulfilled yet."""
        things = tuple(thing for thing, _ in self.scene.where)
        return tuple(
            instruction for instruction in instructions(self.house, things) if not fulfils(self.scene, instruction)
        )

    def requests(self) -> tuple[Request, ...]:
        """Return every instruction of this house, with the things in it, that its actions can fulfil."""
        fulfillable = _possible_instructions(
            self.house, tuple(sorted(thing for thing, _ in self.scene.where)), self.acts
        )
        return tuple(as_request(instruction, fulfils(self.scene, instruction)) for instruction in fulfillable)

    def set_request(self, request: Request | None) -> tuple[str, bool]:
        """Replace the episode's goal by a request; None restores the goal."""
        self._requested = None if request is None else parse(request.text)
        self.instruction = self._goal() if request is None else request.text
        goals = self.goals if self._requested is None else (self._requested,)
        return self._sentence(), all(self.fulfils(goal) for goal in goals)

    def _sentence(self) -> str:
        rule = f" {self.rule} ." if self.rule and self._is_rule_stated() else ""
        return f"home . {self.instruction} .{rule}" + describe_scene(
            self.scene, self.house, self._targets(), self._aspects()
        )

    def _targets(self) -> tuple[str, ...]:
        """Return the things of the request; those of the episode's goals if it names none."""
        if self._requested is not None and self._requested.thing:
            return (self._requested.thing,)
        return tuple(goal.thing for goal in self.goals)

    def facts(self) -> tuple[Fact, ...]:
        """Return the rule if the current sentence states it."""
        if not (self.rule and self._is_rule_stated()):
            return ()
        return (rule_as_fact(self.rule, self.goals[0]),)

    def _is_rule_stated(self) -> bool:
        match self._rule_shown:
            case "once":
                return self._steps == 0
            case "note":
                return self._last_phrase == "read" and self.scene.here == NOTE
        return self._rule_shown == "always"

    def _aspects(self) -> tuple[str, ...]:
        """Return the optional parts of the sentences: see `describe_scene`."""
        note = ("note",) if self._rule_shown == "note" else ()
        located = ("located",) if self.options.location_shown else ()
        return (*self._chore.aspects, *note, *located)

    def picture_state(self) -> PictureState:
        """Return the scene, and the last step."""
        return {
            **self.scene.as_data(),
            "rooms": self.options.rooms,
            "came_from": self._came_from,
            "last_action": self._last_phrase,
            "targets": list(self._targets()),
            "done": list(self.done),
            "success": all(self.fulfils(goal) for goal in self.goals),
            "marks": list(self._aspects()),
        }

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the floor plan, (size, size, 3)."""
        return paint(self.picture_state() if picture_state is None else picture_state, size, dark=dark, blend=blend)

    def get_state(self) -> dict[str, Any]:
        """Return the episode's setup, the scene, and the random generator's state."""
        return {
            "dealt": self._setup.as_data(),
            "scene": self.scene.as_data(),
            "done": list(self.done),
            "came_from": self._came_from,
            "last_action": self._last_phrase,
            "steps": self._steps,
            **({} if self._requested is None else {"request": self._requested.text()}),
            "rng": self._rng.get_state(),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state from `get_state`."""
        self._start_from(EpisodeSetup.from_data(state["dealt"]))
        self.scene = HouseScene.from_data(state["scene"])
        self.done = list(state["done"])
        self._came_from, self._last_phrase, self._steps = state["came_from"], state["last_action"], state["steps"]
        self._rng.set_state(state["rng"])
        if "request" in state:
            self.set_request(as_request(parse(state["request"]), is_fulfilled=False))


@lru_cache(maxsize=256)
def _possible_instructions(house: FloorPlan, things: tuple[str, ...], acts: tuple[Act, ...]) -> tuple[Instruction, ...]:
    return tuple(instruction for instruction in instructions(house, things) if is_within(instruction, acts))


def _phrase(act: Act) -> str:
    if act.kind == "walk":
        return DIRECTION_WORDS[act.direction]
    if act.kind == "put":
        return f"put {into(act.name)}"
    return f"{act.kind} the {act.name}" if act.name in {*CARRIED, *FURNITURE} else act.kind
