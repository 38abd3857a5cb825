"""Values of all curves of the reward plot at one x coordinate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from widgets.plots.crosshair import CursorReading
from widgets.reward.episode_curves import Numbers
from widgets.reward.episode_series import EpisodeSeries
from widgets.style.numbers import clock, count, score
from widgets.style.task_colours import Hues
from widgets.style.task_names import task_names
from widgets.style.translation import tr


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlaid run: its values, their x coordinates (N,), and the hue of each of its tasks."""

    name: str
    series: EpisodeSeries
    x: Numbers
    hues: Sequence[int]
    index: int = 0
    """Index among the overlaid runs."""
    first: int = 0
    """Index of the first episode after the fork; the earlier ones are its parent's."""


def read_curves(
    x: float, series: EpisodeSeries, rows: Numbers, overlays: Sequence[Overlay], known: Hues
) -> list[CursorReading]:
    """Return the values of all runs at `x`, without runs that end before it.

    `rows` has the x coordinates of the N episodes, (N,). `known` has the hues that tasks have already.
    """
    readings = []
    if (row := _row(rows, x)) is not None:
        names = task_names(series.story.tasks, known)
        task_id = int(series.story.episodes["task_id"][row])
        value = tr("{smooth} (raw {raw})", smooth=score(series.smooth[row]), raw=score(series.raw[row]))
        readings.append(CursorReading(names[task_id].hue, names[task_id], value))
    for overlay in overlays:
        if (row := _row(overlay.x, x)) is not None and row >= overlay.first:
            task_id = int(overlay.series.story.episodes["task_id"][row])
            value = score(overlay.series.smooth[row])
            readings.append(CursorReading(overlay.hues[task_id], f"‘{overlay.name}’", value))
    return readings


def read_position(x: float, series: EpisodeSeries, rows: Numbers) -> str:
    """Return the step, episode and time at `x`, as text; `rows` has the x coordinates of the episodes, (N,)."""
    row = _row(rows, x)
    if row is None:
        return ""
    episodes = series.story.episodes
    return tr(
        "step {step} · episode {episode} · {time}",
        step=count(int(episodes["step"][row])),
        episode=count(row + 1),
        time=clock(float(episodes["seconds"][row])),
    )


def _row(rows: Numbers, x: float) -> int | None:
    if not len(rows) or x > rows[-1] * 1.002:
        return None
    return max(int(np.searchsorted(rows, x, side="right")) - 1, 0)
