"""A curriculum: a sequence of stages, each a task and a budget of steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal
from uuid import uuid4

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from envs.experts import has_expert
from envs.options import Frozen, Options
from envs.task import Task, TaskSpec, find_task, suggestion
from envs.teaching import AGENT, SCRIPTED, Teaching


def new_id() -> str:
    """Return a random stage id: 8 hexadecimal digits."""
    return uuid4().hex[:8]


class Stage(Frozen):
    """A clip on the timeline."""

    id: str = Field(default_factory=new_id, max_length=32)
    """Identifies the clip when it is moved or edited. Files may leave it out."""
    kind: Literal["task", "meta"] = "task"
    """`task` learns one task; `meta` meta-learns over a family of tasks."""
    task: str = Field(max_length=120)
    """A task of the library, or `gym:ID` for any Gymnasium environment."""
    steps: int = Field(20_000, ge=1, le=1_000_000_000)
    """Environment steps to spend, at most."""
    until: float | None = Field(None, gt=0, le=1)
    """Stop early once the running score reaches this."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the world."""
    strategy: dict[str, Any] = Field(default_factory=dict)
    """Settings of the strategy that hold in this stage only."""
    teaching: Teaching = Teaching()
    """Who teaches in this stage, and how."""

    @field_validator("task")
    @classmethod
    def _check_task(cls, key: str) -> str:
        find_task(key)
        return key

    @model_validator(mode="after")
    def _check_stage(self) -> Stage:
        spec = find_task(self.task)
        object.__setattr__(self, "options", _non_default_options(self.options, spec))
        if self.kind == "meta" and not spec.family:
            raise ValueError(f"a meta stage needs a family of tasks, and {self.task!r} is a single one")
        self._check_teacher(spec)
        return self

    def _check_teacher(self, spec: TaskSpec) -> None:
        if self.kind == "meta" and self.teaching.teacher:
            raise ValueError("a meta stage learns from members of its family; leave teaching.teacher out")
        if problem := unteachable(spec, self.teaching):
            raise ValueError(f"teaching.teacher: {problem}")

    @property
    def taught(self) -> int:
        """Maximum number of steps with a teacher; 0 without one."""
        return min(self.teaching.steps or self.steps, self.steps) if self.teaching.teacher else 0

    @property
    def configured_task(self) -> Task:
        """The task with this stage's options, as it is evaluated."""
        return Task(key=self.task, options=self.options)


def unteachable(spec: TaskSpec, teaching: Teaching) -> str:
    """Return why the teacher can't teach a task, judged by its name alone; empty if it can."""
    if teaching.teacher != SCRIPTED or has_expert(spec):
        return ""
    return f"there is no scripted expert for {spec.key!r}; name an agent that has learned it, such as '{AGENT}RUN'"


def _non_default_options(options: dict[str, Any], spec: TaskSpec) -> dict[str, Any]:
    """Validate the options of the world, and return those that differ from its defaults."""
    try:
        return spec.options.model_validate(options).model_dump(exclude_defaults=True)
    except ValidationError as error:
        problems = [_below_options(problem, spec.options) for problem in error.errors(include_url=False)]
        raise ValidationError.from_exception_data("Stage", problems) from error


def _below_options(problem: ErrorDetails, options: type[Options]) -> InitErrorDetails:
    """Return the problem with `options` before its path, and for an unknown option the nearest known one."""
    kind: str | PydanticCustomError = problem["type"]
    if kind == "extra_forbidden":
        hint = suggestion(str(problem["loc"][-1]), options.model_fields)
        kind = PydanticCustomError("unknown_option", "unknown setting{hint}", {"hint": hint})
    return InitErrorDetails(
        type=kind, loc=("options", *problem["loc"]), input=problem["input"], ctx=problem.get("ctx", {})
    )


def distinct_tasks(stages: Iterable[Stage], known: Iterable[Task] = ()) -> tuple[Task, ...]:
    """Return the distinct tasks of `stages` after those already `known`, in order of appearance."""
    found = {task.identity: task for task in known}
    for stage in stages:
        found.setdefault(stage.configured_task.identity, stage.configured_task)
    return tuple(found.values())
