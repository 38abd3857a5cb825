"""Detect a collapsed policy: low entropy while its success rate is low."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.story import Clip, View

SURE = 0.02
"""Entropy in nats below which a policy no longer explores: of two actions, one is taken 99.7% of the time."""
REPEATING = 0.9
"""Share of environments with a single action throughout the rollout, from which on a policy counts as repeating."""
POOR = 0.5
"""Mean score below which a deterministic policy may be a collapsed one."""
GAIN = 0.1
"""It is collapsed if its score exceeds the untrained agent's by less than this ..."""
FALL = 0.5
"""... or is at most this fraction of the run's best score on the task, since not every task can be solved."""
UPDATES, EPISODES = 5, 40
"""Numbers of recent updates and episodes that are averaged."""
RISING = 0.05
"""Gain of the later half of those episodes over the earlier half, from which on the score counts as rising."""


@dataclass(frozen=True, slots=True)
class Collapse:
    """A collapse of the policy, with the numbers that show it."""

    kind: Literal["sure", "repeating"]
    index: int
    """Index of the stage."""
    task_id: int
    score: float
    """Mean score of the last episodes."""
    entropy: float | None
    """Mean of the last updates, in nats; None if it was not recorded."""
    repetition: float
    """Share of environments with a single action throughout the rollout, mean of the last updates."""


def collapse(view: View) -> Collapse | None:
    """Return the collapse of the policy in the newest stage of `view`; None if it has not collapsed."""
    if not (clips := view.clips):
        return None
    clip = clips[-1]
    entropy, repetition = (_recent(view, name, clip.start) for name in ("entropy", "repetition"))
    is_sure, is_repeating = entropy is not None and entropy < SURE, repetition is not None and repetition >= REPEATING
    if not (is_sure or is_repeating) or (score := _poor_score(view, clip)) is None:  # reads all episodes, so last
        return None
    return Collapse("sure" if is_sure else "repeating", clip.index, clip.task_id, score, entropy, repetition or 0.0)


def _poor_score(view: View, clip: Clip) -> float | None:
    """Return the mean score of the stage's last episodes if it is low and not rising; None otherwise."""
    scores = view.episodes("score")[-EPISODES:][view.episodes("index")[-EPISODES:] == clip.index]
    if len(scores) < EPISODES:
        return None
    mean, half = float(scores.mean()), EPISODES // 2
    rises = float(scores[half:].mean() - scores[:half].mean()) >= RISING
    return None if mean >= POOR or rises or not _is_behind(view, clip, mean) else mean


def _is_behind(view: View, clip: Clip, score: float) -> bool:
    """Return whether `score` is close to the untrained agent's, or far below the run's best on the task."""
    steps, scores = view.curve(clip.task_id)
    untrained = float(scores[0]) if len(scores) and steps[0] <= clip.start else POOR  # unknown: assume the threshold
    return score < untrained + GAIN or score <= FALL * _best(view, clip.task_id)


def _best(view: View, task_id: int) -> float:
    """Return the best mean score of `EPISODES` consecutive episodes of a task."""
    # windows[k] = sums[k + EPISODES − 1] − sums[k − 1], the sum of EPISODES scores
    sums = view.episodes("score")[view.episodes("task_id") == task_id].cumsum()
    windows = sums[EPISODES - 1 :].copy()
    windows[1:] -= sums[:-EPISODES]
    return float(windows.max(initial=0.0)) / EPISODES


def _recent(view: View, name: str, start: int) -> float | None:
    """Return the mean of a term over the last `UPDATES` updates; None if the stage has had fewer."""
    if (table := view.story.updates.get(name)) is None:
        return None
    rows = table.rows_until(view.limit)
    steps, values = table["step"][:rows][-UPDATES:], table["value"][:rows][-UPDATES:]
    return float(values.mean()) if len(values) == UPDATES and steps[0] > start else None
