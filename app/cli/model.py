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
from app.cli.run import settings


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
    """Show what a model is, what a run with it would hold and train, and whether it can be used; loads nothing."""
    config = configured(name, settings(changes or ()))
    facts = inspected(model_facts(config), config.model)
    if as_json:
        print_json(spelled(facts))
    else:
        _show(facts)
    return 0 if facts.problem is None else 1


def configured(name: str, changes: dict[str, Any]) -> RunConfig:
    """Return a run with this model. Raises `BadInput`."""
    kinds = {key: kind for key, kind in names(MODELS).items() if key != "pretrained"}
    chosen = {"model.name": name} if name in kinds else {"model.name": "pretrained", "model.source": name}
    if name == "table":
        chosen["algorithm.name"] = "q_learning"
    return changed(RunConfig(), {**chosen, **changes})


def inspected(facts: ModelFacts, settings: AnyModelConfig) -> ModelFacts:
    """Return the facts with what loading would find wrong, of a folder of a pretrained model that is here."""
    if facts.problem is not None or not facts.disk or not isinstance(settings, PretrainedConfig):
        return facts
    if Path(settings.source).suffix == ".gguf":  # it would have to be converted
        return facts
    from agents.language.inspection import inspect  # brings Torch, for which the built-in models need not wait

    try:
        inspect(settings)
    except ValueError as error:
        return replace(
            facts, problem=ModelWarning(PLAIN, {"error": visible_name(str(error).removeprefix("model.source: "))})
        )
    return facts


def spelled(facts: ModelFacts) -> dict[str, Any]:
    """Return the facts as JSON data; a problem and a warning as a line each, or null."""
    memory = {**asdict(facts.memory), "total": facts.memory.total}
    lines = {key: None if said is None else str(said) for key, said in _remarks(facts).items()}
    return {**asdict(facts), "memory": memory, **lines}


def _remarks(facts: ModelFacts) -> dict[str, Any]:
    return {"problem": facts.problem, "warning": facts.warning}


def _show(facts: ModelFacts) -> None:
    console = wide()
    console.print(facts.name, markup=False)
    for fact in describe(facts):
        console.print(f"{fact.title:>14}  {fact}", markup=False)
    for said in (facts.problem, facts.warning):
        if said is not None:
            console.print(f"{'':>14}  {'cannot be used: ' if said is facts.problem else ''}{said}", markup=False)
