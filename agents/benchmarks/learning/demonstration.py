"""Does the demonstration end as the README says? Each number of its table, with its tolerance, for every seed.

The numbers are read from the README and nowhere else. Each is an ordinary run beside the others, tagged
`bench demonstration`: it opens in the window, is trained only once, and is resumed if it was interrupted.
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
from agents.benchmarks.learning.cached_runs import run_all
from agents.benchmarks.report.figure import Figure
from agents.config import RunConfig, config_file
from agents.errors import BadInput
from agents.store.run_store import RunStore
from agents.studies.trials import Trial

TAG = "bench demonstration"
README = Path(__file__).parents[3] / "README.md"
STRATEGIES = {"without a strategy": "naive", "with replay": "replay"}
"""Column titles of the README's table, and the strategy of each."""
METRICS = {"Learned": "learned", "Average at the end": "average", "Forgetting": "forgetting"}
"""Row titles of the README's table, and the metric of each."""
SHORT = (14_000, 24_000)
"""Steps of the two stages of a quick run: enough to learn both houses and to forget the first."""
_ROW = re.compile(r"^\| (?P<row>[^|]+?) \|(?P<cells>(?: -?\d\.\d+ ± \d\.\d+ \|)+)$", re.MULTILINE)
_CELL = re.compile(r"(-?\d\.\d+) ± (\d\.\d+)")
_HEADER = re.compile(r"^\|(?P<cells>[^|\n]*(?:\|[^|\n]*)*)\|\n\|(?:-+\|)+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Claim:
    """One number that the README states for every seed."""

    strategy: str
    metric: str
    value: float
    tolerance: float

    def holds(self, measured: float | None) -> bool:
        """Return whether `measured` is within the tolerance, rounded to two decimals as in the README."""
        return measured is not None and round(abs(measured - self.value), 2) <= self.tolerance


def claims(readme: str) -> tuple[Claim, ...]:
    """Parse every number of the README's table. Raises `BadInput` if the table is missing or a row is unknown."""
    header = next((match for match in _HEADER.finditer(readme) if _columns(match) == list(STRATEGIES)), None)
    rows = [] if header is None else list(_ROW.finditer(readme[header.end() :].partition("\n\n")[0]))
    unknown = [row["row"] for row in rows if row["row"] not in METRICS]
    if not rows or unknown:
        problem = f"a row {unknown[0]!r} that nothing measures" if unknown else "no table of what to expect"
        raise BadInput(f"{README.name} has {problem}; its rows are {', '.join(METRICS)}")
    return tuple(
        Claim(strategy, METRICS[row["row"]], float(value), float(tolerance))
        for row in rows
        for strategy, (value, tolerance) in zip(STRATEGIES.values(), _CELL.findall(row["cells"]), strict=True)
    )


def measure(seeds: int = 5, jobs: int = 1, quick: bool = False, runs: Path | None = None) -> list[Figure]:
    """Run the demonstration with each strategy of the table; compare every seed's numbers with the README's.

    `jobs` processes run at a time. `quick` runs the first and the last stage, shortened, in a temporary folder.
    Raises `BadInput` if the README is missing, as in an installed copy.
    """
    torch.set_num_threads(1)  # a small model is ten times slower on two threads
    if not README.exists():
        raise BadInput(f"{README}: there is no such file; run this from a checkout")
    stated, demo = claims(README.read_text(encoding="utf-8")), config_file.load(resources.path("curricula/demo.toml"))
    if not quick:
        return list(_figures(stated, _finished_runs(demo, seeds, jobs, runs)))
    with TemporaryDirectory() as folder:
        return list(_figures(stated, _finished_runs(_shortened(demo), 1, jobs, Path(folder))))


def _columns(header: re.Match[str]) -> list[str]:
    return [cell.strip() for cell in header["cells"].split("|")][1:]


def _shortened(demo: RunConfig) -> RunConfig:
    stages = zip((demo.stages[0], demo.stages[-1]), SHORT, strict=True)
    shortened = tuple(stage.model_copy(update={"steps": steps}) for stage, steps in stages)
    return demo.model_copy(update={"stages": shortened})


def _finished_runs(demo: RunConfig, seeds: int, jobs: int, runs: Path | None) -> Mapping[str, Sequence[ComparedRun]]:
    """Return the runs of every strategy, in seed order."""
    requests = [
        Trial(f"{demo.name}, {strategy}, seed {seed}", demo.changed({"seed": seed, "strategy.name": strategy}), (TAG,))
        for strategy in STRATEGIES.values()
        for seed in range(seeds)
    ]
    finished = iter(run_all(requests, RunStore(runs).root, jobs))
    return {strategy: [next(finished) for _ in range(seeds)] for strategy in STRATEGIES.values()}


def _figures(stated: Sequence[Claim], runs: Mapping[str, Sequence[ComparedRun]]) -> Iterator[Figure]:
    for claim in stated:
        measured = [run.view.metrics()[claim.metric] for run in runs[claim.strategy]]
        for seed, value in enumerate(measured):
            yield Figure(
                name=f"{claim.strategy}: {claim.metric}, seed {seed}",
                value=value,
                unit="of 1",
                goal=f"{claim.value:g} ± {claim.tolerance:g}",
                holds=claim.holds(value),
                source="README.md, the demonstration",
            )
