"""Does the demonstration end as the README says? Each number of its table, with its tolerance, for every seed.

The numbers are read from the README and nowhere else. Each is an ordinary run beside the others, tagged
`bench demonstration`: it opens in the window, is trained only once, and resumes where it was interrupted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

import resources
from agents.analysis.comparison import ComparedRun
from agents.benchmarks.learning.cached_runs import CachedRun, cached
from agents.benchmarks.report.figure import Figure
from agents.benchmarks.report.result import unpromised
from agents.config import RunConfig, config_file
from agents.errors import BadInput
from agents.store.run_store import RunStore

TAG = "bench demonstration"
README = Path(__file__).parents[3] / "README.md"
STRATEGIES = {"without a strategy": "naive", "with replay": "replay"}
"""The columns of the README's table, and the strategy that each speaks of."""
METRICS = {"Learned": "learned", "Average at the end": "average", "Forgetting": "forgetting"}
"""The rows of the README's table, and the metric that each speaks of."""
SHORT = (14_000, 24_000)
"""Steps of the two stages of a quick look: enough to learn both houses, and to forget the first."""
_ROW = re.compile(r"^\| (?P<row>[^|]+?) \|(?P<cells>(?: -?\d\.\d+ ± \d\.\d+ \|)+)$", re.MULTILINE)
_CELL = re.compile(r"(-?\d\.\d+) ± (\d\.\d+)")
_HEAD = re.compile(r"^\|(?P<cells>[^|\n]*(?:\|[^|\n]*)*)\|\n\|(?:-+\|)+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Claim:
    """One number that the README states for every seed."""

    strategy: str
    metric: str
    value: float
    tolerance: float

    def holds(self, measured: float | None) -> bool:
        """Return whether `measured` is as near as stated; both are rounded to two decimals, as the README's are."""
        return measured is not None and round(abs(measured - self.value), 2) <= self.tolerance


def claims(readme: str) -> tuple[Claim, ...]:
    """Return every number of the README's table. Raises `BadInput` if there is no such table or a row is unknown."""
    table = next((head for head in _HEAD.finditer(readme) if _columns(head) == list(STRATEGIES)), None)
    rows = [] if table is None else list(_ROW.finditer(readme[table.end() :].partition("\n\n")[0]))
    unknown = [row["row"] for row in rows if row["row"] not in METRICS]
    if not rows or unknown:
        what = f"a row {unknown[0]!r} that nothing measures" if unknown else "no table of what to expect"
        raise BadInput(f"{README.name} has {what}; its rows are {', '.join(METRICS)}")
    return tuple(
        Claim(strategy, METRICS[row["row"]], float(value), float(tolerance))
        for row in rows
        for strategy, (value, tolerance) in zip(STRATEGIES.values(), _CELL.findall(row["cells"]), strict=True)
    )


def measure(seeds: int = 5, jobs: int = 1, quick: bool = False, runs: Path | None = None) -> list[Figure]:
    """Run the demonstration with each strategy of the table; hold every seed's numbers against the README's.

    `jobs` runs go on at a time. `quick` runs the first and the last stage, shortened, elsewhere, and promises nothing.
    Raises `BadInput` where the README is not at hand, as in an installed copy.
    """
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    if not README.exists():
        raise BadInput(f"{README}: there is no such file; run this from a checkout")
    stated, demo = claims(README.read_text(encoding="utf-8")), config_file.load(resources.path("curricula/demo.toml"))
    if not quick:
        return list(_figures(stated, _stories(demo, seeds, jobs, runs)))
    with TemporaryDirectory() as folder:
        return list(unpromised(list(_figures(stated, _stories(_shortened(demo), 1, jobs, Path(folder))))))


def _columns(head: re.Match[str]) -> list[str]:
    return [cell.strip() for cell in head["cells"].split("|")][1:]


def _shortened(demo: RunConfig) -> RunConfig:
    ends = zip((demo.stages[0], demo.stages[-1]), SHORT, strict=True)
    return demo.model_copy(update={"stages": tuple(stage.model_copy(update={"steps": steps}) for stage, steps in ends)})


def _stories(demo: RunConfig, seeds: int, jobs: int, runs: Path | None) -> Mapping[str, Sequence[ComparedRun]]:
    """Return the stories of every strategy, by seed."""
    wanted = [
        CachedRun(
            f"{demo.name}, {strategy}, seed {seed}", demo.changed({"seed": seed, "strategy.name": strategy}), (TAG,)
        )
        for strategy in STRATEGIES.values()
        for seed in range(seeds)
    ]
    stories = cached(wanted, RunStore(runs).root, jobs)
    return {name: stories[place * seeds : (place + 1) * seeds] for place, name in enumerate(STRATEGIES.values())}


def _figures(stated: Sequence[Claim], stories: Mapping[str, Sequence[ComparedRun]]) -> Iterator[Figure]:
    for claim in stated:
        measured = [one.view.metrics()[claim.metric] for one in stories[claim.strategy]]
        for seed, value in enumerate(measured):
            yield Figure(
                name=f"{claim.strategy}: {claim.metric}, seed {seed}",
                value=value,
                unit="of 1",
                goal=f"{claim.value:g} ± {claim.tolerance:g}",
                holds=claim.holds(value),
                source="README.md, the demonstration",
            )
