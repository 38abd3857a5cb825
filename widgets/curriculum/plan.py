"""A plan of stages, and the part of it that has been run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agents.story import View
from envs.curriculum import Stage


@dataclass(frozen=True, slots=True)
class CurriculumPlan:
    """A title and its stages."""

    title: str
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class EditHistory:
    """The part of the plan that has been run, which edits and undo must not change."""

    finished: int = 0
    """Number of finished stages, which come first."""
    running: str = ""
    """Id of the stage that is being trained, which comes next."""
    done: int = 0
    """Steps of the running stage so far."""
    cut: str = ""
    """Id of a stage that was cut, but that the run has not ended yet."""

    @property
    def first_open(self) -> int:
        """First index at which a stage can be inserted."""
        return self.finished + bool(self.running)


def planned(view: View) -> tuple[Stage, ...]:
    """Return the stages that a run began, then its planned ones."""
    return begun_first(view, view.stages)


def begun_first(view: View, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Return the stages that a run began, then the rest of `stages`."""
    latest = {stage.id: stage for stage in stages}
    begun = {clip.stage.id: latest.get(clip.stage.id, clip.stage) for clip in view.clips}
    return (*begun.values(), *(stage for stage in stages if stage.id not in begun))


def rebased(wanted: CurriculumPlan, now: CurriculumPlan, history: EditHistory) -> CurriculumPlan:
    """Return a plan with the stages that have been run in front, as they were run."""
    begun = now.stages[: history.first_open]
    ids = {stage.id for stage in begun}
    wanted_by_id = {stage.id: stage for stage in wanted.stages}
    begun_stages = tuple(_with_new_limits(stage, wanted_by_id.get(stage.id, stage), history) for stage in begun)
    return replace(wanted, stages=(*begun_stages, *(stage for stage in wanted.stages if stage.id not in ids)))


def _with_new_limits(stage: Stage, wanted: Stage, history: EditHistory) -> Stage:
    """Return a stage that has begun; the running one with the wanted budget and score limit."""
    if stage.id != history.running or stage == wanted:
        return stage
    return stage.model_copy(update={"steps": max(wanted.steps, history.done), "until": wanted.until})


def with_follower(plan: CurriculumPlan, id_: str, follower: Stage) -> CurriculumPlan:
    """Return `plan` with `follower` after the stage with an id, or first if there is none."""
    index = next((index + 1 for index, stage in enumerate(plan.stages) if stage.id == id_), 0)
    return replace(plan, stages=(*plan.stages[:index], follower, *plan.stages[index:]))


def same_task(first: Stage, second: Stage) -> bool:
    """Return whether two stages differ in id, budget and score limit only."""
    free = {"id": "", "steps": 1, "until": None}
    return first.model_copy(update=free) == second.model_copy(update=free)
