"""Time functions: medians over several rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def seconds_of(function: Callable[[], object], clock: Callable[[], float] = perf_counter) -> float:
    """Call `function` once; return the seconds that it took."""
    started = clock()
    function()
    return clock() - started


def medians(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each function over `rounds` rounds, after one round of warm-up.

    The functions run in alternation, so that load on the machine affects all of them alike.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, function in contenders.items():
            seconds = seconds_of(function)
            if number:
                times[name].append(seconds)
    return {name: median(each) for name, each in times.items()}
