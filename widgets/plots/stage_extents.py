"""Intervals of the step axis that belong to stages, both begun and planned."""

from __future__ import annotations

from dataclasses import dataclass

from agents.story import View
from envs.curriculum import distinct_tasks
from envs.task import Task
from widgets.style.task_colours import Hues, hues


@dataclass(frozen=True, slots=True)
class Extent:
    """The interval of the step axis that belongs to one stage."""

    start: int
    end: int
    hue: int
    """Hue of its task."""
    task: Task
    planned: bool
    """Whether the stage has not begun yet."""


def extents(view: View, known: Hues) -> list[Extent]:
    """Return the extent of every stage, in order; a running stage extends to its planned end.

    `known` has the hues that tasks have already; other tasks get free ones.
    """
    tasks = distinct_tasks(view.stages, view.tasks)
    hue = {task.identity: hue for task, hue in zip(tasks, hues(tasks, known), strict=True)}
    plan = {stage.id: stage for stage in view.stages}
    is_finished = view.story.finished is not None
    result: list[Extent] = []
    for clip in view.clips:
        stage = plan.get(clip.stage.id, clip.stage)
        running = view.step if is_finished else max(clip.start + stage.steps, view.step)
        end = running if clip.end is None else clip.end
        task = clip.stage.configured_task
        result.append(Extent(clip.start, end, hue[task.identity], task, planned=False))
    begun = {clip.stage.id for clip in view.clips}
    for stage in () if is_finished else view.stages:
        if stage.id not in begun:
            start, task = result[-1].end if result else 0, stage.configured_task
            result.append(Extent(start, start + stage.steps, hue[task.identity], task, planned=True))
    return result
