"""A house of several rooms: chores that are made of sub-goals, and rules that hold for an episode."""

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
from envs.household.observation import told
from envs.household.rules import RULE_WORDS, into, is_broken, rule_as_fact
from envs.household.scene import Act, ActKind, HouseScene, fulfils, is_single_act, is_within, perform
from envs.household.several_rooms_picture import paint
from envs.options import RoomsOptions, RulesOptions
from envs.random_integers import RandomIntegers
from envs.requests import Request
from envs.words import distinct_words, sentence_space

STEP_COST = 0.01
HANDLED = ("put", "wash")
"""What is asked of a thing only when it is held."""


class HouseholdRooms(World):
    """A house of two to four rooms with a fridge, a cupboard and a table, and perhaps a drawer and a basket.

    One sees a sentence: the request, what one holds, the room, what stands and lies there, and
    where that is which was asked for:
    `home . put the apple on the table . you are in the kitchen . fridge closed . apple in drawer .`
    One says a direction word, which leads through a door, or an act and what it is done to, such as
    `open the fridge` or `put on the table`. A wall stops a step; what is shut or in another room can't
    be reached; who takes a second thing lays down the first; a vain act just costs the step.
    One earns 1 in all: `subgoal_share` of it for the sub-goals in equal parts, each the first time, the rest for
    success. While sub-goals are paid for, each step costs 0.01.
    It ends with success, with a broken rule, or is cut off after `max_episode_steps` steps. The score is 1 or 0, and
    beside it `info["subgoals"]` says which sub-goals were reached.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}  # noqa: RUF012 - Gymnasium declares it a plain dict
    render_mode = "rgb_array"

    def __init__(self, options: RoomsOptions, *, chore: ChoreName) -> None:
        self.options = options
        self.house = plan(options.rooms)
        self._chore, self._name = CHORES[chore], chore
        self._limit = options.max_episode_steps or self._chore.limit
        self._ruled = chore == "rules"
        self._when_told = options.rule_shown if isinstance(options, RulesOptions) else ""
        self.acts = self._possible_acts()
        self.actions = tuple(_phrase(act) for act in self.acts)
        self._errands = tuple(asked for asked in instructions(self.house) if is_single_act(asked, self.acts))
        self.checkable = tuple(asked.text() for asked in self._errands)
        self.action_space = spaces.Discrete(len(self.actions))
        self.observation_space = sentence_space(self.words, max_length=480)
        self._rng = RandomIntegers(self.np_random)
        self._begin()

    def _possible_acts(self) -> tuple[Act, ...]:
        names: Mapping[ActKind, tuple[str, ...]] = {
            "open": self.house.lids,
            "close": ("fridge",),
            "take": CARRIED,
            "put": self.house.places,
        }
        acts = (*self._chore.acts, *(("read",) if self._when_told == "note" else ()))
        walks = [Act("walk", direction=direction) for direction in range(len(DIRECTION_WORDS))]
        return (*walks, *(Act(kind, name) for kind in acts for name in names.get(kind, ("",))))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word of the world's sentences and action phrases."""
        asks = [asked.text() for asked in instructions(self.house)]
        rule = RULE_WORDS if self._ruled else ""
        frame = "home . and you hold are in on here closed open sink dirty clean warm cold"
        return distinct_words(frame, *asks, *self.house.places, *CARRIED, *self.actions, rule)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Furnish the house anew."""
        if seed is not None:
            super().reset(seed=seed)
            self._rng = RandomIntegers(self.np_random)
        self._begin()
        return self._sentence(), {}

    def _begin(self) -> None:
        self._live(set_up_episode(self._name, self.options, self._rng))

    def _live(self, dealt: EpisodeSetup) -> None:
        self._dealt = dealt
        self.scene, self.goals, self.rule = dealt.scene, dealt.goals, dealt.rule
        self.subgoals = subgoals(dealt.scene, dealt.goals)
        self.done = [False] * len(self.subgoals)
        self._came_from, self._said, self._steps = dealt.scene.here, "", 0
        self._asked: Instruction | None = None
        self.instruction = self._goal()

    def _goal(self) -> str:
        """Return what the episode asks for."""
        if self._ruled:
            return f"put the {self.goals[0].thing} away"
        return " and ".join(goal.text() for goal in self.goals)

    def step(self, action: int) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Say a phrase and see what it does."""
        self._said, self._came_from = self.actions[action], self.scene.here
        self.scene = perform(self.scene, self.house, self.acts[action])
        if self._asked is not None:
            return self._sentence(), 0.0, False, False, {"asked": self.fulfils(self._asked)}
        self._steps += 1
        share = self.options.subgoal_share
        reward = share * self._newly_done() / len(self.subgoals) - (STEP_COST if share else 0.0)
        success = all(self.fulfils(goal) for goal in self.goals)
        broken = self._ruled and is_broken(self.scene.place(self.goals[0].thing), self.goals[0])
        ended = success or broken
        truncated = not ended and self._steps >= self._limit
        if success:
            reward += 1 - share
        return self._sentence(), reward, ended, truncated, self._account(success) if ended or truncated else {}

    def _newly_done(self) -> int:
        before = sum(self.done)
        for number, subgoal in enumerate(self.subgoals):
            ready = all(self.done[earlier] for earlier in subgoal.after)
            self.done[number] = self.done[number] or (ready and fulfils(self.scene, subgoal.instruction))
        return sum(self.done) - before

    def _account(self, success: bool) -> dict[str, Any]:
        reached = [[subgoal.instruction.text(), done] for subgoal, done in zip(self.subgoals, self.done, strict=True)]
        return {"score": float(success), "subgoals": reached}

    def fulfils(self, instruction: Instruction | str) -> bool:
        """Whether that which an instruction asks for is so at this instant."""
        asked = parse(instruction) if isinstance(instruction, str) else instruction
        return fulfils(self.scene, asked)

    def feasible_requests(self) -> tuple[bool, ...]:
        """Return which of `checkable` are not so yet, and about what is in the house, or held if that is needed."""
        here = {"", *(thing for thing, _ in self.scene.where)}
        return tuple(
            asked.thing in ({self.scene.held} if asked.verb in HANDLED else here) and not fulfils(self.scene, asked)
            for asked in self._errands
        )

    def instructions(self) -> tuple[Instruction, ...]:
        """Return every instruction that can be checked from here on: what this house offers and is not so yet."""
        things = tuple(thing for thing, _ in self.scene.where)
        return tuple(asked for asked in instructions(self.house, things) if not fulfils(self.scene, asked))

    def requests(self) -> tuple[Request, ...]:
        """Return all that this house can check and its actions can bring about, with the things that are in it."""
        possible = _possible(self.house, tuple(sorted(thing for thing, _ in self.scene.where)), self.acts)
        return tuple(as_request(asked, fulfils(self.scene, asked)) for asked in possible)

    def ask(self, request: Request | None) -> tuple[str, bool]:
        """Ask for something else in the goal's place; None: for the goal again."""
        self._asked = None if request is None else parse(request.text)
        self.instruction = self._goal() if request is None else request.text
        wanted = self.goals if self._asked is None else (self._asked,)
        return self._sentence(), all(self.fulfils(each) for each in wanted)

    def _sentence(self) -> str:
        rule = f" {self.rule} ." if self.rule and self._rule_is_told() else ""
        return f"home . {self.instruction} .{rule}" + told(self.scene, self.house, self._targets(), self._aspects())

    def _targets(self) -> tuple[str, ...]:
        """Return the things that are asked for; who is sent to a room or a lid is still told of the goal's."""
        if self._asked is not None and self._asked.thing:
            return (self._asked.thing,)
        return tuple(goal.thing for goal in self.goals)

    def facts(self) -> tuple[Fact, ...]:
        """Return the rule while it is told."""
        if not (self.rule and self._rule_is_told()):
            return ()
        return (rule_as_fact(self.rule, self.goals[0]),)

    def _rule_is_told(self) -> bool:
        match self._when_told:
            case "once":
                return self._steps == 0
            case "note":
                return self._said == "read" and self.scene.here == NOTE
        return self._when_told == "always"

    def _aspects(self) -> tuple[str, ...]:
        """Return the optional aspects that the sentences mention."""
        note = ("note",) if self._when_told == "note" else ()
        located = ("located",) if self.options.location_shown else ()
        return (*self._chore.aspects, *note, *located)

    def picture_state(self) -> PictureState:
        """How everything stands, and the step that led here."""
        return {
            **self.scene.as_data(),
            "rooms": self.options.rooms,
            "came_from": self._came_from,
            "said": self._said,
            "targets": list(self._targets()),
            "done": list(self.done),
            "success": all(self.fulfils(goal) for goal in self.goals),
            "marks": list(self._aspects()),
        }

    def draw(self, picture_state: PictureState | None, size: int, *, dark: bool = False, blend: float = 1.0) -> Picture:
        """Paint the floor plan."""
        return paint(self.picture_state() if picture_state is None else picture_state, size, dark=dark, blend=blend)

    def get_state(self) -> dict[str, Any]:
        """Return how the episode began, how everything stands, and the dice."""
        return {
            "dealt": self._dealt.as_data(),
            "scene": self.scene.as_data(),
            "done": list(self.done),
            "came_from": self._came_from,
            "said": self._said,
            "steps": self._steps,
            **({} if self._asked is None else {"asked": self._asked.text()}),
            "rng": self._rng.get_state(),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where `get_state` was taken."""
        self._live(EpisodeSetup.from_data(state["dealt"]))
        self.scene = HouseScene.from_data(state["scene"])
        self.done = list(state["done"])
        self._came_from, self._said, self._steps = state["came_from"], state["said"], state["steps"]
        self._rng.set_state(state["rng"])
        if "asked" in state:
            self.ask(as_request(parse(state["asked"]), is_fulfilled=False))


@lru_cache(maxsize=256)
def _possible(house: FloorPlan, things: tuple[str, ...], acts: tuple[Act, ...]) -> tuple[Instruction, ...]:
    return tuple(asked for asked in instructions(house, things) if is_within(asked, acts))


def _phrase(act: Act) -> str:
    if act.kind == "walk":
        return DIRECTION_WORDS[act.direction]
    if act.kind == "put":
        return f"put {into(act.name)}"
    return f"{act.kind} the {act.name}" if act.name in {*CARRIED, *FURNITURE} else act.kind
