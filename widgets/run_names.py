"""What runs that are shown together are called, so that they can be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.commands import Configure
from agents.story import Story
from agents.strategy_pair import spelling
from widgets.number_words import count
from widgets.part_titles import strategy_title
from widgets.story_style import BREAK
from widgets.words import tr


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


def described(name: str, story: Story) -> str:
    """Return a run's name, strategy and seed, and where a fork left its run: the most telling at the end."""
    seed = tr("seed {seed}", seed=story.config.seed)
    about = BREAK.join(filter(None, (strategy_title(strategy_of(story)), seed, fork_name(story))))
    return name if name.endswith(about) else BREAK.join(filter(None, (name, about)))


def told_apart(runs: Sequence[tuple[str, Story]], taken: Iterable[str] = ()) -> list[str]:
    """Return a name a run, each once: where two are called alike, strategy, seed and fork tell them apart, or a number.

    No run gets one of the names that are `taken`.
    """
    names, found = [*taken, *(name for name, _ in runs)], list(taken)
    for name, story in runs:
        label = name if names.count(name) == 1 else described(name, story)
        found.append(numbered(label, found))
    return found[len(found) - len(runs) :]


def short_names(runs: Sequence[Story]) -> list[str]:
    """Return for each run, each once, where it was forked or its strategy; the seed, too, where that is alike."""
    plain = [fork_name(story) or strategy_title(strategy_of(story)) for story in runs]
    found: list[str] = []
    for name, story in zip(plain, runs, strict=True):
        seed = tr("seed {seed}", seed=story.config.seed)
        found.append(numbered(name if plain.count(name) == 1 else BREAK.join((name, seed)), found))
    return found


def numbered(label: str, taken: Sequence[str]) -> str:
    """Return `label`, with a number after it where it is `taken`."""
    number = 1 + sum(other == label or other.startswith(f"{label} (") for other in taken)
    return label if number == 1 else f"{label} ({number})"
