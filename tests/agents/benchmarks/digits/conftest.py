"""The real avalanche, of which the development environment has the wheel alone, without what it depends on."""

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
"""What avalanche imports for its data sets, big networks, plots and logs, of which the guards use nothing."""


class Anything(type):
    """The type of classes that have whatever they are asked for, can be called, and can be inherited from."""

    def __getattr__(cls, name):
        return _asked(name, cls)


class StandIn(ModuleType):
    """A module in which everything can be found that is imported from it, and which does nothing."""

    __path__ = ()

    def __getattr__(self, name):
        return _asked(name, self)


def _asked(name, of):
    if name.startswith("__"):
        raise AttributeError(f"{of} has no {name}")
    return Anything(name, (), {"__init__": lambda self, *rest, **named: None, "__call__": lambda self, given: given})


class StandIns:
    """Finds a stand-in for each unused module. It is asked before others, lest half of them are the real ones."""

    def find_spec(self, name, path=None, target=None):
        is_unused = name in UNUSED or name.partition(".")[0] in UNUSED
        return ModuleSpec(name, self, is_package=True) if is_unused else None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


@pytest.fixture(scope="module")
def shipped():
    """Let avalanche be imported as it is shipped; afterwards there is no trace of it, nor of the stand-ins."""
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
        torch.utils.data.Dataset.__add__ = plus  # avalanche puts its own in its place
        sys.modules.update(hidden)
