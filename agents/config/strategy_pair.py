"""Pairs of strategies: how they are written, and which can be combined. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from agents.config.strategies import SINGLE, SingleStrategyConfig
from envs.options import Frozen

BOTH = "both"
JOIN = "+"
"""Stands between two strategies on the command line: `ewc+replay`."""
USUAL = ("ewc", "replay")
"""What is combined where nothing else is said."""
PENALTIES = frozenset({"l2", "ewc", "online_ewc", "si"})
"""Strategies that pull every weight back to where it was."""
OWN_WEIGHTS = frozenset({"packnet", "adapters", "progress_compress"})
"""Strategies that keep each task in weights of its own."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A kind of strategy, `one`, that can't be combined with another, `other`; None stands for every strategy."""

    one: frozenset[str] | None
    other: frozenset[str] | None
    reason: str
    """Why, and what to do instead, for people; `{one}` and `{other}` stand for the strategies' names."""

    def between(self, one: str, other: str) -> bool:
        """Tell whether these two clash for this reason."""
        return (self.one is None or one in self.one) and (self.other is None or other in self.other)


CLASHES: Sequence[Clash] = (
    Clash(frozenset({"naive"}), None, "{one} adds nothing to {other}: choose {other} alone"),
    Clash(
        frozenset({"joint"}),
        None,
        "{one} learns all tasks at once, so {other} has nothing to guard: choose {one} alone",
    ),
    Clash(
        PENALTIES,
        OWN_WEIGHTS,
        "the springs of {one} would pull one task's weights to another's, kept apart by {other}: choose one of them",
    ),
    Clash(
        OWN_WEIGHTS, OWN_WEIGHTS, "{one} and {other} would each give every task weights of its own: choose one of them"
    ),
    Clash(
        None,
        OWN_WEIGHTS,
        "{other} keeps each task in weights of its own, so {one} has nothing to guard: choose {other} alone",
    ),
)
TWICE = "{one} twice is {one}: choose it alone, and change its settings"


def clash(one: str, other: str) -> tuple[str, str, str] | None:
    """Return why two strategies can't be combined, as (text, its `{one}`, its `{other}`); None if they can."""
    if one == other:
        return TWICE, one, other
    for rule in CLASHES:
        for pair in ((one, other), (other, one)):
            if rule.between(*pair):
                return rule.reason, *pair
    return None


class BothConfig(Frozen):
    """Two strategies at once: each moment of learning is passed to the first, then to the second."""

    name: Literal["both"] = "both"
    first: SingleStrategyConfig
    """The strategy that acts first."""
    second: SingleStrategyConfig
    """The strategy that acts after it."""

    @model_validator(mode="after")
    def _combinable(self) -> BothConfig:
        if (found := clash(self.first.name, self.second.name)) is not None:
            reason, one, other = found
            raise ValueError(reason.format(one=repr(one), other=repr(other)))
        return self


def spelled_out(settings: Any) -> Any:
    """Return the settings of `ewc+replay` as those of `both`, and anything else as it is."""
    name = settings.get("name") if isinstance(settings, Mapping) else None
    if not isinstance(name, str) or (name != BOTH and JOIN not in name):
        return settings
    names = USUAL if name == BOTH else tuple(part.strip() for part in name.split(JOIN))
    if len(names) != 2:
        raise ValueError(f"{name!r} joins {len(names)} strategies; write two, such as {JOIN.join(USUAL)}")
    parts: dict[str, Any] = {"first": {"name": names[0]}, "second": {"name": names[1]}}
    given = {key: value for key, value in settings.items() if key != "name"}
    for key, part in parts.items():
        if isinstance(given.get(key), Mapping):
            given[key] = {**(part if name != BOTH else {}), **given[key]}
    return {"name": BOTH, **parts, **given}


StrategyConfig = Annotated[SINGLE | BothConfig, Field(discriminator="name"), BeforeValidator(spelled_out)]


def parts_of(config: StrategyConfig) -> tuple[SingleStrategyConfig, ...]:
    """Return the strategies that `config` consists of: itself, or the two that it combines."""
    return (config.first, config.second) if isinstance(config, BothConfig) else (config,)


def spelling(config: StrategyConfig) -> str:
    """Return the name that flags and files take: `ewc`, or `ewc+replay`."""
    return JOIN.join(part.name for part in parts_of(config))


def tables(config: StrategyConfig) -> dict[str, SingleStrategyConfig]:
    """Return the parts by what the paths of their settings begin with, below `strategy`."""
    parts = parts_of(config)
    return {"": parts[0]} if len(parts) == 1 else {"first.": parts[0], "second.": parts[1]}


def choice(*parts: SingleStrategyConfig) -> dict[str, Any]:
    """Return the changes, by dotted path, that choose one strategy or a pair with the settings they have here."""
    chosen: dict[str, Any] = {"strategy.name": JOIN.join(part.name for part in parts)}
    tables = ("strategy",) if len(parts) == 1 else ("strategy.first", "strategy.second")
    for table, part in zip(tables, parts, strict=True):
        settings = part.model_dump(exclude_defaults=True, exclude={"name"})
        chosen |= {f"{table}.{key}": value for key, value in settings.items()}
    return chosen
