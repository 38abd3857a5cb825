"""Detect a stalled run by its heartbeat."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from envs.external.active_calls import ActiveCall, active_call

PATIENCE = 30.0
"""Seconds without a step after which a run counts as stalled."""


@dataclass(frozen=True, slots=True)
class Stall:
    """The run has not taken a step for a while."""

    seconds: float
    task: str
    """Title of the running task, or id of the external environment that hangs; empty between two stages."""
    phase: str
    """Its last phase: acting, learning, consolidating, evaluating, adapting; making, while the run is created."""
    visit: ActiveCall | None = None
    """The call of an external environment that has not returned; None outside of any."""


class Heartbeat:
    """Updated by the thread that creates or trains a run, read by any other.

    It is paused while the run waits: for the consumer of its events, or in a pause.
    """

    def __init__(self) -> None:
        self.task = self.phase = ""
        self._since: float | None = None
        self._thread: int | None = None

    def beat(self) -> None:
        """Mark the start of a step."""
        self._since = monotonic()
        self._thread = threading.get_ident()

    def pause(self) -> None:
        """Stop timing until the next `beat`, because the run now waits for another thread."""
        self._since = None

    def stalled_for(self) -> float:
        """Return the seconds since the running step began; 0 while paused."""
        since = self._since
        return 0.0 if since is None else monotonic() - since

    def stall(self, patience: float | None = None) -> Stall | None:
        """Return the stall if the running step has taken longer than `patience` seconds; None stands for `PATIENCE`."""
        seconds = self.stalled_for()
        if seconds < (PATIENCE if patience is None else patience):
            return None
        call = active_call(self._thread)
        return Stall(seconds, self.task if call is None else call.world, self.phase, call)


class MakingHeartbeat(Heartbeat):
    """The heartbeat of a run that this thread is about to create; the creation is a single step.

    Only an external environment can hang there; anything else that takes long is loading.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = "making"
        self.beat()

    def stall(self, patience: float | None = None) -> Stall | None:
        """Return the stall once a call of an external environment has hung; None before."""
        stall = super().stall(patience)
        if stall is not None and stall.visit is not None:
            self.task = stall.task
        return stall if self.task else None


class StallWatch:
    """Calls `report`, in its own thread, once for each step that takes longer than `patience` seconds.

    None stands for `PATIENCE`.
    """

    def __init__(self, heartbeat: Heartbeat, report: Callable[[Stall], None], patience: float | None = None) -> None:
        self._heartbeat, self._report, self._patience = heartbeat, report, PATIENCE if patience is None else patience
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall watch", daemon=True)

    def __enter__(self) -> StallWatch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        is_reported = False
        while not self._over.wait(self._patience / 10):
            stall = self._heartbeat.stall(self._patience)
            if stall is not None and not is_reported:
                self._report(stall)
            is_reported = stall is not None
