"""`model`: print the facts about a model before it is loaded."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.config import RunConfig
from agents.config.agent import AnyModelConfig, PretrainedConfig
from agents.config.config_file import changed
from agents.models import ModelFacts, ModelWarning
from agents.models.descriptions import describe
from agents.models.facts import PLAIN, model_facts
from agents.registry import MODELS, names
from agents.runtime.escaping import visible_name
from app.cli.output import print_json, wide
from app.cli.run import parse_settings


def model(
    name: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="transformer, mlp, table, a folder, a .gguf file, or a name of the hub."),
    ],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY.PATH=VALUE", help="Settings of the run, such as model.rank=0."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else.")] = False,
) -> int:
    """Show a model's size, memory use and trained weights, and whether it can be used, without loading it."""
    config = config_for_model(name, parse_settings(changes or ()))
    facts = with_loading_problem(model_facts(config), config.model)
    if as_json:
        print_json(to_json(facts))
    else:
        _print_facts(facts)
    return 0 if facts.problem is None else 1


def config_for_model(name: str, changes: dict[str, Any]) -> RunConfig:
    """Return the config of a run with this model. Raises `BadInput`."""
    kinds = {key: kind for key, kind in names(MODELS).items() if key != "pretrained"}
    implied = {"model.name": name} if name in kinds else {"model.name": "pretrained", "model.source": name}
    if name == "table":  # a table of values cannot be trained by a policy gradient
        implied["algorithm.name"] = "q_learning"
    return changed(RunConfig(), {**implied, **changes})


def with_loading_problem(facts: ModelFacts, settings: AnyModelConfig) -> ModelFacts:
    """Return the facts, with the problem that loading would raise if the pretrained model is on this disk."""
    if facts.problem is not None or not facts.disk or not isinstance(settings, PretrainedConfig):
        return facts
    if Path(settings.source).suffix == ".gguf":  # inspecting it would convert it first, which takes minutes
        return facts
    from agents.language.inspection import inspect  # imports Torch, which built-in models need not wait for

    try:
        inspect(settings)
    except ValueError as error:
        return replace(
            facts, problem=ModelWarning(PLAIN, {"error": visible_name(str(error).removeprefix("model.source: "))})
        )
    return facts


def to_json(facts: ModelFacts) -> dict[str, Any]:
    """Return the facts as JSON data; the problem and the warning are one line each, or null."""
    memory = {**asdict(facts.memory), "total": facts.memory.total}
    warnings = {"problem": facts.problem, "warning": facts.warning}
    lines = {key: None if warning is None else str(warning) for key, warning in warnings.items()}
    return {**asdict(facts), "memory": memory, **lines}


def _print_facts(facts: ModelFacts) -> None:
    console = wide()
    console.print(facts.name, markup=False)
    for fact in describe(facts):
        console.print(f"{fact.title:>14}  {fact}", markup=False)
    for warning in (facts.problem, facts.warning):
        if warning is not None:
            prefix = "cannot be used: " if warning is facts.problem else ""
            console.print(f"{'':>14}  {prefix}{warning}", markup=False)
