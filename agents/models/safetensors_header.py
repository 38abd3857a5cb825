"""Names, shapes and types of the tensors in safetensors files, from their headers alone."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from agents.models import StoredTensor

SINGLE_FILE, INDEX = "model.safetensors", "model.safetensors.index.json"
"""The file with all weights; or, if they are in several files, the index that maps weights to files."""


def weight_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a model's weights. Raises ValueError, in one line, if one of them is missing."""
    if (folder / SINGLE_FILE).is_file():
        return (folder / SINGLE_FILE,)
    if not (folder / INDEX).is_file():
        known = ", ".join(sorted(path.name for path in folder.glob("*.safetensors"))[:3])
        raise ValueError(
            f"has {known or 'no *.safetensors'} but neither {SINGLE_FILE} nor {INDEX}; get the model again"
        )
    files = tuple(folder / name for name in sorted(set(_index(folder / INDEX).values())))
    if missing := [path.name for path in files if not path.is_file()]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ValueError(f"lacks {missing[0]}{more}, which {INDEX} names; get the model again")
    return files


def stored_tensors(folder: Path) -> dict[str, StoredTensor]:
    """Return all tensors of a model, by name. Raises ValueError, in one line, if a file is missing or damaged."""
    files = weight_files(folder)
    headers = {path.name: header(path) for path in files}
    if files != (folder / SINGLE_FILE,):
        for name, file in _index(folder / INDEX).items():
            if name not in headers[file]:
                raise ValueError(f"has no weight {name[:80]!r} in {file}, where {INDEX} puts it; get the model again")
    return {name: tensor for tensors in headers.values() for name, tensor in tensors.items()}


def header(path: Path) -> dict[str, StoredTensor]:
    """Return the tensors of one file, by name. Raises ValueError, in one line, if it is no whole safetensors file.

    The library maps the file and reads only its header, of at most 100 MB.
    """
    try:
        with safe_open(path, framework="np") as file:
            slices = {str(name): file.get_slice(name) for name in file.keys()}  # noqa: SIM118  not a mapping
            return {
                name: StoredTensor(tuple(tensor_slice.get_shape()), tensor_slice.get_dtype())
                for name, tensor_slice in slices.items()
            }
    except (OSError, SafetensorError) as error:
        reason = str(error).removeprefix("Error while deserializing header: ").splitlines()[0][:120]
        raise ValueError(f"{path.name} is no whole safetensors file ({reason}); get it again") from error


def _index(path: Path) -> dict[str, str]:
    """Return the file name of each weight. Raises ValueError if the index is damaged, or names a path elsewhere."""
    try:
        weight_map = json.loads(path.read_bytes())["weight_map"]
        if not weight_map or not all(isinstance(file, str) and file == Path(file).name for file in weight_map.values()):
            raise ValueError("no table of weights and files")
        return {str(name): file for name, file in weight_map.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise ValueError(f"{path.name} cannot be used ({reason}); get the model again") from error
