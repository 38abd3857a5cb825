"""Detect a stalled run by its heartbeat."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from envs.external.active_calls import ActiveCall, active_call

PATIENCE = 30.0
"""Seconds without a step until that is said."""


@dataclass(frozen=True, slots=True)
class Stall:
    """The run has not taken a step for a while."""

    seconds: float
    task: str
    """What it lives, or somebody's world by its id; empty between two stages."""
    phase: str
    """What it did last: acting, learning, consolidating, evaluating, adapting; making, while it is made."""
    visit: ActiveCall | None = None
    """The call of somebody's world that has not come back; None if it is in none."""


class Heartbeat:
    """Touched by the thread that makes or lives a run, read by any other.

    It rests while the run waits for somebody: for whoever iterates it, or in a pause.
    """

    def __init__(self) -> None:
        self.task = self.phase = ""
        self._since: float | None = None
        self._thread: int | None = None

    def beat(self) -> None:
        """Begin another step."""
        self._since = monotonic()
        self._thread = threading.get_ident()

    def rest(self) -> None:
        """Hand over to somebody else: what takes long now is not the run."""
        self._since = None

    def stalled_for(self) -> float:
        """Return the seconds since the running step began; 0 at rest."""
        since = self._since
        return 0.0 if since is None else monotonic() - since

    def stall(self, patience: float | None = None) -> Stall | None:
        """Return how it hangs, if its running step has taken longer than `patience` seconds."""
        seconds = self.stalled_for()
        if seconds < (PATIENCE if patience is None else patience):
            return None
        guest = active_call(self._thread)
        return Stall(seconds, self.task if guest is None else guest.world, self.phase, guest)


class MakingHeartbeat(Heartbeat):
    """The heartbeat of a run that this thread begins to make: the whole of it is one step.

    Only somebody's world can hang there; whatever else takes long is loaded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = "making"
        self.beat()

    def stall(self, patience: float | None = None) -> Stall | None:
        """Return how it hangs, once it has been met within a world."""
        stall = super().stall(patience)
        if stall is not None and stall.visit is not None:
            self.task = stall.task
        return stall if self.task else None


class StallWatch:
    """Calls `tell`, in a thread of its own, once for each step that takes longer than `patience` seconds.

    None stands for `PATIENCE`.
    """

    def __init__(self, heart: Heartbeat, tell: Callable[[Stall], None], patience: float | None = None) -> None:
        self._heartbeat, self._tell, self._patience = heart, tell, PATIENCE if patience is None else patience
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall watch", daemon=True)

    def __enter__(self) -> StallWatch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        was_told = False
        while not self._over.wait(self._patience / 10):
            stall = self._heartbeat.stall(self._patience)
            if stall is not None and not was_told:
                self._tell(stall)
            was_told = stall is not None
