"""A summary of what was forgotten, and of how other runs compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.analysis.definitions import Family
from widgets.remembering.matrix_data import MatrixData
from widgets.style.numbers import score
from widgets.style.translation import tr

_NOTABLE, _POOR = 0.005, 0.5
"""The smallest change that is not rounded to 0.00; and the score below which a task counts as poorly learned."""


@dataclass(frozen=True, slots=True)
class RunComparison:
    """An overlaid run: its name, its matrix, and a map from the front run's task ids to its own."""

    name: str
    remembering: MatrixData
    task_ids: dict[int, int]


def sentences(front: MatrixData, names: Sequence[str], others: Sequence[RunComparison], by: Family) -> list[str]:
    """Return the sentences of the summary, the most important first."""
    falls = sorted(front.drops().items(), key=lambda pair: -pair[1])
    fallen = [(task_id, drop) for task_id, drop in falls if drop >= _NOTABLE]
    if fallen:
        texts = [_fall(front, names, task_id, drop) for task_id, drop in fallen[:2]]
        if len(fallen) > len(texts):
            texts.append(tr("{number} more fell, too.", number=len(fallen) - len(texts)))
    else:
        texts = [_no_fall(front, names)]
    worst = fallen[0][0] if fallen else None
    return [*texts, *(_comparison(other, worst, by) for other in others)]


def _fall(front: MatrixData, names: Sequence[str], task_id: int, drop: float) -> str:
    level = front.score_when_learned(task_id)
    if level is not None and level < _POOR:
        text = tr("{task} fell {drop}, but was only learned to {level}.")
        return text.format(task=names[task_id], drop=score(drop), level=score(level))
    return tr("{task} fell {drop} since it was learned.", task=names[task_id], drop=score(drop))


def _no_fall(front: MatrixData, names: Sequence[str]) -> str:
    learned = [task_id for task_id, row in enumerate(front.own) if row is not None]
    if not learned:
        return _nothing_learned(front, names)
    if front.drops():
        return tr("Nothing was forgotten since it was learned.")
    level = score(front.score_when_learned(learned[0]))
    return tr("{task} is learned to {level}; the next task will show what is kept.").format(
        task=names[learned[0]], level=level
    )


def _nothing_learned(front: MatrixData, names: Sequence[str]) -> str:
    if not front.live or front.learning is None:
        return tr("Nothing is learned yet: these are the scores of an untrained agent.")
    level = score(float(front.matrix[-1, front.learning]))
    return tr("{task} is being learned: {level} so far.", task=names[front.learning], level=level)


def _comparison(other: RunComparison, worst: int | None, by: Family) -> str:
    drops = other.remembering.drops()
    task_id = None if worst is None else other.task_ids.get(worst)
    if task_id is not None and task_id in drops:
        drop = drops[task_id]
        if drop < _NOTABLE:
            return tr("In ‘{run}’ it was kept.", run=other.name)
        return tr("In ‘{run}’ it fell {drop}.", run=other.name, drop=score(drop))
    return tr(
        "‘{run}’: learned {learned}, forgetting {forgetting}.",
        run=other.name,
        learned=score(other.remembering.learned),
        forgetting=score(other.remembering.forgetting(by)),
    )
