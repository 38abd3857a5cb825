"""Run one generated environment after another in a window, in a subprocess.

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
from app.benchmarks.one_monkey import ErrorLog
from app.benchmarks.opened_window import prepared, wait_until
from app.benchmarks.world_defects import DEFECTS, RELEASED, DefectPlan, plan_world, register
from app.diagnostics.crashes import ExceptionHooks
from app.diagnostics.log_file import log_qt_messages
from app.session.resume import resume_without
from app.session.session import Session

LONG = 120.0
"""Maximum seconds of anything except a hang."""
WATCHED = ("render", "hang")
"""Defects that may show only in the watched world."""
FRAME = 15.0
"""Maximum seconds until a watched world is drawn."""
BRIEFLY = 0.3
"""Seconds between Start and Stop."""


class WorldTrial:
    """The trial of one world: run it, continue after a hang, and stop a second run."""

    def __init__(self, session: Session, plan: DefectPlan, errors: ErrorLog) -> None:
        self._session, self._plan, self._errors = session, plan, errors
        self._messages: list[str] = []
        self._has_hung = False
        session.noticed.connect(self._record_notice)
        session.live_run.stalled.connect(self._record_stall)

    def outcome(self) -> WorldOutcome:
        """Execute the trial."""
        session, plan, self._errors.lines = self._session, self._plan, []
        session.load(curriculum(plan))
        session.start()
        wait_until(lambda: self._is_over or self._has_hung, LONG + stall.PATIENCE)
        stopped = self._leave_hang() if self._has_hung else 0.0
        is_completed = self._is_other_completed()
        if plan.defect in WATCHED:
            wait_until(self._is_reported, FRAME + stall.PATIENCE)
        if not self._has_hung or not stopped:
            session.load(curriculum(plan))
            session.start()
            wait_until(lambda: False, BRIEFLY)
            stopped = self._stop()
        session.noticed.disconnect(self._record_notice)
        session.live_run.stalled.disconnect(self._record_stall)
        RELEASED.set()
        wait_until(lambda: False, BRIEFLY)
        RELEASED.clear()
        messages, errors = "\n".join(self._messages), tuple(self._errors.lines)
        return WorldOutcome(plan.name, plan.defect, "window", messages, errors, is_completed, stopped)

    @property
    def _is_over(self) -> bool:
        return not self._session.is_live and not self._session.live_run.is_active

    def _leave_hang(self) -> float:
        """Continue without the world, or stop and run the other stage; return the seconds that Stop took, or 0."""
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
        """Press Stop; return the seconds until another run can be started."""
        asked = monotonic()
        self._session.stop()
        wait_until(lambda: not self._session.is_live, LONG)
        return monotonic() - asked

    def _is_other_completed(self) -> bool:
        clips = self._session.story.clips if self._session.story else []
        return any(clip.stage.task == OTHER and clip.reason == "budget" for clip in clips)

    def _is_reported(self) -> bool:
        words = DEFECTS[self._plan.defect].message.split("|")
        return any(word in line for line in self._messages for word in words)

    def _record_notice(self, notice: object) -> None:
        if getattr(notice, "is_problem", False):
            self._messages.append(str(getattr(notice, "text", "")))

    def _record_stall(self, text: str) -> None:
        self._has_hung = True
        self._messages.append(text)


def main(worlds: int, controls: int, patience: float, seed: int, folder: Path) -> int:
    """Open the window; run `worlds` trials with a defective environment and `controls` with an intact one.

    Prints each outcome as a line of JSON, then exits with code 0. A call that takes more than `patience` seconds counts
    as hung. The runs are stored in `folder`.
    """
    stall.PATIENCE = patience
    log_qt_messages()
    QApplication(sys.argv[:1])
    errors, hooks = ErrorLog(), ExceptionHooks()
    logging.getLogger().addHandler(errors)
    window, log = prepared(folder, "--size", "1280x800")
    window.show()
    wait_until(lambda: window.session.watching.viewer.isRunning(), LONG)
    for plan in (
        *(plan_world(seed, index) for index in range(worlds)),
        *(plan_world(seed, index, is_intact=True) for index in range(controls)),
    ):
        register(plan)
        errors.activity = plan.name
        print(json.dumps(asdict(WorldTrial(window.session, plan, errors).outcome())), flush=True)
    hooks.end()
    log.close()
    RELEASED.set()
    sys.stdout.flush()
    os._exit(0)  # a normal exit would wait for threads that hang


if __name__ == "__main__":
    worlds, controls, patience, seed, folder = sys.argv[1:]
    sys.exit(main(int(worlds), int(controls), float(patience), int(seed), Path(folder)))
