"""Configurations of single-task experts: each task of a curriculum learned alone, as a reference for transfer."""

from __future__ import annotations

from collections.abc import Iterator

from agents.config import RunConfig
from envs.curriculum import Stage

TAG = "expert"
"""The tag of these runs in the run browser."""


def single_task_configs(config: RunConfig) -> Iterator[RunConfig]:
    """Yield for each task of the curriculum the settings of an agent that learns this task only.

    The strategy is naive, since one task has nothing to forget; a task with several stages is
    trained for the steps of the longest one.
    """
    longest: dict[str, Stage] = {}
    for stage in config.stages:
        known = longest.get(stage.configured_task.identity)
        if stage.kind == "task" and (known is None or stage.steps > known.steps):
            longest[stage.configured_task.identity] = stage
    for stage in longest.values():
        alone = stage.model_copy(update={"strategy": {}})
        single = config.model_copy(update={"stages": (alone,), "name": f"{stage.configured_task.title} alone"})
        yield single.changed({"strategy.name": "naive"})
