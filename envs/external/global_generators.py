"""Private generators for external environments that draw from the process-wide ones, so that runs stay reproducible.

During each call of an environment that draws from `numpy.random`, `random` or `torch`, the shared generators are
replaced by its own seeded ones. What other environments draw, in evaluations or in the viewer, then changes nothing.
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

_NUMPY: Any = np.random  # its stubs lack `get_bit_generator` and `set_bit_generator`
MERSENNE_TWISTER = 2_500
"""Size of its state in NumPy, in bytes: 624 words and a position."""
LOCK_TIMEOUT = 5.0
"""Seconds to wait for another thread's call; after that its environment counts as hanging."""


class PrivateGenerator(Protocol):
    """A generator that can replace the shared one of a module."""

    def __init__(self, seed: int) -> None: ...

    def install(self) -> None:
        """Replace the shared generator by the private one, and store the state of the shared one."""

    def uninstall(self) -> None:
        """Restore the shared generator, and store the private one's state for the next `install`."""

    @property
    def is_used(self) -> bool:
        """Whether a number was drawn from the private generator, or it was seeded, since its creation."""

    @staticmethod
    def shared_state() -> object:
        """Return the state of the shared generator; two states are equal if nothing was drawn in between."""


class NumPyGenerator:
    """Replaces NumPy's shared generator."""

    def __init__(self, seed: int) -> None:
        self._own = np.random.MT19937(seed)
        self._initial = _bytes(self._own)

    def install(self) -> None:
        """Replace the shared generator by the private one, and store the state of the shared one."""
        self._replaced = _NUMPY.get_bit_generator()
        _NUMPY.set_bit_generator(self._own)

    def uninstall(self) -> None:
        """Restore the shared generator, and store the private one's state for the next `install`."""
        _NUMPY.set_bit_generator(self._replaced)

    @property
    def is_used(self) -> bool:
        """Whether a number was drawn from the private generator."""
        return _bytes(self._own) != self._initial

    @staticmethod
    def shared_state() -> object:
        """Return the state of NumPy's shared generator, or the generator itself if it is not a Mersenne Twister."""
        generator = _NUMPY.get_bit_generator()
        return _bytes(generator) if isinstance(generator, np.random.MT19937) else generator


class PythonGenerator:
    """Replaces the generator of Python's module `random`."""

    def __init__(self, seed: int) -> None:
        self._own = self._initial = random.Random(seed).getstate()

    def install(self) -> None:
        """Replace the shared generator by the private one, and store the state of the shared one."""
        self._replaced = random.getstate()
        random.setstate(self._own)

    def uninstall(self) -> None:
        """Restore the shared generator, and store the private one's state for the next `install`."""
        self._own = random.getstate()
        random.setstate(self._replaced)

    @property
    def is_used(self) -> bool:
        """Whether a number was drawn from the private generator."""
        return self._own != self._initial

    @staticmethod
    def shared_state() -> object:
        """Return the state of the module's shared generator."""
        return random.getstate()


class TorchGenerator:
    """Replaces Torch's shared CPU generator, once something has imported Torch."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._own: Any = None
        self._initial: Any = None
        self._replaced: Any = None

    def install(self) -> None:
        """Replace the shared generator by the private one, and store the state of the shared one."""
        if (torch := sys.modules.get("torch")) is None:
            return
        if self._own is None:
            self._own = self._initial = torch.Generator().manual_seed(self._seed).get_state()
        self._replaced = torch.get_rng_state()
        torch.set_rng_state(self._own)

    def uninstall(self) -> None:
        """Restore the shared generator, and store the private one's state for the next `install`."""
        if self._replaced is not None:
            torch: Any = sys.modules["torch"]
            self._own = torch.get_rng_state()
            torch.set_rng_state(self._replaced)

    @property
    def is_used(self) -> bool:
        """Whether a number was drawn from the private generator."""
        return self._own is not None and not bool((self._own == self._initial).all())

    @staticmethod
    def shared_state() -> object:
        """Return the state of Torch's shared generator; None while nothing has imported Torch."""
        torch: Any = sys.modules.get("torch")
        return None if torch is None else torch.get_rng_state().numpy().tobytes()


SHARED: Mapping[str, type[PrivateGenerator]] = {
    "numpy.random": NumPyGenerator,
    "random": PythonGenerator,
    "torch": TorchGenerator,
}
"""Replacements by the module's name."""


def _bytes(generator: np.random.MT19937) -> bytes:
    # the property `state` takes 90 us for the same bytes
    return ctypes.string_at(generator.ctypes.state_address, MERSENNE_TWISTER)


class GeneratorLock:
    """Lets one thread at a time replace the shared generators. A thread that hangs meanwhile loses the lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @contextmanager
    def hold(self) -> Iterator[Callable[[], bool]]:
        """Hold the lock. Yields a function that returns whether it is still held; a hanging thread loses it."""
        lock = self._lock
        if not lock.acquire(timeout=LOCK_TIMEOUT):
            lock = self._lock = threading.RLock()  # later threads use this one; the hanging thread keeps the old one
            lock.acquire()
        try:
            yield lambda: self._lock is lock
        finally:
            lock.release()


GENERATOR_LOCK = GeneratorLock()
"""Held while drawing from a shared generator, which initialising layers of Torch does, too."""


class OwnGenerators:
    """The private generators of one environment, for the modules `names`."""

    def __init__(self, names: Iterable[str], seed: int = 0) -> None:
        self._names = tuple(names)
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Create the generators again with a seed."""
        self._rng = {name: SHARED[name](seed % 2**32) for name in self._names}

    @property
    def used(self) -> tuple[str, ...]:
        """Modules whose generators were drawn from since they were seeded."""
        return tuple(name for name, rng in self._rng.items() if rng.is_used)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Replace the shared generators by the private ones while the context is open."""
        with GENERATOR_LOCK.hold() as is_held:
            for rng in self._rng.values():
                rng.install()
            try:
                yield
            finally:
                if is_held():  # else another thread has replaced the generators since
                    for rng in self._rng.values():
                        rng.uninstall()


@contextmanager
def detect_draws(found: Callable[[tuple[str, ...]], None]) -> Iterator[None]:
    """Call `found` with the modules whose shared generators were drawn from while the context was open, if any."""
    with GENERATOR_LOCK.hold():
        before = [rng.shared_state() for rng in SHARED.values()]
        yield
        after = [rng.shared_state() for rng in SHARED.values()]
    if drawn := tuple(name for name, *states in zip(SHARED, before, after, strict=True) if states[0] != states[1]):
        found(drawn)
