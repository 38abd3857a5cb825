"""The result of one benchmark run: figures, curves and date.

Free of Torch and Qt, for the command line prints it and the window draws it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agents.benchmarks.report.chart import Chart
from agents.benchmarks.report.figure import Figure, Verdict, verdict
from agents.runtime import strict_json

LARGEST = 16_000_000
"""Bytes of a result that is read."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a benchmark returns that has curves to show; one without returns its figures alone."""

    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One measurement."""

    name: str
    """Of the benchmark."""
    options: str
    """As they were typed, such as `--seeds 3`."""
    measured: str
    """When it ended, in UTC, such as `2026-03-01T12:00:00+00:00`."""
    seconds: float
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What its figures say together."""
        return verdict(self.figures)

    @property
    def claims(self) -> tuple[Figure, ...]:
        """The figures that promise something."""
        return tuple(figure for figure in self.figures if figure.goal)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data, with every verdict, and every goal as comparison and number."""
        return {
            **asdict(self),
            "verdict": self.verdict,
            "figures": [_figure_to_json(figure) for figure in self.figures],
        }


def findings(found: Findings | Iterable[Figure]) -> Findings:
    """Return what a benchmark found in one form; a number that is none becomes None."""
    whole = found if isinstance(found, Findings) else Findings(tuple(found))
    return replace(whole, figures=tuple(_finite(figure) for figure in whole.figures))


def unpromised(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """Return the figures of a quick look, which promises nothing."""
    return tuple(replace(figure, goal="", holds=True) for figure in figures)


def parse(content: bytes | str) -> Result:
    """Read what `to_json` gave. Raises ValueError with one line that says what is wrong with it."""
    tree = strict_json.parse(content, largest=LARGEST)
    try:
        # what a newer version wrote besides is left out; everything else must be of its type
        return _ADAPTER.validate_json(json.dumps(tree), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _finite(figure: Figure) -> Figure:
    """Return the figure without what JSON has no number for."""
    return replace(
        figure,
        value=_known(figure.value),
        low=_known(figure.low),
        high=_known(figure.high),
        control=_known(figure.control),
    )


def _known(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _figure_to_json(figure: Figure) -> dict[str, Any]:
    comparison, bound = figure.bound or (None, None)
    return {**asdict(figure), "verdict": figure.verdict, "comparison": comparison, "bound": bound}


_ADAPTER: TypeAdapter[Result] = TypeAdapter(Result)
