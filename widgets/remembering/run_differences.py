"""How a run was begun otherwise than another one, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.story import Story
from agents.story.live_config import live_config
from widgets.curriculum.plan import planned
from widgets.forms.field_editors import field_title
from widgets.forms.part_titles import strategy_title
from widgets.forms.setting_titles import in_a_sentence
from widgets.plots.shared_history import branch_step
from widgets.style.numbers import UNKNOWN, count
from widgets.style.translation import tr

MOST = 4
"""Differences that are told one by one: the sentence must stay one."""
KIND = ".name"
"""How the path of a setting ends that says which of several kinds a part is."""


def differences(here: Story, there: Story) -> str:
    """Return what `there` has otherwise than `here`; of another kind of part, only which it is."""
    found = [*_shared(here, there), *_settings(here, there), *_curriculum(here, there)]
    more = len(found) - MOST
    told = [*found[:MOST], *([tr("{count} more", count=more)] if more > 0 else [])]
    return tr(", ").join(told) or tr("the same settings and tasks")


def _shared(here: Story, there: Story) -> Iterator[str]:
    if (step := branch_step(here, there)) is not None:
        yield tr("the same run up to step {step}", step=count(step))


def _settings(here: Story, there: Story) -> Iterator[str]:
    ours, theirs = (dict(_flat(live_config(story).model_dump())) for story in (here, there))
    odd = [path for path in sorted(ours.keys() | theirs.keys()) if ours.get(path) != theirs.get(path)]
    kinds = [path for path in odd if path.endswith(KIND)]
    below = tuple(path.removesuffix(KIND) + "." for path in kinds)
    for path in (*kinds, *(path for path in odd if not path.startswith(below))):
        words = {"setting": _title(path), "there": _value(theirs, path), "here": _value(ours, path)}
        yield tr("{setting} {there} instead of {here}", **words)


def _curriculum(here: Story, there: Story) -> Iterator[str]:
    ours, theirs = ([(stage.task, stage.kind, stage.steps) for stage in planned(run.until())] for run in (here, there))
    if ours != theirs:
        yield tr("tasks in another order") if sorted(ours) == sorted(theirs) else tr("other tasks or budgets")


def _title(path: str) -> str:
    titles = [in_a_sentence(field_title(part)) for part in path.removesuffix(KIND).split(".")]
    # "learning" is left out before "learning rate"
    return " ".join(
        title for title, below in zip(titles, [*titles[1:], ""], strict=True) if not below.startswith(title)
    )


def _value(settings: Mapping[str, Any], path: str) -> str:
    value = settings.get(path)
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if isinstance(value, str):
        return strategy_title(value) if path.endswith(KIND) else value
    return f"{value:g}" if isinstance(value, float) else str(value)


def _flat(settings: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{under}{key}.")
        elif under or key not in ("name", "stages"):
            # the title says nothing of how it was learned
            yield f"{under}{key}", value
