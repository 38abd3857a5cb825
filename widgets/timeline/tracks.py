"""Tracks of blocks for the timeline, built from the plan and from the stories of runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agents.story import Clip, Story
from envs.curriculum import Stage, distinct_tasks
from envs.task import Task
from widgets.curriculum.plan import begun_first, planned
from widgets.forms.part_titles import strategy_title
from widgets.plots.run_names import describe_run, fork_name, storage_text, strategy_of, with_number
from widgets.plots.shared_history import fork_points
from widgets.scene import Scene
from widgets.style.panel_style import BREAK
from widgets.style.task_colours import Hues, hues
from widgets.style.task_names import task_name
from widgets.style.translation import tr
from widgets.timeline.scale import short

ACTIVE = ("preparing", "running", "paused")
"""States of a scene in which its run has not ended."""


@dataclass(frozen=True, slots=True)
class ClipBlock:
    """A stage on a track; positions and lengths are environment steps."""

    stage: Stage
    title: str
    hue: int
    """Hue of its task."""
    start: int
    length: int
    done: int = 0
    state: Literal["planned", "running", "finished"] = "planned"
    reason: str = ""
    """Why the stage ended: a key of `OUTCOMES`."""
    shared: int = 0
    """Steps at its beginning that are shown on the track of the run that this one is a fork of."""

    @property
    def end(self) -> int:
        """The step at which the block ends."""
        return self.start + self.length

    @property
    def budget_text(self) -> str:
        """Budget and target score of the stage or, if it has finished, why and after how many steps it ended."""
        done, steps, until = short(self.done), short(self.stage.steps), self.stage.until
        gate = "" if until is None else f"{until:g}"
        if self.state == "finished":
            return OUTCOMES[self.reason](gate, done)
        budget = tr("{done} of {steps}", done=done, steps=steps) if self.done else tr("{steps} steps", steps=steps)
        return tr("until {score} · {budget}", score=gate, budget=budget) if gate else budget


OUTCOMES: Mapping[str, Callable[[str, str], str]] = {
    "budget": lambda _, done: tr("{done} steps", done=done),
    "gate": lambda gate, done: tr("{gate} reached · {done} steps", gate=gate, done=done),
    "cut": lambda _, done: tr("cut after {done} steps", done=done),
    "stopped": lambda _, done: tr("stopped after {done} steps", done=done),
    "fault": lambda _, done: tr("failed after {done} steps", done=done),
}
"""Text of a stage's outcome, by the reason why it ended."""


@dataclass(frozen=True, slots=True)
class Track:
    """A row of the timeline: the plan, or another run."""

    name: str
    """Text beside the track: parts separated by `BREAK`, of which the last one distinguishes the track best."""
    strategy: str
    """Strategy (and seed), shown below the name; empty if the name contains it."""
    blocks: tuple[ClipBlock, ...] = ()
    fork_point: tuple[int, int] | None = None
    """Row of the track that this one branches off, and the step; None if the run is no fork of one shown."""
    storage: str = ""
    """Text with the id under which the run is stored, for the tooltip."""

    @property
    def end(self) -> int:
        """The step at which the last block ends."""
        return self.blocks[-1].end if self.blocks else 0


def clip_title(stage: Stage, among: Sequence[Task] = ()) -> str:
    """Return the title of a clip, which distinguishes its task from the others in `among`."""
    title = task_name(stage.configured_task, among)
    if stage.kind == "meta":
        return tr("Meta-train: {title}", title=title)
    if stage.taught == stage.steps:
        return tr("Taught: {title}", title=title)
    return tr("{title}, taught at first", title=title) if stage.taught else title


def is_active(scene: Scene) -> bool:
    """Return whether the run in front has not ended."""
    return scene.story is not None and scene.state in ACTIVE


def matches_plan(scene: Scene, stages: tuple[Stage, ...]) -> bool:
    """Return whether the run in front is active, or has run the first of these stages exactly as now planned."""
    if scene.story is None or is_active(scene):
        return scene.story is not None
    view = scene.story.until()
    begun = len(view.clips)
    return begun > 0 and stages[:begun] == planned(view)[:begun]


def tasks_in_use(stages: tuple[Stage, ...], scene: Scene) -> tuple[Task, ...]:
    """Return the distinct tasks of the plan, in the order of their task ids in the run in front."""
    return distinct_tasks(stages, scene.story.tasks if scene.story is not None else ())


def tracks(stages: tuple[Stage, ...], scene: Scene, strategy: str = "", cut: str = "") -> tuple[Track, ...]:
    """Return the plan's track, with the progress of the run in front, then the other runs' tracks.

    `strategy` names the strategy of the next run, shown while no run matches the plan. `cut` is the id of a stage
    that the user has ended but that the run has not left yet.
    """
    tasks = tasks_in_use(stages, scene)
    others, first = list(scene.overlays), Story()
    if scene.story is not None and matches_plan(scene, stages):
        first, view = scene.story, scene.story.until()
        stages = begun_first(view, stages)
        clips = [replace(clip, end=view.step, reason="cut") if _ends(clip, cut) else clip for clip in view.clips]
        name, about = fork_name(scene.story) or tr("main"), _strategy_text(scene.story, others)
        blocks = stage_blocks(stages, clips, view.step, tasks, scene.colours)
        main = Track(name, about, blocks, storage=storage_text(scene.story))
    else:
        main = Track(
            tr("main"), strategy_title(strategy) if strategy else "", stage_blocks(stages, (), 0, tasks, scene.colours)
        )
        if scene.story is not None and scene.story.clips:
            others.insert(0, (scene.name, scene.story))
    names: list[str] = []
    for run in others:
        names.append(with_number(describe_run(*run), names))
    points = fork_points([first, *(story for _, story in others)])[1:]
    return main, *(
        _track_of((name, run[1]), tasks, scene.colours, point)
        for name, run, point in zip(names, others, points, strict=True)
    )


def _strategy_text(story: Story, others: Sequence[object]) -> str:
    """Return the strategy of the run in front, with its seed if other runs are shown."""
    strategy = strategy_title(strategy_of(story))
    return BREAK.join((strategy, tr("seed {seed}", seed=story.config.seed))) if others else strategy


def _ends(clip: Clip, cut: str) -> bool:
    return clip.end is None and clip.stage.id == cut


def _track_of(
    run: tuple[str, Story], tasks: tuple[Task, ...], known: Hues, fork_point: tuple[int, int] | None
) -> Track:
    name, story = run
    view = story.until()
    stages = planned(view)
    blocks = stage_blocks(stages, view.clips, view.step, distinct_tasks(stages, tasks), known)
    if fork_point is not None:
        step = fork_point[1]
        blocks = tuple(replace(block, shared=max(step - block.start, 0)) for block in blocks if block.end > step)
    return Track(name, "", blocks, fork_point, storage_text(story))


def stage_blocks(
    stages: Sequence[Stage], clips: Sequence[Clip], now: int, tasks: tuple[Task, ...], known: Hues
) -> tuple[ClipBlock, ...]:
    """Return the stages as consecutive blocks; the block of a finished stage has its actual length.

    `now` is the step of the run. `known` has the hues that tasks have already; other tasks get free ones.
    """
    begun = {clip.stage.id: clip for clip in clips}
    hue = {task.identity: hue for task, hue in zip(tasks, hues(tasks, known), strict=True)}
    blocks: list[ClipBlock] = []
    for stage in stages:
        start = blocks[-1].end if blocks else 0
        block = ClipBlock(stage, clip_title(stage, tasks), hue[stage.configured_task.identity], start, stage.steps)
        clip = begun.get(stage.id)
        blocks.append(_with_progress(block, clip, now) if clip else block)
    return tuple(blocks)


def _with_progress(block: ClipBlock, clip: Clip, now: int) -> ClipBlock:
    done = (now if clip.end is None else clip.end) - clip.start
    if clip.end is None:
        return replace(block, start=clip.start, length=max(block.length, done), done=done, state="running")
    return replace(block, start=clip.start, length=done, done=done, state="finished", reason=clip.reason)
