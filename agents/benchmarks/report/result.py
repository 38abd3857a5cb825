"""The result of one benchmark run: figures, curves and date.

Free of Torch and Qt: both the command line and the window read it.
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
"""Maximum size of a stored result, in bytes."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Figures and charts of a benchmark; a benchmark without charts may return a plain list of figures."""

    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One benchmark run."""

    name: str
    """Name of the benchmark."""
    options: str
    """Command-line options, such as `--seeds 3`."""
    measured: str
    """End of the measurement in UTC, such as `2026-03-01T12:00:00+00:00`."""
    seconds: float
    """Duration of the measurement."""
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Verdict over all figures."""
        return verdict(self.figures)

    @property
    def claims(self) -> tuple[Figure, ...]:
        """The figures that have a goal."""
        return tuple(figure for figure in self.figures if figure.goal)

    def to_json(self) -> dict[str, Any]:
        """Return JSON data: the fields, and of each figure its verdict and its goal as comparison and bound."""
        return {
            **asdict(self),
            "verdict": self.verdict,
            "figures": [_figure_to_json(figure) for figure in self.figures],
        }


def findings(found: Findings | Iterable[Figure]) -> Findings:
    """Return the return value of a benchmark as `Findings`; numbers that are not finite become None."""
    whole = found if isinstance(found, Findings) else Findings(tuple(found))
    return replace(whole, figures=tuple(_without_nan(figure) for figure in whole.figures))


def without_goals(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """Return the figures without their goals, for a quick run: its budget is too small for them."""
    return tuple(replace(figure, goal="", holds=True) for figure in figures)


def parse(content: bytes | str) -> Result:
    """Parse the JSON of `Result.to_json`. Raises ValueError with a one-line message if it is invalid."""
    tree = strict_json.parse(content, largest=LARGEST)
    try:
        # unknown keys, as of a newer version, are dropped; everything else is type-checked
        return _ADAPTER.validate_json(json.dumps(tree), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _without_nan(figure: Figure) -> Figure:
    """Replace NaN and infinity, which JSON cannot hold, by None."""
    return replace(
        figure,
        value=_finite_or_none(figure.value),
        low=_finite_or_none(figure.low),
        high=_finite_or_none(figure.high),
        control=_finite_or_none(figure.control),
    )


def _finite_or_none(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _figure_to_json(figure: Figure) -> dict[str, Any]:
    comparison, bound = figure.bound or (None, None)
    return {**asdict(figure), "verdict": figure.verdict, "comparison": comparison, "bound": bound}


_ADAPTER: TypeAdapter[Result] = TypeAdapter(Result)
