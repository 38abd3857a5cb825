"""A fake torch device: tensors report another device, and are computed on the processor.

As on a GPU, an operation whose tensors are on two devices raises, NumPy cannot look in, and what is brought over
or waited for can be counted. So the whole of an agent's life can be tried where there is no GPU: what a processor
forgives, this does not. It says nothing of speed.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

ELSEWHERE = torch.device("meta")
"""What its tensors call their device: the one that Torch knows without having memory there."""
_HERE = torch.device("cpu")
_BRING = {"aten::_to_copy", "aten::copy_"}
"""Operations that may see both devices: it is what they are for."""
_ASK = {"aten::_local_scalar_dense", "aten::equal", "aten::nonzero", "aten::_unique2", "aten::repeat_interleave"}
"""Operations after which the processor must wait: a number, or the size of the answer, is decided over there."""


class TwoDevices(RuntimeError):
    """An operation was given tensors on two devices."""


class FarTensor(Tensor):
    """A tensor that says it is elsewhere; its `numbers` are on the processor."""

    numbers: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, near: Tensor) -> FarTensor:
        """Say that `near` is elsewhere."""
        with torch.inference_mode(False):  # Torch gives what is made in it no version, and then asks for one
            far: FarTensor = Tensor._make_wrapper_subclass(
                cls,
                near.size(),
                strides=near.stride(),
                storage_offset=near.storage_offset(),
                dtype=near.dtype,
                device=ELSEWHERE,
            )
        far.numbers = near
        return far

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # Torch tells of a method, and calls a class method
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Compute where no `SecondDevice` listens: as if one did."""
        with SecondDevice():
            return func(*args, **(kwargs or {}))

    def data_ptr(self) -> int:
        """Return where the numbers are."""
        return self.numbers.data_ptr()

    @property
    def data(self) -> Tensor:
        """The same numbers, without a history."""
        return self.detach()

    @data.setter
    def data(self, other: Tensor) -> None:
        self.numbers = near(other)


@contextmanager
def second_device() -> Iterator[SecondDevice]:
    """Meanwhile tensors can be made on and moved to `ELSEWHERE`, and mixing devices raises TwoDevices."""
    with warnings.catch_warnings(), SecondDevice() as device, _FromData():
        warnings.filterwarnings("ignore", message=".*to a meta parameter")  # which would hold no numbers: these do
        yield device


class SecondDevice(TorchDispatchMode):
    """Listens to every operation."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.brought: Counter[str] = Counter()
        """How often a tensor came over, by the line of ours that asked for it."""
        self.waited: Counter[str] = Counter()
        """How often the processor had to wait for an answer, likewise."""
        self.computed = 0
        """Operations on its tensors: on a GPU each is at least one launch."""

    def forget(self) -> None:
        """Count anew."""
        self.brought.clear()
        self.waited.clear()
        self.computed = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Compute on the processor, and say where the answer is."""
        named = dict(kwargs or {})
        tensors = [leaf for leaf in tree_leaves((args, named)) if isinstance(leaf, Tensor)]
        far = [tensor for tensor in tensors if isinstance(tensor, FarTensor)]
        name = func._schema.name
        self._notice(name, tensors, far, named.get("device"))
        self.computed += bool(far)
        is_far = bool(far) if named.get("device") is None else torch.device(named["device"]) == ELSEWHERE
        if "device" in named and named["device"] is not None:
            named["device"] = _HERE
        result = func(*tree_map(near, args), **tree_map(near, named))
        if _writes(func):
            return named["out"] if "out" in named else args[0]
        return tree_map(_far, result) if is_far else result

    def _notice(self, name: str, tensors: list[Tensor], far: list[FarTensor], device: Any) -> None:
        """Count what comes over or is waited for, and raise TwoDevices where that is not what was asked for."""
        near = [tensor for tensor in tensors if tensor.dim() and not isinstance(tensor, FarTensor)]
        goes = device is not None and torch.device(device) == ELSEWHERE
        comes = device is not None and not goes
        if name in _ASK and far:
            self.waited[_line()] += 1
        elif name in _BRING:
            if (far and (near or comes)) or (goes and not far):
                self.brought[_line()] += 1
        elif far and near:
            shapes = ", ".join(str(tuple(tensor.shape)) for tensor in near)
            raise TwoDevices(f"{name} at {_line()}: tensors of shape {shapes} were left on the processor")


class _FromData(TorchFunctionMode):
    """Makes tensors from lists of numbers and lists of tensors: Torch itself leaves the numbers out where none are."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Let everything else pass."""
        named = dict(kwargs or {})
        if func is Tensor.tolist and isinstance(args[0], FarTensor):
            return args[0].cpu().tolist()
        if func is Tensor.new_tensor:
            near = torch.tensor(*args[1:], **{**named, "device": _HERE})
            return near.to(named.get("device") or args[0].device)
        if func in (torch.tensor, torch.as_tensor) and named.get("device") is not None:
            return func(*args, **{**named, "device": _HERE}).to(named["device"])
        return func(*args, **named)


def _writes(func: Any) -> bool:
    """Tell whether an operation changes and returns what it was given."""
    returned = func._schema.returns
    return bool(returned) and returned[0].alias_info is not None and bool(returned[0].alias_info.is_write)


def near(leaf: Any) -> Any:
    """Return what a tensor that says it is elsewhere holds; anything else as it is."""
    return leaf.numbers if isinstance(leaf, FarTensor) else leaf


def _far(leaf: Any) -> Any:
    return FarTensor(leaf) if isinstance(leaf, Tensor) and not isinstance(leaf, FarTensor) else leaf


def _line() -> str:
    """Return the innermost line of ours, but these, that led here."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("agents.") and module != __name__:
            return f"{module}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return "?"
