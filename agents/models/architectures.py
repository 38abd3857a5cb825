"""Supported architectures, read from the installed transformers without importing it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from agents.models import ModelWarning, StoredModel

UNREADABLE = ("mamba", "mamba2", "falcon_mamba", "rwkv", "bert", "bloom", "xlnet", "reformer")
"""Model types that are refused although transformers supports them: no causal attention that phrases could share."""
UNKNOWN = "its architecture, {kind!r}, is not known to this version of transformers; choose another model"
NO_TEXT = "its architecture, {kind!r}, does not continue text from left to right; choose a causal language model"
UNSHARED = "its architecture, {kind!r}, cannot read a prompt once for all actions; choose another model"
NO_EXTRA = "it needs the extra llm: pip install 'palimpsest[llm]'"
_TABLE = Path("models/auto/modeling_auto.py")
_CAUSAL = "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES"


def architecture(model: StoredModel) -> str:
    """Return the name of the architecture that config.json states."""
    named = model.settings.get("architectures")
    first = named[0] if isinstance(named, list) and named else model.settings.get("model_type", "")
    return str(first)


def architecture_problem(model: StoredModel) -> ModelWarning | None:
    """Return why the architecture cannot be used; None if no reason is known."""
    kinds = causal_kinds()
    if kinds is None:
        return ModelWarning(NO_EXTRA)
    kind = str(model.settings.get("model_type", ""))
    if kind in UNREADABLE:
        return ModelWarning(UNSHARED, {"kind": kind})
    if kind in kinds:
        return None
    return ModelWarning(NO_TEXT if _has_module(kind) else UNKNOWN, {"kind": kind})


@cache
def causal_kinds() -> Mapping[str, str] | None:
    """Return the causal language models of the installed transformers, class names by model type; None without it.

    The table is parsed from the source: importing it would import torch, which takes
    seconds and would block the window. Empty if the source is not as expected.
    """
    root = _root()
    if root is None:
        return None
    try:
        tree = ast.parse((root / _TABLE).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == _CAUSAL:
                assert isinstance(node.value, ast.Call), "it is an OrderedDict(...)"
                return dict(ast.literal_eval(node.value.args[0]))
    except (OSError, SyntaxError, ValueError, TypeError, AssertionError, IndexError):
        pass
    return {}


def _root() -> Path | None:
    spec = find_spec("transformers")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0]) if folders else None


def _has_module(kind: str) -> bool:
    root = _root()
    return root is not None and kind.isidentifier() and (root / "models" / kind).is_dir()
