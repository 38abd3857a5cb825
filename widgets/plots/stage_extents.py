"""Where stages lie on the step axis: those that were begun, and those still planned."""

from __future__ import annotations

from dataclasses import dataclass

from agents.story import View
from envs.curriculum import distinct_tasks
from envs.task import Task
from widgets.style.task_colours import Hues, hues


@dataclass(frozen=True, slots=True)
class Extent:
    """A stretch of the step axis that belongs to one stage."""

    start: int
    end: int
    hue: int
    """Its task's colour."""
    task: Task
    planned: bool
    """Not begun yet."""


def extents(view: View, known: Hues) -> list[Extent]:
    """Return a stretch a stage, in order, in `known` colours; a stage that runs reaches as far as it was planned."""
    tasks = distinct_tasks(view.stages, view.tasks)
    hue = {task.identity: hue for task, hue in zip(tasks, hues(tasks, known), strict=True)}
    plan = {stage.id: stage for stage in view.stages}
    over = view.story.finished is not None
    found: list[Extent] = []
    for clip in view.clips:
        stage = plan.get(clip.stage.id, clip.stage)
        running = view.step if over else max(clip.start + stage.steps, view.step)
        end = running if clip.end is None else clip.end
        task = clip.stage.configured_task
        found.append(Extent(clip.start, end, hue[task.identity], task, planned=False))
    begun = {clip.stage.id for clip in view.clips}
    for stage in () if over else view.stages:
        if stage.id not in begun:
            start, task = found[-1].end if found else 0, stage.configured_task
            found.append(Extent(start, start + stage.steps, hue[task.identity], task, planned=True))
    return found
