"""Pairs of strategies: their notation, and which can be combined. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from agents.config.strategies import SINGLE, SingleStrategyConfig
from envs.options import Frozen

BOTH = "both"
JOIN = "+"
"""Separator of two strategies on the command line: `ewc+replay`."""
DEFAULT_PAIR = ("ewc", "replay")
"""The pair that `both` means without further settings."""
PENALTIES = frozenset({"l2", "ewc", "online_ewc", "si"})
"""Strategies that add a quadratic penalty on the distance from earlier weights."""
OWN_WEIGHTS = frozenset({"packnet", "adapters", "progress_compress"})
"""Strategies that keep separate weights for each task."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A rule: no strategy of the set `one` can be combined with one of `other`; None stands for all strategies."""

    one: frozenset[str] | None
    other: frozenset[str] | None
    reason: str
    """Message with the remedy; `{one}` and `{other}` are replaced by the strategies' names."""

    def between(self, one: str, other: str) -> bool:
        """Return whether this rule forbids the pair, in this order."""
        return (self.one is None or one in self.one) and (self.other is None or other in self.other)


CONFLICTS: Sequence[Conflict] = (
    Conflict(frozenset({"naive"}), None, "{one} adds nothing to {other}: choose {other} alone"),
    Conflict(
        frozenset({"joint"}),
        None,
        "{one} learns all tasks at once, so {other} has nothing to protect: choose {one} alone",
    ),
    Conflict(
        PENALTIES,
        OWN_WEIGHTS,
        "the penalty of {one} would pull each task's weights, which {other} keeps separate, to another's: "
        "choose one of them",
    ),
    Conflict(
        OWN_WEIGHTS,
        OWN_WEIGHTS,
        "{one} and {other} would each keep separate weights for every task: choose one of them",
    ),
    Conflict(
        None,
        OWN_WEIGHTS,
        "{other} keeps separate weights for each task, so {one} has nothing to protect: choose {other} alone",
    ),
)
TWICE = "{one} twice is {one}: choose it alone, and change its settings"


def conflict(one: str, other: str) -> tuple[str, str, str] | None:
    """Return why two strategies can't be combined, as (template, its `{one}`, its `{other}`); None if they can."""
    if one == other:
        return TWICE, one, other
    for rule in CONFLICTS:
        for pair in ((one, other), (other, one)):
            if rule.between(*pair):
                return rule.reason, *pair
    return None


class BothConfig(Frozen):
    """Two strategies combined; each hook calls the first, then the second."""

    name: Literal["both"] = "both"
    first: SingleStrategyConfig
    """The strategy that is called first."""
    second: SingleStrategyConfig
    """The strategy that is called second."""

    @model_validator(mode="after")
    def _combinable(self) -> BothConfig:
        if (found := conflict(self.first.name, self.second.name)) is not None:
            reason, one, other = found
            raise ValueError(reason.format(one=repr(one), other=repr(other)))
        return self


def expand_pair(settings: Any) -> Any:
    """Expand settings named `ewc+replay` to those of `both`; return any others unchanged."""
    name = settings.get("name") if isinstance(settings, Mapping) else None
    if not isinstance(name, str) or (name != BOTH and JOIN not in name):
        return settings
    names = DEFAULT_PAIR if name == BOTH else tuple(part.strip() for part in name.split(JOIN))
    if len(names) != 2:
        raise ValueError(f"{name!r} joins {len(names)} strategies; write two, such as {JOIN.join(DEFAULT_PAIR)}")
    parts: dict[str, Any] = {"first": {"name": names[0]}, "second": {"name": names[1]}}
    given = {key: value for key, value in settings.items() if key != "name"}
    # with `both`, a given part replaces the default one; with `ewc+replay`, it adds settings to the named one
    for key, part in parts.items():
        if isinstance(given.get(key), Mapping):
            given[key] = {**(part if name != BOTH else {}), **given[key]}
    return {"name": BOTH, **parts, **given}


StrategyConfig = Annotated[SINGLE | BothConfig, Field(discriminator="name"), BeforeValidator(expand_pair)]


def parts_of(config: StrategyConfig) -> tuple[SingleStrategyConfig, ...]:
    """Return the strategies that `config` consists of: itself, or the two that it combines."""
    return (config.first, config.second) if isinstance(config, BothConfig) else (config,)


def spelling(config: StrategyConfig) -> str:
    """Return the name as flags and files write it: `ewc`, or `ewc+replay`."""
    return JOIN.join(part.name for part in parts_of(config))


def tables(config: StrategyConfig) -> dict[str, SingleStrategyConfig]:
    """Return the parts by the prefix of their settings' paths below `strategy`: "", or "first." and "second."."""
    parts = parts_of(config)
    return {"": parts[0]} if len(parts) == 1 else {"first.": parts[0], "second.": parts[1]}


def choice(*parts: SingleStrategyConfig) -> dict[str, Any]:
    """Return the changes, by dotted path, that select one strategy or a pair with exactly these settings."""
    chosen: dict[str, Any] = {"strategy.name": JOIN.join(part.name for part in parts)}
    tables = ("strategy",) if len(parts) == 1 else ("strategy.first", "strategy.second")
    for table, part in zip(tables, parts, strict=True):
        settings = part.model_dump(exclude_defaults=True, exclude={"name"})
        chosen |= {f"{table}.{key}": value for key, value in settings.items()}
    return chosen
