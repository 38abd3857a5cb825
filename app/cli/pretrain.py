"""`pretrain`: train the shipped weights of the built-in model."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Annotated, Any

import typer

from agents.pretraining.recipe import Recipe
from app.cli.options import Json, Overwrite, Quiet, must_be_free
from app.cli.output import print_json, wide

_DEFAULT = Recipe()
_FILES = ("built-in.json", "built-in.safetensors")


def pretrain(  # noqa: PLR0913  each is a flag of the command
    steps: Annotated[int, typer.Option(min=1, help="Gradient steps.")] = _DEFAULT.steps,
    seed: Annotated[int, typer.Option(min=0, help="Seeds episodes, weights and minibatches.")] = _DEFAULT.seed,
    expert: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the episodes that scripted experts play.")
    ] = _DEFAULT.expert,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder to write to; that of the shipped weights if left out.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train the built-in model on the sentences of all worlds, and store its weights for `model.start`."""
    if out is not None:
        must_be_free((out / name for name in _FILES), overwrite)
    result = _train(Recipe(steps, seed, expert), out, quiet)
    if as_json:
        print_json(result)
        return
    for split, numbers in result["perplexity"].items():
        text = ", ".join(f"{predictor} {number:.2f}" for predictor, number in numbers.items())
        wide().print(f"perplexity, {split}: {text}", markup=False)
    for file in result["files"]:
        wide().print(file, markup=False)


def _train(recipe: Recipe, out: Path | None, quiet: bool) -> dict[str, Any]:
    import torch  # slow to import, and the other commands do not need it

    from agents.language import shipped_weights
    from agents.pretraining.pretrain import create_corpus, perplexities, pretrain, provenance, untrained
    from resources import path

    torch.set_num_threads(1)  # the order of summation, and so the weights, must not depend on the number of cores
    started = process_time()
    read, model = create_corpus(recipe), untrained(recipe)
    console = wide(stderr=True)
    console.quiet = quiet
    for report in pretrain(model, read, recipe):
        console.print(f"{report.step:>6}  perplexity {report.perplexity:.3f}")
    about = provenance(recipe, read, perplexities(model, read))
    folder = path("models") if out is None else out
    files = shipped_weights.write(folder, model.words, model.state_dict(), about)
    return {**about, "seconds": round(process_time() - started, 1), "files": [str(file) for file in files]}
