"""Open a window on one faulty external environment after another, in a subprocess.

    python -m app.benchmarks.external_world_window WORLDS CONTROLS PATIENCE SEED FOLDER

Prints one JSON object a world, as `app.benchmarks.external_worlds.WorldOutcome`.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic

from PySide6.QtWidgets import QApplication

from agents.runtime import stall
from app.benchmarks.external_worlds import OTHER, WorldOutcome, curriculum
from app.benchmarks.one_monkey import Errors
from app.benchmarks.opened_window import prepared, wait_until
from app.benchmarks.world_defects import DEFECTS, FREED, DefectPlan, planned, register
from app.diagnostics.crashes import ExceptionHooks
from app.diagnostics.log_file import log_qt_messages
from app.session.resume import resume_without
from app.session.session import Session

LONG = 120.0
"""Seconds that anything may take besides a hang."""
WATCHED = ("render", "hang")
"""Defects that may show in the watched world alone."""
A_FRAME = 15.0
"""Seconds in which a watched world is to be drawn."""
A_WHILE = 0.3
"""Seconds that a run may go on before Stop is pressed."""


class WorldTrial:
    """One world in the window: lived in, left if it hangs, and stopped."""

    def __init__(self, session: Session, plan: DefectPlan, errors: Errors) -> None:
        self._session, self._plan, self._errors = session, plan, errors
        self.said: list[str] = []
        self.hung = ""
        session.noticed.connect(self._hear)
        session.live_run.stalled.connect(self._hear_of_a_hang)

    def outcome(self) -> WorldOutcome:
        """Live through all of it."""
        session, plan, self._errors.lines = self._session, self._plan, []
        session.load(curriculum(plan))
        session.start()
        wait_until(lambda: self._is_over or bool(self.hung), LONG + stall.PATIENCE)
        stopped = self._leave_a_hang() if self.hung else 0.0
        is_lived = self._has_lived()
        if plan.defect in WATCHED:
            wait_until(self._is_told, A_FRAME + stall.PATIENCE)
        if not self.hung or not stopped:
            session.load(curriculum(plan))
            session.start()
            wait_until(lambda: False, A_WHILE)
            stopped = self._stop()
        session.noticed.disconnect(self._hear)
        session.live_run.stalled.disconnect(self._hear_of_a_hang)
        FREED.set()
        wait_until(lambda: False, A_WHILE)
        FREED.clear()
        errors = tuple(self._errors.lines)
        return WorldOutcome(plan.name, plan.defect, "window", "\n".join(self.said), errors, is_lived, stopped)

    @property
    def _is_over(self) -> bool:
        return not self._session.is_live and not self._session.live_run.is_on

    def _leave_a_hang(self) -> float:
        """Go on without the world as it is offered, or stop and begin again; return the seconds that Stop took."""
        session, stopped = self._session, 0.0
        if self._plan.step % 4 < 2:
            resume_without(session, session.live_run.hung_world)
        else:
            stopped = self._stop()
            config = curriculum(self._plan)
            others = tuple(stage for stage in config.stages if stage.task == OTHER)
            session.load(config.model_copy(update={"stages": others}))
            session.start()
        wait_until(lambda: self._is_over, LONG)
        return stopped

    def _stop(self) -> float:
        """Press Stop, and return how many seconds the window took to be free for something else."""
        asked = monotonic()
        self._session.stop()
        wait_until(lambda: not self._session.is_live, LONG)
        return monotonic() - asked

    def _has_lived(self) -> bool:
        clips = self._session.story.clips if self._session.story else []
        return any(clip.stage.task == OTHER and clip.reason == "budget" for clip in clips)

    def _is_told(self) -> bool:
        words = DEFECTS[self._plan.defect].told.split("|")
        return any(word in line for line in self.said for word in words)

    def _hear(self, notice: object) -> None:
        if getattr(notice, "is_problem", False):
            self.said.append(str(getattr(notice, "text", "")))

    def _hear_of_a_hang(self, text: str) -> None:
        self.hung = text
        self.said.append(text)


def main(worlds: int, controls: int, patience: float, seed: int, folder: Path) -> int:
    """Open the window, and visit every world; the exit code is 0."""
    stall.PATIENCE = patience
    log_qt_messages()
    QApplication(sys.argv[:1])
    errors, hooks = Errors(), ExceptionHooks()
    logging.getLogger().addHandler(errors)
    window, log = prepared(folder, "--size", "1280x800")
    window.show()
    wait_until(lambda: window.session.watching.viewer.isRunning(), LONG)
    for plan in (
        *(planned(seed, place) for place in range(worlds)),
        *(planned(seed, place, is_sound=True) for place in range(controls)),
    ):
        register(plan)
        errors.doing = plan.name
        print(json.dumps(asdict(WorldTrial(window.session, plan, errors).outcome())), flush=True)
    hooks.end()
    log.close()
    FREED.set()
    sys.stdout.flush()
    os._exit(0)  # threads that hang would be waited for


if __name__ == "__main__":
    numbers = [int(sys.argv[place]) for place in (1, 2, 4)]
    sys.exit(main(numbers[0], numbers[1], float(sys.argv[3]), numbers[2], Path(sys.argv[5])))
