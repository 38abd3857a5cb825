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

STATE_TEXTS: Mapping[str, str] = {
    "idle": "Ready",
    "preparing": "Getting ready…",
    "running": "Learning…",
    "paused": "Paused",
    "stored": "Stored run",
}
END_TEXTS: Mapping[str, str] = {"done": "Finished", "stopped": "Stopped", "fault": "Ended by an error"}
"""Text of a stored run, by the reason for its end."""
PHASE_TEXTS: Mapping[str, str] = {
    "evaluating": "Evaluating…",
    "consolidating": "Consolidating…",
    "adapting": "Adapting…",
}
"""Text of an active run in a phase other than training."""
LOAD_TEXTS: Mapping[str, tuple[str, str]] = {
    "fetching": ("Fetching the model…", "Fetching the model, {megabytes} MB"),
    "converting": ("Converting the model…", ""),
    "loading": ("Loading the model…", ""),
}
"""Text while a run's model is loaded: without and with the size loaded so far."""
FIELDS = ("state", "steps", "rate", "weights", "processor", "graphics", "memory", "device")


class StatusBar(QStatusBar):
    """Shows state, steps, speed, machine load, device and folder of the run."""

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
        """The text of the state."""
        return self._fields["state"].text()

    def show_state(self, state: str) -> None:
        """Show the session's state."""
        self._state = state
        self._reserve_width()
        self._update_state()

    def show_phase(self, phase: str) -> None:
        """Show the phase of the active run."""
        self._phase = phase
        self._update_state()

    def show_load_progress(self, progress: LoadProgress) -> None:
        """Show the progress of loading the model of a run that is being prepared."""
        plain, counted = LOAD_TEXTS[progress.phase]
        text = tr(counted, megabytes=f"{progress.done / 1e6:,.0f}") if counted and progress.done else tr(plain)
        if self._state == "preparing":
            self._fields["state"].setText(text)

    def _update_state(self) -> None:
        detailed = {"running": PHASE_TEXTS.get(self._phase), "stored": END_TEXTS.get(self._end)}
        text = detailed.get(self._state)
        self._fields["state"].setText(tr(text or STATE_TEXTS[self._state]))

    def _reserve_width(self) -> None:
        """Make the state's field as wide as its longest text, so that the other fields don't move."""
        field, widths = self._fields["state"], []
        field.setMinimumWidth(0)
        for text in (*STATE_TEXTS.values(), *END_TEXTS.values(), *PHASE_TEXTS.values()):
            field.setText(tr(text))
            widths.append(field.sizeHint().width())
        field.setMinimumWidth(max(widths))

    def show_scene(self, scene: Scene) -> None:
        """Show the run's steps, speed, number of weights and device."""
        story = scene.story
        end = story.finished.reason if story and story.finished else ""
        if end != self._end:
            self._end = end
            self._update_state()
        self._fields["steps"].setText(tr("step {step}", step=f"{story.step:,}") if story else "")
        rate = story.rate if story and scene.state == "running" else 0.0
        self._fields["rate"].setText(tr("{rate} steps/s", rate=f"{rate:,.0f}") if rate else "")
        self._fields["weights"].setText(_agent_text(story, "weights", "{weights} weights"))
        self._fields["device"].setText(_agent_text(story, "device", "on {device}"))

    def show_load(self, load: MachineLoad) -> None:
        """Show the load of the machine."""
        self._fields["processor"].setText(tr("CPU {percent}%", percent=f"{load.processor:.0f}"))
        gpu = load.graphics
        self._fields["graphics"].setText("" if gpu is None else tr("GPU {percent}%", percent=f"{gpu:.0f}"))
        self._fields["memory"].setText(tr("memory {megabytes} MB", megabytes=f"{load.memory / 1e6:,.0f}"))

    def show_folder(self, folder: Path | None) -> None:
        """Show the folder of the displayed run."""
        self._folder.set_full_text(folder.name if folder else "")
        self._folder.set_explanation(str(folder) if folder else "")


def _agent_text(story: Story | None, key: str, template: str) -> str:
    value = story.agent.get(key) if story else None
    if not value:  # tables of values and random policies have no weights
        return ""
    return tr(template, **{key: f"{value:,}" if isinstance(value, int) else value})
