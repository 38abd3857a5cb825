"""Time several functions in alternation, so that load on the machine affects all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def medians(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each over so many rounds, after one that warms up."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, play in contenders.items():
            start = perf_counter()
            play()
            if number:
                times[name].append(perf_counter() - start)
    return {name: median(each) for name, each in times.items()}
