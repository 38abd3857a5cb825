"""Random generators that a whole process shares, and that somebody's world may draw from: to each world its own.

A world that draws from `numpy.random`, `random` or `torch` finds, within each of its calls, generators in their place
that it was seeded with. So what other worlds draw, in evaluations or while somebody watches, changes nothing.
"""

from __future__ import annotations

import ctypes
import random
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

_NUMPY: Any = np.random  # its stubs leave out what exchanges the shared generator
MERSENNE_TWISTER = 2_500
"""Bytes of its state in NumPy: 624 words, and the place among them."""
PATIENCE = 5.0
"""Seconds to wait for another thread to be through with a call; after that its world hangs."""


class ReplacedGenerator(Protocol):
    """A generator that takes the place of a shared one."""

    def __init__(self, seed: int) -> None: ...

    def enter(self) -> None:
        """Stand in its place."""

    def leave(self) -> None:
        """Give it its place back."""

    @property
    def used(self) -> bool:
        """Whether it was drawn from, or seeded, since it was made."""

    @staticmethod
    def shared() -> object:
        """Return the state of the shared one, to be compared."""


class NumPyGenerator:
    """In the place of NumPy's shared generator."""

    def __init__(self, seed: int) -> None:
        self._own = np.random.MT19937(seed)
        self._begun = _bytes(self._own)

    def enter(self) -> None:
        """Stand in its place."""
        self._before = _NUMPY.get_bit_generator()
        _NUMPY.set_bit_generator(self._own)

    def leave(self) -> None:
        """Give it its place back."""
        _NUMPY.set_bit_generator(self._before)

    @property
    def used(self) -> bool:
        """Whether it was drawn from."""
        return _bytes(self._own) != self._begun

    @staticmethod
    def shared() -> object:
        """Return its state, or the generator itself if it is of another kind than it was at first."""
        now = _NUMPY.get_bit_generator()
        return _bytes(now) if isinstance(now, np.random.MT19937) else now


class PythonGenerator:
    """In the place of the generator of Python's module `random`."""

    def __init__(self, seed: int) -> None:
        self._own = self._begun = random.Random(seed).getstate()

    def enter(self) -> None:
        """Stand in its place."""
        self._before = random.getstate()
        random.setstate(self._own)

    def leave(self) -> None:
        """Give it its place back."""
        self._own = random.getstate()
        random.setstate(self._before)

    @property
    def used(self) -> bool:
        """Whether it was drawn from."""
        return self._own != self._begun

    @staticmethod
    def shared() -> object:
        """Return its state."""
        return random.getstate()


class TorchGenerator:
    """In the place of Torch's shared generator of the CPU, once something has imported Torch."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._own: Any = None
        self._begun: Any = None
        self._before: Any = None

    def enter(self) -> None:
        """Stand in its place."""
        if (torch := sys.modules.get("torch")) is None:
            return
        if self._own is None:
            self._own = self._begun = torch.Generator().manual_seed(self._seed).get_state()
        self._before = torch.get_rng_state()
        torch.set_rng_state(self._own)

    def leave(self) -> None:
        """Give it its place back."""
        if self._before is not None:
            torch: Any = sys.modules["torch"]
            self._own = torch.get_rng_state()
            torch.set_rng_state(self._before)

    @property
    def used(self) -> bool:
        """Whether it was drawn from."""
        return self._own is not None and not bool((self._own == self._begun).all())

    @staticmethod
    def shared() -> object:
        """Return its state; None while nothing has imported Torch."""
        torch: Any = sys.modules.get("torch")
        return None if torch is None else torch.get_rng_state().numpy().tobytes()


SHARED: Mapping[str, type[ReplacedGenerator]] = {
    "numpy.random": NumPyGenerator,
    "random": PythonGenerator,
    "torch": TorchGenerator,
}
"""By the name of the module."""


def _bytes(generator: np.random.MT19937) -> bytes:
    # `state` takes 90 us to tell the same
    return ctypes.string_at(generator.ctypes.state_address, MERSENNE_TWISTER)


class GeneratorLock:
    """One thread at a time has its own generators in place of the shared ones; one that hangs meanwhile is passed."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @contextmanager
    def hold(self) -> Iterator[Callable[[], bool]]:
        """Hold the turn. Yields what tells whether it is still held: it is taken from a thread that hangs."""
        lock = self._lock
        if not lock.acquire(timeout=PATIENCE):
            lock = self._lock = threading.RLock()
            lock.acquire()
        try:
            yield lambda: self._lock is lock
        finally:
            lock.release()


GENERATOR_LOCK = GeneratorLock()
"""Whatever draws from a shared generator, or initialises layers of Torch, which draws, does so in its turn."""


class OwnGenerators:
    """Generators in place of those of the modules `names`, for one world."""

    def __init__(self, names: Iterable[str], seed: int = 0) -> None:
        self._names = tuple(names)
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Begin anew."""
        self._rng = {name: SHARED[name](seed % 2**32) for name in self._names}

    @property
    def used(self) -> tuple[str, ...]:
        """Names of those that were drawn from since they were seeded."""
        return tuple(name for name, rng in self._rng.items() if rng.used)

    @contextmanager
    def thrown(self) -> Iterator[None]:
        """Put the world's own generators in the place of the shared ones, and give those back."""
        with GENERATOR_LOCK.hold() as is_held:
            for rng in self._rng.values():
                rng.enter()
            try:
                yield
            finally:
                if is_held():
                    for rng in self._rng.values():
                        rng.leave()


@contextmanager
def noticed(found: Callable[[tuple[str, ...]], None]) -> Iterator[None]:
    """Tell `found` which shared generators were drawn from meanwhile, if any."""
    with GENERATOR_LOCK.hold():
        before = [rng.shared() for rng in SHARED.values()]
        yield
        after = [rng.shared() for rng in SHARED.values()]
    if drawn := tuple(name for name, *states in zip(SHARED, before, after, strict=True) if states[0] != states[1]):
        found(drawn)
