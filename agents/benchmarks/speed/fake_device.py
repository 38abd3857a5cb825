"""A fake torch device: tensors report another device, but are computed on the processor.

As on a GPU, an operation on tensors of two devices raises, NumPy cannot access the data, and copies and
synchronisations can be counted. So a run can be tested for device errors without a GPU. It says nothing about speed.
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
"""Device that the tensors report: `meta`, which Torch knows but which has no memory."""
_PROCESSOR = torch.device("cpu")
_COPIES = {"aten::_to_copy", "aten::copy_"}
"""Operations that may mix devices: they copy between them."""
_WAITS = {"aten::_local_scalar_dense", "aten::equal", "aten::nonzero", "aten::_unique2", "aten::repeat_interleave"}
"""Operations that synchronise: the processor needs a value, or the size of the result, from the device."""


class TwoDevices(RuntimeError):
    """An operation was given tensors on two devices."""


class FarTensor(Tensor):
    """A tensor that reports `ELSEWHERE` as its device; its data, `numbers`, is on the processor."""

    numbers: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, near: Tensor) -> FarTensor:
        """Wrap `near`, a tensor on the processor."""
        # tensors created in inference mode have no version counter, which Torch reads later
        with torch.inference_mode(False):
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
    def __torch_dispatch__(  # type: ignore[override]  # declared as a method, called as a class method
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Dispatch outside of `second_device()` through a mode of its own."""
        with SecondDevice():
            return func(*args, **(kwargs or {}))

    def data_ptr(self) -> int:
        """Return the address of the data."""
        return self.numbers.data_ptr()

    @property
    def data(self) -> Tensor:
        """The same data without gradient history, of the same shape."""
        return self.detach()

    @data.setter
    def data(self, other: Tensor) -> None:
        """Replace the data by that of `other`, of the same shape."""
        self.numbers = to_near(other)


@contextmanager
def second_device() -> Iterator[SecondDevice]:
    """Allow tensors on `ELSEWHERE` inside the context; an operation that mixes devices raises TwoDevices."""
    with warnings.catch_warnings(), SecondDevice() as device, _FromData():
        warnings.filterwarnings("ignore", message=".*to a meta parameter")  # true of meta tensors, but these have data
        yield device


class SecondDevice(TorchDispatchMode):
    """Intercepts every operation, executes it on the processor and counts it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.copies: Counter[str] = Counter()
        """Copies from one device to the other, by the calling line of this package."""
        self.waits: Counter[str] = Counter()
        """Synchronisations, likewise."""
        self.operations = 0
        """Operations on tensors of the device; on a GPU each is at least one kernel launch."""

    def reset(self) -> None:
        """Set all counts to 0."""
        self.copies.clear()
        self.waits.clear()
        self.operations = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Execute `func` on the processor; wrap the result if it belongs on the device."""
        named = dict(kwargs or {})
        tensors = [leaf for leaf in tree_leaves((args, named)) if isinstance(leaf, Tensor)]
        far = [tensor for tensor in tensors if isinstance(tensor, FarTensor)]
        name = func._schema.name
        self._count(name, tensors, far, named.get("device"))
        self.operations += bool(far)
        is_far = bool(far) if named.get("device") is None else torch.device(named["device"]) == ELSEWHERE
        if "device" in named and named["device"] is not None:
            named["device"] = _PROCESSOR
        result = func(*tree_map(to_near, args), **tree_map(to_near, named))
        if _writes(func):
            return named["out"] if "out" in named else args[0]
        return tree_map(_to_far, result) if is_far else result

    def _count(self, name: str, tensors: list[Tensor], far: list[FarTensor], device: Any) -> None:
        """Count copies and synchronisations; raise TwoDevices if another operation mixes devices."""
        near = [tensor for tensor in tensors if tensor.dim() and not isinstance(tensor, FarTensor)]
        # tensors without dimensions may mix with any device, as in Torch
        is_upload = device is not None and torch.device(device) == ELSEWHERE
        is_download = device is not None and not is_upload
        if name in _WAITS and far:
            self.waits[_line()] += 1
        elif name in _COPIES:
            if (far and (near or is_download)) or (is_upload and not far):
                self.copies[_line()] += 1
        elif far and near:
            shapes = ", ".join(str(tuple(tensor.shape)) for tensor in near)
            raise TwoDevices(f"{name} at {_line()}: tensors of shape {shapes} were left on the processor")


class _FromData(TorchFunctionMode):
    """Handles functions that exchange Python numbers with tensors, which on `meta` would have no data."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Route these functions through the processor; call all others as they are."""
        named = dict(kwargs or {})
        if func is Tensor.tolist and isinstance(args[0], FarTensor):
            return args[0].cpu().tolist()
        if func is Tensor.new_tensor:
            tensor = torch.tensor(*args[1:], **{**named, "device": _PROCESSOR})
            return tensor.to(named.get("device") or args[0].device)
        if func in (torch.tensor, torch.as_tensor) and named.get("device") is not None:
            return func(*args, **{**named, "device": _PROCESSOR}).to(named["device"])
        return func(*args, **named)


def _writes(func: Any) -> bool:
    """Return whether an operation writes to its argument and returns it."""
    returned = func._schema.returns
    return bool(returned) and returned[0].alias_info is not None and bool(returned[0].alias_info.is_write)


def to_near(leaf: Any) -> Any:
    """Return the data of a `FarTensor` as a tensor on the processor; anything else unchanged."""
    return leaf.numbers if isinstance(leaf, FarTensor) else leaf


def _to_far(leaf: Any) -> Any:
    return FarTensor(leaf) if isinstance(leaf, Tensor) and not isinstance(leaf, FarTensor) else leaf


def _line() -> str:
    """Return the innermost line of `agents` outside this module on the call stack."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("agents.") and module != __name__:
            return f"{module}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return "?"
