"""Reads every curve of the reward plot at one place of its axis."""

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
    """A run that is laid over: its values, where they lie, and the colour of each of its tasks."""

    name: str
    series: EpisodeSeries
    x: Numbers
    hues: Sequence[int]
    place: int = 0
    """Its place among the runs that are laid over."""
    first: int = 0
    """The first episode that is its own: what came before was lived by the run that it left."""


def read_curves(
    x: float, series: EpisodeSeries, rows: Numbers, overlays: Sequence[Overlay], known: Hues
) -> list[CursorReading]:
    """Return the values of every run at `x`, in `known` colours; runs that do not reach so far are left out."""
    found = []
    if (place := _row(rows, x)) is not None:
        names = task_names(series.story.tasks, known)
        task_id = int(series.story.episodes["task_id"][place])
        value = tr("{smooth} (raw {raw})", smooth=score(series.smooth[place]), raw=score(series.raw[place]))
        found.append(CursorReading(names[task_id].hue, names[task_id], value))
    for overlay in overlays:
        if (place := _row(overlay.x, x)) is not None and place >= overlay.first:
            task_id = int(overlay.series.story.episodes["task_id"][place])
            value = score(overlay.series.smooth[place])
            found.append(CursorReading(overlay.hues[task_id], f"‘{overlay.name}’", value))
    return found


def read_place(x: float, series: EpisodeSeries, rows: Numbers) -> str:
    """Return which step, episode and time lie at `x`."""
    place = _row(rows, x)
    if place is None:
        return ""
    episodes = series.story.episodes
    return tr(
        "step {step} · episode {episode} · {time}",
        step=count(int(episodes["step"][place])),
        episode=count(place + 1),
        time=clock(float(episodes["seconds"][place])),
    )


def _row(rows: Numbers, x: float) -> int | None:
    if not len(rows) or x > rows[-1] * 1.002:
        return None
    return max(int(np.searchsorted(rows, x, side="right")) - 1, 0)
