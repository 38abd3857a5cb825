"""What the timeline shows: tracks of blocks, made from the plan and from the stories of runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agents.story import Clip, Story
from envs.curriculum import Stage, distinct_tasks
from envs.task import Task
from widgets.curriculum.plan import begun_first, planned
from widgets.forms.part_titles import strategy_title
from widgets.plots.run_names import described, fork_name, numbered, stored, strategy_of
from widgets.plots.shared_history import left
from widgets.scene import Scene
from widgets.style.panel_style import BREAK
from widgets.style.task_colours import Hues, hues
from widgets.style.task_names import task_name
from widgets.style.translation import tr
from widgets.timeline.scale import short

LIVE = ("preparing", "running", "paused")


@dataclass(frozen=True, slots=True)
class ClipBlock:
    """A stage as it lies on a track; lengths are environment steps."""

    stage: Stage
    title: str
    hue: int
    """Its task's colour."""
    start: int
    length: int
    done: int = 0
    state: Literal["planned", "running", "finished"] = "planned"
    reason: str = ""
    """Why it is over."""
    shared: int = 0
    """Steps at its beginning that are shown on the track of the run that this one left."""

    @property
    def end(self) -> int:
        """The step at which it ends."""
        return self.start + self.length

    @property
    def account(self) -> str:
        """Budget and gate, or what became of them."""
        done, steps, until = short(self.done), short(self.stage.steps), self.stage.until
        gate = "" if until is None else f"{until:g}"
        if self.state == "finished":
            return OUTCOMES[self.reason](gate, done)
        said = tr("{done} of {steps}", done=done, steps=steps) if self.done else tr("{steps} steps", steps=steps)
        return tr("until {score} · {budget}", score=gate, budget=said) if gate else said


OUTCOMES: Mapping[str, Callable[[str, str], str]] = {
    "budget": lambda _, done: tr("{done} steps", done=done),
    "gate": lambda gate, done: tr("{gate} reached · {done} steps", gate=gate, done=done),
    "cut": lambda _, done: tr("cut after {done} steps", done=done),
    "stopped": lambda _, done: tr("stopped after {done} steps", done=done),
    "fault": lambda _, done: tr("failed after {done} steps", done=done),
}
"""What became of a stage, by the reason why it ended."""


@dataclass(frozen=True, slots=True)
class Track:
    """A row of the timeline: the plan, or another run."""

    name: str
    """What is beside it, in statements of which the last is the most telling."""
    strategy: str
    """Below the name, where there is room; empty where the name says it."""
    blocks: tuple[ClipBlock, ...] = ()
    left: tuple[int, int] | None = None
    """The track that this one leaves, and at which step; None for a run with a past of its own."""
    about: str = ""
    """What else its tooltip says: under which id the run is stored."""

    @property
    def end(self) -> int:
        """The step at which the last block ends."""
        return self.blocks[-1].end if self.blocks else 0


def clip_title(stage: Stage, among: Sequence[Task] = ()) -> str:
    """Return what a clip is called, apart from the other tasks `among` which it is."""
    title = task_name(stage.configured_task, among)
    if stage.kind == "meta":
        return tr("Meta-train: {title}", title=title)
    if stage.taught == stage.steps:
        return tr("Taught: {title}", title=title)
    return tr("{title}, taught at first", title=title) if stage.taught else title


def is_live(scene: Scene) -> bool:
    """Whether the run in front is going on."""
    return scene.story is not None and scene.state in LIVE


def tells_of(scene: Scene, stages: tuple[Stage, ...]) -> bool:
    """Whether the run in front lived the first of these stages just as they are planned now."""
    if scene.story is None or is_live(scene):
        return scene.story is not None
    view = scene.story.until()
    begun = len(view.clips)
    return begun > 0 and stages[:begun] == planned(view)[:begun]


def tasks_in_use(stages: tuple[Stage, ...], scene: Scene) -> tuple[Task, ...]:
    """Return the columns of the plan's tasks: those of the run in front keep theirs."""
    return distinct_tasks(stages, scene.story.tasks if scene.story is not None else ())


def tracks(stages: tuple[Stage, ...], scene: Scene, strategy: str = "", cut: str = "") -> tuple[Track, ...]:
    """Return the plan's track, filled as far as the run in front has come, then the other runs'.

    `cut` is the stage that a person ended a moment ago and that the run has yet to let go.
    """
    tasks = tasks_in_use(stages, scene)
    others, first = list(scene.overlays), Story()
    if scene.story is not None and tells_of(scene, stages):
        first, view = scene.story, scene.story.until()
        stages = begun_first(view, stages)
        clips = [replace(clip, end=view.step, reason="cut") if _ends(clip, cut) else clip for clip in view.clips]
        name, manner = fork_name(scene.story) or tr("main"), _manner(scene.story, others)
        blocks = lay(stages, clips, view.step, tasks, scene.colours)
        main = Track(name, manner, blocks, about=stored(scene.story))
    else:
        main = Track(tr("main"), strategy_title(strategy) if strategy else "", lay(stages, (), 0, tasks, scene.colours))
        if scene.story is not None and scene.story.clips:
            others.insert(0, (scene.name, scene.story))
    names: list[str] = []
    for run in others:
        names.append(numbered(described(*run), names))
    parts = left([first, *(story for _, story in others)])[1:]
    return main, *(
        _track_of((name, run[1]), tasks, scene.colours, part)
        for name, run, part in zip(names, others, parts, strict=True)
    )


def _manner(story: Story, others: Sequence[object]) -> str:
    """Return the strategy of the run in front, and its seed where there are others to tell it apart from."""
    strategy = strategy_title(strategy_of(story))
    return BREAK.join((strategy, tr("seed {seed}", seed=story.config.seed))) if others else strategy


def _ends(clip: Clip, cut: str) -> bool:
    return clip.end is None and clip.stage.id == cut


def _track_of(run: tuple[str, Story], tasks: tuple[Task, ...], known: Hues, left_at: tuple[int, int] | None) -> Track:
    name, story = run
    view = story.until()
    stages = planned(view)
    blocks = lay(stages, view.clips, view.step, distinct_tasks(stages, tasks), known)
    if left_at is not None:
        cut = left_at[1]
        blocks = tuple(replace(one, shared=max(cut - one.start, 0)) for one in blocks if one.end > cut)
    return Track(name, "", blocks, left_at, stored(story))


def lay(
    stages: Sequence[Stage], clips: Sequence[Clip], now: int, tasks: tuple[Task, ...], known: Hues
) -> tuple[ClipBlock, ...]:
    """Put stages one after another, in `known` colours. One that is over is as long as it was, not as planned."""
    begun = {clip.stage.id: clip for clip in clips}
    hue = {task.identity: hue for task, hue in zip(tasks, hues(tasks, known), strict=True)}
    blocks: list[ClipBlock] = []
    for stage in stages:
        start = blocks[-1].end if blocks else 0
        fresh = ClipBlock(stage, clip_title(stage, tasks), hue[stage.configured_task.identity], start, stage.steps)
        clip = begun.get(stage.id)
        blocks.append(_begun(fresh, clip, now) if clip else fresh)
    return tuple(blocks)


def _begun(block: ClipBlock, clip: Clip, now: int) -> ClipBlock:
    done = (now if clip.end is None else clip.end) - clip.start
    if clip.end is None:
        return replace(block, start=clip.start, length=max(block.length, done), done=done, state="running")
    return replace(block, start=clip.start, length=done, done=done, state="finished", reason=clip.reason)
