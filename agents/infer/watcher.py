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
from agents.infer.counterfactual import Situation, reconsider, split_frame
from agents.infer.explanation import explain
from agents.infer.explanation_data import Reasons, Reconsidered
from agents.infer.instruction_tracker import InstructionTracker
from agents.infer.past_policies import PastPolicies
from agents.instructions import writer_task_id
from agents.instructions.wrapper import InstructionWrapper, with_instructions
from agents.instructions.writer import InstructionWriter, text_for_actor
from agents.knowledge.wrapper import KnowledgeWrapper, with_retrieval
from agents.policies import AgentPolicy, sample_actions
from agents.policies.factory import initial_policy
from agents.policies.language import LanguagePolicy
from envs import Picture, PictureState, World
from envs.task import Task

EXTRA_TASK_ID = 1_000_000
"""Id of a watched task that is not in the curriculum; it must differ from all others."""

MAX_SITUATIONS = 64
"""Past decisions that can be repeated: the user may ask about one that is a few frames old."""


@dataclass(slots=True)
class _Scene:
    """The watched environment, and the state of its episode."""

    task: Task
    task_id: int
    world: World
    text: str
    total: float = 0.0
    time: int = 0
    over: bool = False
    goal: str = ""
    """The goal of the episode itself, also while the user's instruction replaces it."""
    tracker: InstructionTracker = field(default_factory=InstructionTracker)


class Watcher:
    """Acts in one environment with a copy of the agent's weights, and renders it.

    It must be used from one thread only, since pygame surfaces must not be shared. It has no access to the run, so
    watching does not affect training.
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
        self._situations: deque[Situation] = deque(maxlen=MAX_SITUATIONS)
        """The last decisions with retrieved entries."""
        self._renderers: dict[str, World] = {}
        """By task: environments that only draw stored states."""

    def reseed(self, seed: int) -> None:
        """Reset all random generators: watchers with equal seeds run the same episodes."""
        self._rng = torch.Generator().manual_seed(seed)
        self._seeds = np.random.default_rng(seed)

    @property
    def is_over(self) -> bool:
        """Whether the current episode has ended."""
        return self._scene is not None and self._scene.over

    def load(self, snapshot: Snapshot) -> None:
        """Use the weights of a snapshot from now on, those for the watched task."""
        self._snapshot, self._agent_step = snapshot, snapshot.step
        self._load_weights(snapshot)
        if self._scene is not None:
            self._add_task(self._scene)

    def show(self, task: Task, task_id: int | None) -> None:
        """Begin an episode of `task`; `task_id` is None for a task outside of the curriculum."""
        world = task.make()
        self._scene = _Scene(task, EXTRA_TASK_ID if task_id is None else task_id, world, "")
        if self._snapshot is not None:
            self._load_weights(self._snapshot)
        self._add_task(self._scene)
        self.reset()

    def reset(self) -> Frame:
        """Begin a new episode."""
        scene = self._current_scene()
        scene.tracker.abort()
        self._wrap_world(scene)
        scene.text = scene.world.reset(seed=int(self._seeds.integers(2**31)))[0]
        scene.total, scene.time, scene.over, scene.goal = 0.0, 0, False, scene.world.instruction
        self._episode += 1
        self._frame = self._decide(scene)
        return self.frame(1.0)

    def instruct(self, text: str) -> Frame:
        """Replace the goal by the user's instruction until that ends.

        Raises NotUnderstood, without any change, if the environment cannot check it in the current state.
        """
        scene = self._current_scene()
        was_over = scene.over
        scene.text, scene.over = scene.tracker.begin(scene.world, text, is_over=was_over)
        frame = replace(self._decide(scene), instruction=scene.tracker.status)
        if scene.over:
            frame = replace(frame, action=None, score=None if was_over else 1.0)
        self._frame = frame
        return self.frame(1.0)

    def step(self) -> Frame:
        """Take one step, or begin a new episode after the end of the last one."""
        scene, last = self._current_scene(), self._frame
        if scene.over or last is None or last.action is None:
            return self.reset()
        scene.text, reward, terminated, truncated, info = scene.world.step(last.action)
        scene.total, scene.time, scene.over = scene.total + float(reward), scene.time + 1, terminated or truncated
        if is_instructed := scene.tracker.is_active:
            scene.text, scene.over = scene.tracker.update(scene.world, scene.text, info)
        frame = self._decide(scene)
        if is_instructed:  # its result is shown before the agent's own next instruction
            frame = replace(frame, instruction=scene.tracker.status)
        score = float(info.get("score", 1.0)) if scene.over else None
        self._frame = replace(frame, reward=float(reward), score=score, action=None if scene.over else frame.action)
        return self.frame(1.0)

    def frame(self, blend: float) -> Frame:
        """Render the current frame, `blend` of the way from the previous one."""
        scene, frame = self._current_scene(), self._frame
        assert frame is not None  # `show` creates the scene and its first frame
        state = scene.world.picture_state()
        return replace(frame, picture=scene.world.draw(state, self.size, dark=self.dark, blend=blend))

    def compare_without(self, ids: Collection[int], frame_id: tuple[int, int] | None = None) -> Reconsidered | None:
        """Compare a decision with and without the retrieved entries with these ids.

        `frame_id` is its episode and time step; None: the latest. Returns None if the decision had no retrieved
        entries, or is older than the last `MAX_SITUATIONS`.
        """
        frame, policy = self._frame, self._policy
        if frame is None or policy is None:
            return None
        wanted = (frame.episode, frame.time) if frame_id is None else frame_id
        situation = next((each for each in self._situations if each.frame_id == wanted), None)
        return None if situation is None else reconsider(policy, situation, ids)

    def explain(self, past_policies: PastPolicies) -> Reasons | None:
        """Explain the decision of the latest frame; None if nothing is watched."""
        if self._scene is None or self._frame is None or self._policy is None:
            return None
        earlier = past_policies.for_task(self._scene.task_id, self._scene.world)
        return explain(self._policy, self._frame, earlier)

    def picture(self, task: Task, state: PictureState | None, size: int) -> Picture | None:
        """Render a stored state of a task's environment, (size, size, 3) of uint8; None if it was not stored."""
        if state is None:
            return None
        if task.identity not in self._renderers:
            self._renderers[task.identity] = task.make()
            self._renderers[task.identity].reset(seed=0)
        return self._renderers[task.identity].draw(state, size, dark=self.dark)

    def _load_weights(self, snapshot: Snapshot) -> None:
        """Load the snapshot's weights for the watched task."""
        task_id = None if self._scene is None else self._scene.task_id
        if self._policy is None or self._about != snapshot.about:
            self._policy, self._about = restore(snapshot, task_id), snapshot.about
            if isinstance(self._policy, LanguagePolicy):
                self._policy.model.share = False  # prefix sharing does not pay for a single sentence
        else:
            weights = snapshot.weights_for(task_id)
            self._policy.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})

    def _wrap_world(self, scene: _Scene) -> None:
        """Wrap the environment for the next episode, with a copy of the latest snapshot's knowledge base."""
        known = None if self._snapshot is None else self._snapshot.knowledge
        world = with_retrieval(_unwrapped(scene.world), None if known is None else known.copy(), scene.task_id)
        scene.world = with_instructions(world, self._instructions_config(scene.task_id))

    def _instructions_config(self, task_id: int) -> InstructionsConfig:
        """Return the snapshot's settings of instructions; the defaults if it has no action set of instructions."""
        if self._policy is None or writer_task_id(task_id) not in self._policy.action_sets:
            return InstructionsConfig()
        config = None if self._snapshot is None else self._snapshot.instructions
        return InstructionsConfig(writer="learned") if config is None else config

    def _read(self, scene: _Scene) -> str:
        """Return the text that the policy reads, after writing an instruction if one is needed."""
        assert self._policy is not None
        if not scene.over:
            is_random = self._instructions_config(scene.task_id).writer == "random"
            InstructionWriter(self._policy, scene.task_id, is_random=is_random).write([scene.world], self._rng)
        return text_for_actor(scene.world, scene.text)

    def _current_scene(self) -> _Scene:
        if self._scene is None:
            raise RuntimeError("nothing is watched; call show(task, task_id) first")
        return self._scene

    def _add_task(self, scene: _Scene) -> None:
        if self._policy is None:
            self._policy = initial_policy(RunConfig(), torch.Generator().manual_seed(0)).eval()
        if self._policy.action_sets.get(scene.task_id) != scene.world.actions:
            self._policy.add_task(scene.task_id, scene.world.actions, scene.world.words)
            self._about = {}  # its shapes now differ from the snapshot's: rebuild it from the next one

    def _decide(self, scene: _Scene) -> Frame:
        assert self._policy is not None  # `show` creates an untrained one if none was loaded
        scene.text, knowledge = self._read(scene), _knowledge_wrapper(scene.world)
        with torch.inference_mode():
            distribution, value, attention = self._policy.consider(scene.text, scene.task_id)
            action = int(sample_actions(distribution, self._rng))
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
            recalled=() if knowledge is None else knowledge.recalled,
            instruction=_instruction_status(scene),
            requests=scene.world.requests(),
        )
        if knowledge is not None:
            situation = split_frame(frame, knowledge.knowledge.config.max_words)
            self._situations.extendleft(() if situation is None else (situation,))
        return frame


def _unwrapped(world: World) -> World:
    """Return an environment without the wrappers for knowledge and instructions."""
    while isinstance(world, InstructionWrapper | KnowledgeWrapper):
        world = world.inside
    return world


def _knowledge_wrapper(world: World) -> KnowledgeWrapper | None:
    inside = world.inside if isinstance(world, InstructionWrapper) else world
    return inside if isinstance(inside, KnowledgeWrapper) else None


def _instruction_status(scene: _Scene) -> InstructionStatus | None:
    """Return the status of the user's instruction while it is active, else of the agent's own last one."""
    own = scene.world.status if isinstance(scene.world, InstructionWrapper) else None
    return scene.tracker.status if own is None or scene.tracker.is_active else own
