"""The status bar: state of the run, and the load of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from agents.models.load_progress import LoadProgress
from agents.story import Story
from app.diagnostics.machine_load import MachineLoad
from widgets.scene import Scene
from widgets.shell.card import Elided
from widgets.style.translation import tr

STATES: Mapping[str, str] = {
    "idle": "Ready",
    "preparing": "Getting ready…",
    "running": "Learning…",
    "paused": "Paused",
    "stored": "Stored run",
}
ENDS: Mapping[str, str] = {"done": "Finished", "stopped": "Stopped", "fault": "Ended by an error"}
"""What is said of the run in front that is over, by the reason for its end."""
PHASES: Mapping[str, str] = {
    "evaluating": "Scoring…",
    "consolidating": "Holding on…",
    "adapting": "Adapting…",
}
"""What is said of a run that goes on, where it does anything but learn."""
ARRIVALS: Mapping[str, tuple[str, str]] = {
    "fetching": ("Fetching the model…", "Fetching the model, {megabytes} MB"),
    "converting": ("Converting the model…", ""),
    "loading": ("Loading the model…", ""),
}
"""What is said while a run gets ready, before there is a number to tell and with one."""
FIELDS = ("state", "steps", "rate", "weights", "processor", "graphics", "memory", "device")


class StatusBar(QStatusBar):
    """State, steps, speed, processor, memory, device and where the run is stored."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._fields = {name: QLabel(self) for name in FIELDS}
        self._folder = Elided(self)
        self._folder.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._state, self._phase, self._end = "idle", "", ""
        for label in self._fields.values():
            self.addWidget(label)
        self.addPermanentWidget(self._folder, 1)

    @property
    def state(self) -> str:
        """What it says that the lab is doing."""
        return self._fields["state"].text()

    def show_state(self, state: str) -> None:
        """Say what the lab is doing."""
        self._state = state
        self._reserve()
        self._say_state()

    def show_phase(self, phase: str) -> None:
        """Say what a run that goes on is doing."""
        self._phase = phase
        self._say_state()

    def show_arrival(self, arrival: LoadProgress) -> None:
        """Say how far the model of a run is that gets ready."""
        plain, counted = ARRIVALS[arrival.phase]
        said = tr(counted, megabytes=f"{arrival.done / 1e6:,.0f}") if counted and arrival.done else tr(plain)
        if self._state == "preparing":
            self._fields["state"].setText(said)

    def _say_state(self) -> None:
        told = {"running": PHASES.get(self._phase), "stored": ENDS.get(self._end)}
        said = told.get(self._state)
        self._fields["state"].setText(tr(said or STATES[self._state]))

    def _reserve(self) -> None:
        """Keep room for whatever may be said of the state, so that the other fields stand still."""
        field, widths = self._fields["state"], []
        field.setMinimumWidth(0)
        for text in (*STATES.values(), *ENDS.values(), *PHASES.values()):
            field.setText(tr(text))
            widths.append(field.sizeHint().width())
        field.setMinimumWidth(max(widths))

    def show_scene(self, scene: Scene) -> None:
        """Say how far the run is, how fast it goes, and where it computes."""
        story = scene.story
        end = story.finished.reason if story and story.finished else ""
        if end != self._end:
            self._end = end
            self._say_state()
        self._fields["steps"].setText(tr("step {step}", step=f"{story.step:,}") if story else "")
        rate = story.rate if story and scene.state == "running" else 0.0
        self._fields["rate"].setText(tr("{rate} steps/s", rate=f"{rate:,.0f}") if rate else "")
        self._fields["weights"].setText(_about(story, "weights", "{weights} weights"))
        self._fields["device"].setText(_about(story, "device", "on {device}"))

    def show_load(self, load: MachineLoad) -> None:
        """Say how busy the machine is."""
        self._fields["processor"].setText(tr("CPU {percent}%", percent=f"{load.processor:.0f}"))
        gpu = load.graphics
        self._fields["graphics"].setText("" if gpu is None else tr("GPU {percent}%", percent=f"{gpu:.0f}"))
        self._fields["memory"].setText(tr("memory {megabytes} MB", megabytes=f"{load.memory / 1e6:,.0f}"))

    def show_folder(self, folder: Path | None) -> None:
        """Say where the run in front is stored."""
        self._folder.set_full_text(folder.name if folder else "")
        self._folder.set_explanation(str(folder) if folder else "")


def _about(story: Story | None, key: str, template: str) -> str:
    value = story.agent.get(key) if story else None
    if not value:  # a table, and who acts at random, have no weights
        return ""
    return tr(template, **{key: f"{value:,}" if isinstance(value, int) else value})
