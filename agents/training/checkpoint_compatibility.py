"""Check whether a full checkpoint can be resumed here, and whether resuming is exact."""

from __future__ import annotations

import platform
from collections.abc import Mapping

import torch
from torch import Tensor

from agents.store.checkpoint_contents import Checkpoint, Origin, schema_errors

FREE_ROWS = ("model.tokens", "vectors", "choices")
"""Weights that grow: a row a word, or a row an action."""
TABLES = "tables."
"""How the names of tables begin: one a task, and a row a sentence."""
_NAMES = {
    "torch": "torch {}",
    "device": "device {}",
    "machine": "{}",
    "threads": "threads {}",
    "template": "the chat template {}",
}
MISFITS = (KeyError, IndexError, TypeError, AttributeError, RuntimeError, ArithmeticError)


def origin(device: torch.device, threads: int, template: str = "") -> Origin:
    """Return what the last bit of a number depends on, and how sentences are put; `template` tells the latter."""
    known = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return {
        "torch": torch.__version__,
        "device": known,
        "machine": platform.machine(),
        "threads": str(threads),
        "template": template,
    }


def differences(state: Checkpoint, here: Origin) -> list[str]:
    """Return why going on here can't be exact, a sentence each; none if it can."""
    made: Mapping[str, object] = state["origin"]
    now: Mapping[str, object] = here
    said = [
        f"made with {words.format(made[key])}, goes on with {words.format(now[key])}"
        for key, words in _NAMES.items()
        if made[key] != now[key]
    ]
    stage = state["stage"]
    if stage is not None and stage["worlds"] is None:
        said.append("the state of its worlds is not known, so they begin new episodes")
    if stage is None and state["run"]["plan"]["running"] is not None:
        said.append("the running stage begins anew")
    return said


def check_weights(weights: Mapping[str, Tensor], fresh: Mapping[str, Tensor]) -> None:
    """Compare names and shapes with those of a fresh agent. Raises ValueError before anything is made of them."""
    probabilities = {name for name in set(weights) ^ set(fresh) if name in fresh or not name.startswith(TABLES)}
    if probabilities:  # a task that was added later has a table of its own
        odd = min(probabilities)
        raise ValueError(f"weight {odd[:80]!r} does not belong to this agent")
    for name, weight in weights.items():
        ours = fresh[name].shape if name in fresh else weight.shape
        grows = (
            name.startswith((*FREE_ROWS, TABLES)) and len(weight.shape) == len(ours) and weight.shape[1:] == ours[1:]
        )
        if weight.shape != ours and not grows:
            raise ValueError(f"weight {name!r} has shape {tuple(weight.shape)}, and this agent's has {tuple(ours)}")


def check(saved: Checkpoint, fresh: Mapping[str, Tensor]) -> None:
    """Raise ValueError, before anything is made of it, if `saved` can't be the state of an agent such as `fresh`."""
    if (odd := next(schema_errors(saved), None)) is not None:
        raise ValueError(incompatible_checkpoint(odd))
    try:
        check_weights(saved["run"]["agent"]["policy"], fresh)
    except MISFITS as error:
        raise ValueError(incompatible_checkpoint(error)) from error


def incompatible_checkpoint(reason: Exception | str) -> str:
    """Say that a checkpoint is not what it should be."""
    said = reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"
    return f"the checkpoint does not fit this run ({said}); it was made by another version"
