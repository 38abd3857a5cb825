"""Configurations of single-task experts: each task of a curriculum learned alone, as a reference for transfer."""

from __future__ import annotations

from collections.abc import Iterator

from agents.config import RunConfig
from envs.curriculum import Stage

TAG = "expert"
"""By which the run browser finds them."""


def single_task_configs(config: RunConfig) -> Iterator[RunConfig]:
    """Yield for each task of the curriculum the settings of an agent that learns nothing else.

    Nothing needs to be guarded there, so the strategy is naive; a task that comes twice is
    learned for as long as its longest stage.
    """
    longest: dict[str, Stage] = {}
    for stage in config.stages:
        known = longest.get(stage.configured_task.identity)
        if stage.kind == "task" and (known is None or stage.steps > known.steps):
            longest[stage.configured_task.identity] = stage
    for stage in longest.values():
        plain = stage.model_copy(update={"strategy": {}})
        left = config.model_copy(update={"stages": (plain,), "name": f"{stage.configured_task.title} alone"})
        yield left.changed({"strategy.name": "naive"})
