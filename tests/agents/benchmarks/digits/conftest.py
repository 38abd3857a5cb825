"""The real avalanche; the development environment has its wheel without the dependencies."""

import sys
import warnings
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest
import torch

from agents.benchmarks.digits import avalanche

UNUSED = (
    *("dill", "gdown", "GPUtil", "matplotlib", "PIL", "pytorchcv", "qpsolvers", "torchmetrics", "torchvision", "tqdm"),
    *("torch.utils.tensorboard", "wandb"),
)
"""Modules that avalanche imports for data sets, large networks, plots and logs, but its strategies do not use."""


class Anything(type):
    """The metaclass of stand-in classes: any attribute exists, and they can be called and subclassed."""

    def __getattr__(cls, name):
        return _stand_in(name, cls)


class StandIn(ModuleType):
    """A module from which any name can be imported; the objects do nothing."""

    __path__ = ()

    def __getattr__(self, name):
        return _stand_in(name, self)


def _stand_in(name, of):
    if name.startswith("__"):
        raise AttributeError(f"{of} has no {name}")
    return Anything(name, (), {"__init__": lambda self, *rest, **named: None, "__call__": lambda self, given: given})


class StandIns:
    """Finder of stand-ins for the unused modules; it comes first, so that none of them is a real one."""

    def find_spec(self, name, path=None, target=None):
        is_unused = name in UNUSED or name.partition(".")[0] in UNUSED
        return ModuleSpec(name, self, is_package=True) if is_unused else None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


@pytest.fixture(scope="module")
def shipped():
    """Import avalanche as shipped; afterwards remove it and the stand-ins from `sys.modules`."""
    finder, before, plus = StandIns(), dict(sys.modules), torch.utils.data.Dataset.__add__
    hidden = {name: sys.modules.pop(name) for name in before if name.partition(".")[0] in UNUSED or name in UNUSED}
    sys.meta_path.insert(0, finder)
    try:
        with warnings.catch_warnings():
            avalanche.require()
        yield
    finally:
        sys.meta_path.remove(finder)
        for name, module in list(sys.modules.items()):
            if isinstance(module, StandIn) or name.partition(".")[0] == "avalanche":
                del sys.modules[name]
        vars(torch.utils).pop("tensorboard", None)
        torch.utils.data.Dataset.__add__ = plus  # avalanche replaces it
        sys.modules.update(hidden)
