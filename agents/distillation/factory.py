"""Create the teacher of a task: a script, a stored agent or a language model, by the prefix of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from agents.config.agent import PretrainedConfig
from agents.distillation import Teacher
from agents.distillation.policy_teacher import PolicyTeacher
from agents.distillation.scripted_teacher import ScriptedTeacher
from agents.distillation.stored_agent import load_stored_agent
from agents.policies.language import LanguagePolicy
from envs import World
from envs.experts import expert_for
from envs.task import Task
from envs.teaching import AGENT, MODEL, SCRIPTED

TeacherFactory = Callable[[str, Task, World, torch.device], Teacher]


def make_teacher(teacher: str, task: Task, world: World, device: torch.device) -> Teacher:
    """Return the teacher with this name for a task. Raises ValueError, in one line, if it cannot teach the task."""
    prefix = next(prefix for prefix in FACTORIES if teacher.startswith(prefix))
    return FACTORIES[prefix](teacher.removeprefix(prefix), task, world, device)


def _script(_: str, task: Task, world: World, device: torch.device) -> Teacher:
    best = expert_for(task.spec)
    if best is None:
        raise ValueError(f"nobody has written an expert for {task.key!r}; name an agent, such as '{AGENT}RUN'")
    return ScriptedTeacher(best)


def _agent(name: str, task: Task, world: World, device: torch.device) -> Teacher:
    return load_stored_agent(name, task, world.actions, device)


def _model(source: str, task: Task, world: World, device: torch.device) -> Teacher:
    """Return a pretrained language model without an adapter; it scores each action phrase as a continuation."""
    config = PretrainedConfig(source=source, rank=0)
    policy = LanguagePolicy.create(config, torch.Generator().manual_seed(0)).to(device)
    policy.add_task(0, world.actions, world.words)
    return PolicyTeacher(policy, 0, world.actions)


FACTORIES: Mapping[str, TeacherFactory] = {SCRIPTED: _script, AGENT: _agent, MODEL: _model}
"""By prefix of the teacher's name."""
