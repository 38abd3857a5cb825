"""Supported architectures, read from the installed transformers without importing it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from agents.models import ModelWarning, StoredModel

UNREADABLE = ("mamba", "mamba2", "falcon_mamba", "rwkv", "bert", "bloom", "xlnet", "reformer")
"""Kinds that transformers knows and loading refuses: what a prompt's phrases share cannot be read once in them."""
UNKNOWN = "its architecture, {kind!r}, is not known to this version of transformers; choose another model"
NO_TEXT = "its architecture, {kind!r}, does not continue text from left to right; choose a causal language model"
UNSHARED = "its architecture, {kind!r}, cannot read a prompt once for all actions; choose another model"
NO_EXTRA = "it needs the extra llm: pip install 'palimpsest[llm]'"
_TABLE = Path("models/auto/modeling_auto.py")
_CAUSAL = "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES"


def architecture(model: StoredModel) -> str:
    """Return what the model calls its architecture."""
    named = model.settings.get("architectures")
    first = named[0] if isinstance(named, list) and named else model.settings.get("model_type", "")
    return str(first)


def unfit(model: StoredModel) -> ModelWarning | None:
    """Return why a model's architecture cannot be the agent; None if nothing is known to speak against it."""
    known = causal_kinds()
    if known is None:
        return ModelWarning(NO_EXTRA)
    kind = str(model.settings.get("model_type", ""))
    if kind in UNREADABLE:
        return ModelWarning(UNSHARED, {"kind": kind})
    if kind in known:
        return None
    return ModelWarning(NO_TEXT if _has_module(kind) else UNKNOWN, {"kind": kind})


@cache
def causal_kinds() -> Mapping[str, str] | None:
    """Return the causal language models that the installed transformers knows; None where it is not installed.

    Its table is read as text: importing it would import Torch, which takes seconds, and
    whoever asks may be a window. Empty if that text is not what it was.
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
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def _has_module(kind: str) -> bool:
    root = _root()
    return root is not None and kind.isidentifier() and (root / "models" / kind).is_dir()
