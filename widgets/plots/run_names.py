"""Names of runs in plots and lists; runs that are shown together get different names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.commands import Configure
from agents.config.strategy_pair import spelling
from agents.story import Story
from widgets.forms.part_titles import strategy_title
from widgets.style.catalogue import in_every_language
from widgets.style.numbers import count
from widgets.style.panel_style import BREAK
from widgets.style.translation import tr

FORKED = "{run} from {step}"
"""Automatic name of a fork."""
_NUMBER = re.compile(r" \(\d+\)$")


def strategy_of(story: Story) -> str:
    """Return the name of a run's strategy: the last one that was set."""
    named = [
        mark.command.changes["strategy.name"]
        for mark in story.marks
        if isinstance(mark.command, Configure) and "strategy.name" in mark.command.changes
    ]
    return str(named[-1]) if named else spelling(story.config.strategy)


def fork_name(story: Story) -> str:
    """Return "fork at STEP" for a fork, otherwise an empty string."""
    return "" if story.parent is None else tr("fork at {step}", step=count(story.parent[1]))


def run_label(name: str, story: Story) -> str:
    """Return the name that the user gave a run or, without one, the step of its fork, or its strategy."""
    return name if name and not _is_automatic(name, story) else fork_name(story) or strategy_title(strategy_of(story))


def _is_automatic(name: str, story: Story) -> bool:
    """Return whether the name is automatic: of a fork by the step, in any language of the interface."""
    if story.parent is None:
        return name == f"{story.config.name} {spelling(story.config.strategy)} {story.config.seed}"
    step = story.parent[1]
    numbers = (str(step), f"{step:,}")
    endings = (text.format(run="", step=number) for text in in_every_language(FORKED) for number in numbers)
    return any(re.search(rf"{re.escape(ending)}(?!,?\d)", name) for ending in endings)


def describe_run(name: str, story: Story) -> str:
    """Return a run's name, strategy, seed and, for a fork, its step; the most specific part is the last."""
    about = BREAK.join(filter(None, (_strategy_and_seed(story), fork_name(story))))
    return about if _NUMBER.sub("", name) in about else f"{name}{BREAK}{about}"


def storage_text(story: Story) -> str:
    """Return "stored as ID", or an empty string for a run that is not stored."""
    return tr("stored as {id}", id=story.run) if story.run else ""


def unique_names(runs: Sequence[tuple[str, Story]]) -> list[str]:
    """Return a different name for every run: equal labels get strategy and seed added and, if need be, a number."""
    labels = [run_label(*run) for run in runs]
    names: list[str] = []
    for name, (_, story) in zip(labels, runs, strict=True):
        about = _strategy_and_seed(story)
        longer = name if about.startswith(name) else f"{name}{BREAK}{about}"
        names.append(with_number(name if labels.count(name) == 1 else max(longer, about, key=len), names))
    return names


def with_number(label: str, taken: Sequence[str]) -> str:
    """Return `label`, with a number appended if it is already `taken`."""
    number = 1 + sum(_NUMBER.sub("", other) == label for other in taken)
    return label if number == 1 else f"{label} ({number})"


def _strategy_and_seed(story: Story) -> str:
    return BREAK.join((strategy_title(strategy_of(story)), tr("seed {seed}", seed=story.config.seed)))
