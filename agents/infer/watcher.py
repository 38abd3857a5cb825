"""Run a policy in its own environments to be watched, without learning."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from agents.agent import Snapshot, restore
from agents.config import RunConfig
from agents.config.agent import InstructionsConfig
from agents.events import Frame, InstructionStatus
from agents.infer.counterfactual import Situation, reconsider, situation
from agents.infer.explanation import explain
from agents.infer.explanation_data import Reasons, Reconsidered
from agents.infer.instruction_tracker import InstructionTracker
from agents.infer.past_policies import PastPolicies
from agents.instructions import writer_task_id
from agents.instructions.wrapper import InstructionWrapper, with_instructions
from agents.instructions.writer import InstructionWriter, text_for_actor
from agents.knowledge.wrapper import KnowledgeWrapper, with_retrieval
from agents.policies import AgentPolicy, draw
from agents.policies.factory import initial_policy
from agents.policies.language import LanguagePolicy
from envs import Picture, PictureState, World
from envs.task import Task

FOREIGN = 1_000_000
"""Column of a watched task that is not in the curriculum: its menu must not disturb the others."""

REMEMBERED = 64
"""Decisions that can be taken again: explanations change twice a second, and who reads one is a little late."""


@dataclass(slots=True)
class _Scene:
    """The world on show, and where in its episode it is."""

    task: Task
    task_id: int
    world: World
    text: str
    total: float = 0.0
    time: int = 0
    over: bool = False
    goal: str = ""
    """What the episode itself asks for, whatever a person asks for meanwhile."""
    telling: InstructionTracker = field(default_factory=InstructionTracker)


class Watcher:
    """Acts in one world with a copy of the agent's weights, and paints what happens.

    Belongs to one thread, which does all the drawing: a pygame surface must not be
    shared. Nothing here reaches the run, so watching can't change what is learned.
    """

    def __init__(self, size: int = 480, *, dark: bool = False, seed: int = 0) -> None:
        self.size, self.dark = size, dark
        self._rng = torch.Generator().manual_seed(seed)
        self._seeds = np.random.default_rng(seed)
        self._policy: AgentPolicy | None = None
        self._about: Mapping[str, Any] = {}
        self._snapshot: Snapshot | None = None
        self._agent_step = 0
        self._scene: _Scene | None = None
        self._frame: Frame | None = None
        self._episode = 0
        self._situations: deque[Situation] = deque(maxlen=REMEMBERED)
        """The last decisions in which something was recalled."""
        self._artists: dict[str, World] = {}

    def reseed(self, seed: int) -> None:
        """Begin chance anew: watchers of one seed meet the same worlds, episode by episode."""
        self._rng = torch.Generator().manual_seed(seed)
        self._seeds = np.random.default_rng(seed)

    @property
    def is_over(self) -> bool:
        """Whether the episode on show has ended."""
        return self._scene is not None and self._scene.over

    def load(self, snapshot: Snapshot) -> None:
        """Go on with these weights: those that the agent wears for the watched task."""
        self._snapshot, self._agent_step = snapshot, snapshot.step
        self._apply_theme(snapshot)
        if self._scene is not None:
            self._add_task(self._scene)

    def show(self, task: Task, task_id: int | None) -> None:
        """Begin an episode of `task`; `task_id` is its place in the matrix, None if it has none."""
        world = task.make()
        self._scene = _Scene(task, FOREIGN if task_id is None else task_id, world, "")
        if self._snapshot is not None:
            self._apply_theme(self._snapshot)
        self._add_task(self._scene)
        self.reset()

    def reset(self) -> Frame:
        """Begin a new episode."""
        scene = self._on_stage()
        scene.telling.drop()
        self._inform(scene)
        scene.text = scene.world.reset(seed=int(self._seeds.integers(2**31)))[0]
        scene.total, scene.time, scene.over, scene.goal = 0.0, 0, False, scene.world.instruction
        self._episode += 1
        self._frame = self._decide(scene)
        return self.frame(1.0)

    def instruct(self, text: str) -> Frame:
        """Let the agent do what a person asks, in the goal's place, and then go back to its goal.

        Raises NotUnderstood if this world can't check that here and now; the agent then goes on as before.
        """
        scene = self._on_stage()
        was_over = scene.over
        scene.text, scene.over = scene.telling.begin(scene.world, text, is_over=was_over)
        frame = replace(self._decide(scene), instruction=scene.telling.status)
        if scene.over:
            frame = replace(frame, action=None, score=None if was_over else 1.0)
        self._frame = frame
        return self.frame(1.0)

    def step(self) -> Frame:
        """Act once, or begin anew where the last episode ended."""
        scene, last = self._on_stage(), self._frame
        if scene.over or last is None or last.action is None:
            return self.reset()
        scene.text, reward, terminated, truncated, info = scene.world.step(last.action)
        scene.total, scene.time, scene.over = scene.total + float(reward), scene.time + 1, terminated or truncated
        if is_told := scene.telling.is_going_on:
            scene.text, scene.over = scene.telling.follow(scene.world, scene.text, info)
        frame = self._decide(scene)
        if is_told:  # how it ended is seen before the agent's own next instruction
            frame = replace(frame, instruction=scene.telling.status)
        score = float(info.get("score", 1.0)) if scene.over else None
        self._frame = replace(frame, reward=float(reward), score=score, action=None if scene.over else frame.action)
        return self.frame(1.0)

    def frame(self, blend: float) -> Frame:
        """Paint the present, `blend` of the way from the moment before."""
        scene, frame = self._on_stage(), self._frame
        assert frame is not None  # a scene is set up with its first frame
        state = scene.world.picture_state()
        return replace(frame, picture=scene.world.draw(state, self.size, dark=self.dark, blend=blend))

    def without(self, ids: Collection[int], frame_id: tuple[int, int] | None = None) -> Reconsidered | None:
        """Return a decision with and without these recalled sentences; None if nothing was recalled then.

        `frame_id` is its episode and time; None: the newest. Only the last ones are remembered.
        """
        frame, policy = self._frame, self._policy
        if frame is None or policy is None:
            return None
        wanted = (frame.episode, frame.time) if frame_id is None else frame_id
        found = next((one for one in self._situations if one.frame_id == wanted), None)
        return None if found is None else reconsider(policy, found, ids)

    def explain(self, past_policies: PastPolicies) -> Reasons | None:
        """Return why the agent decides as on the newest frame; None while nothing is on show."""
        if self._scene is None or self._frame is None or self._policy is None:
            return None
        earlier = past_policies.add_task(self._scene.task_id, self._scene.world)
        return explain(self._policy, self._frame, earlier)

    def picture(self, task: Task, moment: PictureState | None, size: int) -> Picture | None:
        """Paint a remembered moment; None if its world can't redraw the past."""
        if moment is None:
            return None
        if task.identity not in self._artists:
            self._artists[task.identity] = task.make()
            self._artists[task.identity].reset(seed=0)
        return self._artists[task.identity].draw(moment, size, dark=self.dark)

    def _apply_theme(self, snapshot: Snapshot) -> None:
        """Put on what the agent wears for the watched task."""
        task_id = None if self._scene is None else self._scene.task_id
        if self._policy is None or self._about != snapshot.about:
            self._policy, self._about = restore(snapshot, task_id), snapshot.about
            if isinstance(self._policy, LanguagePolicy):
                self._policy.model.share = False  # one sentence shares its beginning with no other
        else:
            weights = snapshot.weights_for(task_id)
            self._policy.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})

    def _inform(self, scene: _Scene) -> None:
        """Let the world on show begin its next episode with what the newest agent knows; it learns there aside."""
        known = None if self._snapshot is None else self._snapshot.knowledge
        world = with_retrieval(_plain(scene.world), None if known is None else known.copy(), scene.task_id)
        scene.world = with_instructions(world, self._habit(scene.task_id))

    def _habit(self, task_id: int) -> InstructionsConfig:
        """Return how the newest agent writes instructions in a task: not at all, if it has no menu for it."""
        if self._policy is None or writer_task_id(task_id) not in self._policy.action_sets:
            return InstructionsConfig()
        told = None if self._snapshot is None else self._snapshot.instructions
        return InstructionsConfig(writer="learned") if told is None else told

    def _read(self, scene: _Scene) -> str:
        """Return what the agent reads; where an instruction is to be written first, it writes that."""
        assert self._policy is not None
        if not scene.over:
            is_random = self._habit(scene.task_id).writer == "random"
            InstructionWriter(self._policy, scene.task_id, is_random=is_random).write([scene.world], self._rng)
        return text_for_actor(scene.world, scene.text)

    def _on_stage(self) -> _Scene:
        if self._scene is None:
            raise RuntimeError("nothing is on show; call show(task, column) first")
        return self._scene

    def _add_task(self, scene: _Scene) -> None:
        if self._policy is None:
            self._policy = initial_policy(RunConfig(), torch.Generator().manual_seed(0)).eval()
        if self._policy.action_sets.get(scene.task_id) != scene.world.actions:
            self._policy.add_task(scene.task_id, scene.world.actions, scene.world.words)
            self._about = {}  # the copy now knows more than its original: rebuild it from the next snapshot

    def _decide(self, scene: _Scene) -> Frame:
        assert self._policy is not None  # `show` makes an untrained one if none was loaded
        scene.text, knowing = self._read(scene), _knowing(scene.world)
        with torch.inference_mode():
            distribution, value, attention = self._policy.consider(scene.text, scene.task_id)
            action = int(draw(distribution, self._rng))
        actions = scene.world.actions
        frame = Frame(
            task_id=scene.task_id,
            task=scene.task,
            picture=None,
            text=scene.text,
            goal=scene.goal,
            actions=actions,
            probabilities=tuple(distribution.probs[0, : len(actions)].tolist()),
            value=float(value),
            action=action,
            attention=attention,
            total=scene.total,
            time=scene.time,
            episode=self._episode,
            agent_step=self._agent_step,
            recalled=() if knowing is None else knowing.recalled,
            instruction=_told(scene),
            requests=scene.world.requests(),
        )
        if knowing is not None:
            known = situation(frame, knowing.knowledge.config.max_words)
            self._situations.extendleft(() if known is None else (known,))
        return frame


def _plain(world: World) -> World:
    """Return a world without what an agent reads beside it."""
    while isinstance(world, InstructionWrapper | KnowledgeWrapper):
        world = world.inside
    return world


def _knowing(world: World) -> KnowledgeWrapper | None:
    inside = world.inside if isinstance(world, InstructionWrapper) else world
    return inside if isinstance(inside, KnowledgeWrapper) else None


def _told(scene: _Scene) -> InstructionStatus | None:
    """Return what the agent was told last: by a person, while that goes on, or else by itself."""
    own = scene.world.status if isinstance(scene.world, InstructionWrapper) else None
    return scene.telling.status if own is None or scene.telling.is_going_on else own
