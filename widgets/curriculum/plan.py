"""A plan of stages, and the part of it that is already history."""

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
    """How much of the plan has been run, which no edit and no undo may touch."""

    finished: int = 0
    """Stages that are over; they come first."""
    running: str = ""
    """Id of the stage that is being learned; it comes next."""
    done: int = 0
    """Steps that it has taken."""
    cut: str = ""
    """Id of a stage that was cut here and that the run has not let go yet."""

    @property
    def first_open(self) -> int:
        """The first place where a stage can be put."""
        return self.finished + bool(self.running)


def planned(view: View) -> tuple[Stage, ...]:
    """Return the stages that a run began, then those that it was still to begin."""
    return begun_first(view, view.stages)


def begun_first(view: View, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Return what a run has begun, then the rest of `stages`."""
    latest = {stage.id: stage for stage in stages}
    begun = {clip.stage.id: latest.get(clip.stage.id, clip.stage) for clip in view.clips}
    return (*begun.values(), *(stage for stage in stages if stage.id not in begun))


def rebased(wished: CurriculumPlan, now: CurriculumPlan, history: EditHistory) -> CurriculumPlan:
    """Return `wished` with what has been run in front, as it was run."""
    begun = now.stages[: history.first_open]
    ids = {stage.id for stage in begun}
    wishes = {stage.id: stage for stage in wished.stages}
    kept = tuple(_regated(stage, wishes.get(stage.id, stage), history) for stage in begun)
    return replace(wished, stages=(*kept, *(stage for stage in wished.stages if stage.id not in ids)))


def _regated(stage: Stage, wished: Stage, history: EditHistory) -> Stage:
    """Return a stage that was begun; the running one has the budget and the gate that are wished."""
    if stage.id != history.running or stage == wished:
        return stage
    return stage.model_copy(update={"steps": max(wished.steps, history.done), "until": wished.until})


def followed(plan: CurriculumPlan, id_: str, follower: Stage) -> CurriculumPlan:
    """Return `plan` with `follower` after the stage of that id, or first where there is none."""
    place = next((place + 1 for place, stage in enumerate(plan.stages) if stage.id == id_), 0)
    return replace(plan, stages=(*plan.stages[:place], follower, *plan.stages[place:]))


def same_task(one: Stage, other: Stage) -> bool:
    """Whether two stages differ in budget and gate at most."""
    free = {"id": "", "steps": 1, "until": None}
    return one.model_copy(update=free) == other.model_copy(update=free)
