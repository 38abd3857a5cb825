"""`pretrain`: train the shipped weights of the built-in model."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Annotated, Any

import typer

from agents.pretraining.recipe import Recipe
from app.cli.options import Json, Overwrite, Quiet, must_be_free
from app.cli.output import print_json, wide

_USUAL = Recipe()
_FILES = ("built-in.json", "built-in.safetensors")


def pretrain(  # noqa: PLR0913  each is a flag of the command
    steps: Annotated[int, typer.Option(min=1, help="Gradient steps.")] = _USUAL.steps,
    seed: Annotated[int, typer.Option(min=0, help="Seeds play, weights and minibatches.")] = _USUAL.seed,
    expert: Annotated[
        float, typer.Option(min=0, max=1, help="Part of the play that scripted experts do.")
    ] = _USUAL.expert,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to write them; where they come from if left out.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let the built-in model read what all worlds say, and keep its weights for `model.start`."""
    if out is not None:
        must_be_free((out / name for name in _FILES), overwrite)
    told = _made(Recipe(steps, seed, expert), out, quiet)
    if as_json:
        print_json(told)
        return
    for place, numbers in told["perplexity"].items():
        said = ", ".join(f"{who} {number:.2f}" for who, number in numbers.items())
        wide().print(f"perplexity, {place}: {said}", markup=False)
    for file in told["files"]:
        wide().print(file, markup=False)


def _made(recipe: Recipe, out: Path | None, quiet: bool) -> dict[str, Any]:
    import torch  # only who trains waits for it

    from agents.language import shipped_weights
    from agents.pretraining.pretrain import made, perplexities, pretrain, text, untrained
    from resources import path

    torch.set_num_threads(1)  # so that the sums, and with them the weights, are the same wherever there are more
    began = process_time()
    read, model = text(recipe), untrained(recipe)
    console = wide(stderr=True)
    console.quiet = quiet
    for each in pretrain(model, read, recipe):
        console.print(f"{each.step:>6}  perplexity {each.perplexity:.3f}")
    about = made(recipe, read, perplexities(model, read))
    folder = path("models") if out is None else out
    files = shipped_weights.keep(folder, model.words, model.state_dict(), about)
    return {**about, "seconds": round(process_time() - began, 1), "files": [str(file) for file in files]}
