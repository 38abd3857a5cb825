"""What runs that are shown together are called, so that they can be told apart."""

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
"""What a fork is called that nobody named."""
_NUMBER = re.compile(r" \(\d+\)$")


def strategy_of(story: Story) -> str:
    """Return the name of the strategy that a run follows by now."""
    named = [
        mark.command.changes["strategy.name"]
        for mark in story.marks
        if isinstance(mark.command, Configure) and "strategy.name" in mark.command.changes
    ]
    return str(named[-1]) if named else spelling(story.config.strategy)


def fork_name(story: Story) -> str:
    """Return what a fork is called after: the step at which it left its run; nothing for another run."""
    return "" if story.parent is None else tr("fork at {step}", step=count(story.parent[1]))


def label(name: str, story: Story) -> str:
    """Return the name that a person gave a run; of one that nobody named, where it was forked, or its strategy."""
    return name if name and not _is_made_up(name, story) else fork_name(story) or strategy_title(strategy_of(story))


def _is_made_up(name: str, story: Story) -> bool:
    """Whether the lab named the run: a fork by the step, in whatever language the window was in."""
    if story.parent is None:
        return name == f"{story.config.name} {spelling(story.config.strategy)} {story.config.seed}"
    step = story.parent[1]
    said = (text.format(run="", step=at) for text in in_every_language(FORKED) for at in (str(step), f"{step:,}"))
    return any(re.search(rf"{re.escape(part)}(?!,?\d)", name) for part in said)


def described(name: str, story: Story) -> str:
    """Return a run's name, strategy and seed, and where a fork left its run: the most telling at the end."""
    about = BREAK.join(filter(None, (_manner(story), fork_name(story))))
    return about if _NUMBER.sub("", name) in about else f"{name}{BREAK}{about}"


def stored(story: Story) -> str:
    """Say under which id a run is stored, whatever it is called; nothing for one that is stored nowhere."""
    return tr("stored as {id}", id=story.run) if story.run else ""


def told_apart(runs: Sequence[tuple[str, Story]]) -> list[str]:
    """Return a name a run, each once: where two are called alike, strategy and seed tell them apart, or a number."""
    plain = [label(*run) for run in runs]
    found: list[str] = []
    for name, (_, story) in zip(plain, runs, strict=True):
        manner = _manner(story)
        alike = name if manner.startswith(name) else f"{name}{BREAK}{manner}"
        found.append(numbered(name if plain.count(name) == 1 else max(alike, manner, key=len), found))
    return found


def numbered(label: str, taken: Sequence[str]) -> str:
    """Return `label`, with a number after it where it is `taken`."""
    number = 1 + sum(_NUMBER.sub("", other) == label for other in taken)
    return label if number == 1 else f"{label} ({number})"


def _manner(story: Story) -> str:
    return BREAK.join((strategy_title(strategy_of(story)), tr("seed {seed}", seed=story.config.seed)))
