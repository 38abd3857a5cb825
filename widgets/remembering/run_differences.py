"""Text on how the settings and tasks of two runs differ."""

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

MAX_DIFFERENCES = 4
"""Maximum number of differences that are listed."""
KIND = ".name"
"""End of the path of a setting that selects one of several kinds, such as `strategy.name`."""


def differences(here: Story, there: Story) -> str:
    """Return the settings and stages in which the run `there` differs from `here`, at most `MAX_DIFFERENCES` of them.

    Where another variant is selected, such as another strategy, only its name is given, not its options.
    """
    items = [*_shared(here, there), *_settings(here, there), *_curriculum(here, there)]
    more = len(items) - MAX_DIFFERENCES
    listed = [*items[:MAX_DIFFERENCES], *([tr("{count} more", count=more)] if more > 0 else [])]
    return tr(", ").join(listed) or tr("the same settings and tasks")


def _shared(here: Story, there: Story) -> Iterator[str]:
    if (step := branch_step(here, there)) is not None:
        yield tr("the same run up to step {step}", step=count(step))


def _settings(here: Story, there: Story) -> Iterator[str]:
    ours, theirs = (dict(_flat(live_config(story).model_dump())) for story in (here, there))
    differing = [path for path in sorted(ours.keys() | theirs.keys()) if ours.get(path) != theirs.get(path)]
    kinds = [path for path in differing if path.endswith(KIND)]
    below = tuple(path.removesuffix(KIND) + "." for path in kinds)
    for path in (*kinds, *(path for path in differing if not path.startswith(below))):
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
            # the run's title is no setting of learning
            yield f"{under}{key}", value
