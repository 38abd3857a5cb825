"""Detect a collapsed policy: low entropy while its success rate is low."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.story import Clip, View

SURE = 0.02
"""Nats of entropy below which nothing else is tried any more: of two actions, one is taken 99.7% of the time."""
ALIKE = 0.9
"""Share of worlds in which one action was taken throughout the rollout, from which on it counts as a habit."""
POOR = 0.5
"""Mean score below which a policy may have no reason to be sure."""
GAIN = 0.1
"""It has none if it scores less than so much more than the untrained agent ..."""
FALL = 0.5
"""... or at most this part of the best that the run has reached in the task. Not every world can be played to 1."""
UPDATES, EPISODES = 5, 40
"""How many updates, and how many episodes, are looked at."""
RISING = 0.05
"""Gain of the later half of those episodes over the earlier from which on things still get better."""


@dataclass(frozen=True, slots=True)
class Collapse:
    """What was found, and the numbers that show it."""

    kind: Literal["sure", "repeating"]
    index: int
    """The stage."""
    task_id: int
    score: float
    """Mean of the last episodes."""
    entropy: float | None
    """In nats, mean of the last updates; None where it was not told."""
    repetition: float
    """Share of worlds in which one action was taken throughout, mean of the last updates."""


def collapse(view: View) -> Collapse | None:
    """Return how the policy of the newest stage has collapsed by the moment of `view`; None if it has not."""
    if not (clips := view.clips):
        return None
    clip = clips[-1]
    entropy, repetition = (_recent(view, name, clip.start) for name in ("entropy", "repetition"))
    is_sure, is_alike = entropy is not None and entropy < SURE, repetition is not None and repetition >= ALIKE
    if not (is_sure or is_alike) or (score := _poor_score(view, clip)) is None:  # the scores of all episodes: seldom
        return None
    return Collapse("sure" if is_sure else "repeating", clip.index, clip.task_id, score, entropy, repetition or 0.0)


def _poor_score(view: View, clip: Clip) -> float | None:
    """Return the mean score of the stage's last episodes if it is poor and does not rise."""
    scores = view.episodes("score")[-EPISODES:][view.episodes("index")[-EPISODES:] == clip.index]
    if len(scores) < EPISODES:
        return None
    mean, half = float(scores.mean()), EPISODES // 2
    rises = float(scores[half:].mean() - scores[:half].mean()) >= RISING
    return None if mean >= POOR or rises or not _is_behind(view, clip, mean) else mean


def _is_behind(view: View, clip: Clip, score: float) -> bool:
    """Tell whether a score of the stage's task is about the untrained agent's, or far from the best there was."""
    steps, looks = view.curve(clip.task_id)
    untrained = float(looks[0]) if len(looks) and steps[0] <= clip.start else POOR  # not known: better is not shown
    return score < untrained + GAIN or score <= FALL * _best(view, clip.task_id)


def _best(view: View, task_id: int) -> float:
    """Return the best mean score of so many episodes of a task in a row."""
    sums = view.episodes("score")[view.episodes("task_id") == task_id].cumsum()
    windows = sums[EPISODES - 1 :].copy()
    windows[1:] -= sums[:-EPISODES]
    return float(windows.max(initial=0.0)) / EPISODES


def _recent(view: View, name: str, start: int) -> float | None:
    """Return the mean of a term over the last updates; None if the stage had fewer."""
    if (table := view.story.updates.get(name)) is None:
        return None
    rows = table.rows_until(view.limit)
    steps, values = table["step"][:rows][-UPDATES:], table["value"][:rows][-UPDATES:]
    return float(values.mean()) if len(values) == UPDATES and steps[0] > start else None
