"""Check whether a full checkpoint can be resumed here, and whether resuming is exact."""

from __future__ import annotations

import platform
from collections.abc import Mapping

import torch
from torch import Tensor

from agents.store.checkpoint_contents import Checkpoint, Origin, schema_errors

FREE_ROWS = ("model.tokens", "vectors", "choices")
"""Weights that grow in their first dimension: a row for each word or action."""
TABLES = "tables."
"""Prefix of the names of tables: one for each task, with a row for each sentence."""
_NAMES = {
    "torch": "torch {}",
    "device": "device {}",
    "machine": "{}",
    "threads": "threads {}",
    "template": "the chat template {}",
}
INVALID = (KeyError, IndexError, TypeError, AttributeError, RuntimeError, ArithmeticError)


def origin(device: torch.device, threads: int, template: str = "") -> Origin:
    """Return the software and hardware that floating-point results depend on, and the chat template."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return {
        "torch": torch.__version__,
        "device": name,
        "machine": platform.machine(),
        "threads": str(threads),
        "template": template,
    }


def differences(state: Checkpoint, here: Origin) -> list[str]:
    """Return why resuming here can't be exact, one phrase for each reason; empty if it can."""
    saved: Mapping[str, object] = state["origin"]
    now: Mapping[str, object] = here
    reasons = [
        f"made with {template.format(saved[key])}, resumed with {template.format(now[key])}"
        for key, template in _NAMES.items()
        if saved[key] != now[key]
    ]
    stage = state["stage"]
    if stage is not None and stage["worlds"] is None:
        reasons.append("the environments could not be saved, so they start new episodes")
    if stage is None and state["run"]["plan"]["running"] is not None:
        reasons.append("the running stage restarts from its beginning")
    return reasons


def check_weights(weights: Mapping[str, Tensor], fresh: Mapping[str, Tensor]) -> None:
    """Compare names and shapes of weights with a new agent's, which may be smaller. Raises ValueError."""
    unknown = {name for name in set(weights) ^ set(fresh) if name in fresh or not name.startswith(TABLES)}
    if unknown:  # except tables, since tasks may have been added later
        raise ValueError(f"weight {min(unknown)[:80]!r} does not belong to this agent")
    for name, weight in weights.items():
        expected = fresh[name].shape if name in fresh else weight.shape
        grows = (
            name.startswith((*FREE_ROWS, TABLES))
            and len(weight.shape) == len(expected)
            and weight.shape[1:] == expected[1:]
        )
        if weight.shape != expected and not grows:
            raise ValueError(f"weight {name!r} has shape {tuple(weight.shape)}, and this agent's has {tuple(expected)}")


def check(saved: Checkpoint, fresh: Mapping[str, Tensor]) -> None:
    """Raise ValueError if `saved` is invalid, or does not fit an agent whose new weights are `fresh`, of any shape."""
    if (schema_error := next(schema_errors(saved), None)) is not None:
        raise ValueError(incompatible_checkpoint(schema_error))
    try:
        check_weights(saved["run"]["agent"]["policy"], fresh)
    except INVALID as error:
        raise ValueError(incompatible_checkpoint(error)) from error


def incompatible_checkpoint(reason: Exception | str) -> str:
    """Return the message that a checkpoint does not fit the run."""
    text = reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"
    return f"the checkpoint does not fit this run ({text}); it was made by another version"
